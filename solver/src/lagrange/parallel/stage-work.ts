import { COLUMNS, type ColumnStore, Columns, type Heritage } from "../columns.ts";
import { KIND } from "../flat.ts";
import { Pricer } from "../pricer.ts";
import type { StageArrays } from "../stage-model.ts";
import type { Arena } from "./arena.ts";
import { Selection, type SelectionStore } from "./selection.ts";

/** Jobs on a stage that are done in chunks: by place in the list to price, or by block of the selection. */
export const KERNEL_NAMES = ["price", "pure", "inherit", "rescale", "gather", "evaluate", "curve"] as const;
export type KernelName = (typeof KERNEL_NAMES)[number];

/** Workloads that are priced in one chunk, at least. */
const LEAST_PART = 128;
/** Chunks at most: tickets count up to 2046. */
const MOST_PARTS = 1024;

/** Of the replicas that a workload may miss while minima are settled (nothing costs then), what counts as its unit. */
const WEIGHT_SHARE = 0.3;

/** What a pass is asked and what it answers. */
export function passStore(model: StageArrays, arena: Arena) {
  const w = model.flat.workloads;
  return {
    prices: arena.floats(model.capacity.length),
    /** Temperature, and rows that Newton moves. */
    params: arena.floats(2),
    /** Workloads to price, and how many they are. */
    list: arena.ints(w),
    length: arena.ints(1).fill(0),
    /** By place in the list: proved least priced value; Infinity where the hard need cannot be met. */
    lower: arena.floats(w),
    /** By place in the list: 1 where the pattern was new. */
    added: arena.bytes(w),
  };
}
export type PassStore = ReturnType<typeof passStore>;

/** All that the threads of a stage look at: numbers in shared memory. */
export interface SharedStage {
  model: StageArrays;
  columns: ColumnStore;
  selection: SelectionStore;
  pass: PassStore;
  /** Columns of the stage before. */
  before: Heritage | undefined;
}

/** The work on one stage. Each thread has its own; chunks of a job touch disjoint places. */
export class StageWork {
  readonly columns: Columns;
  readonly selection: Selection;
  readonly pricer: Pricer;
  readonly pass: PassStore;
  private pure: Pricer | undefined;
  private readonly stage: SharedStage;

  constructor(stage: SharedStage) {
    this.stage = stage;
    this.pass = stage.pass;
    this.columns = new Columns(stage.model, stage.columns);
    this.selection = new Selection(this.columns, stage.selection);
    this.pricer = new Pricer(stage.model);
  }

  /** Chunks of a pass over the list. */
  get parts(): number {
    return Math.ceil(this.pass.length[0]! / this.part);
  }

  private get part(): number {
    return Math.max(LEAST_PART, Math.ceil(this.pass.length[0]! / MOST_PARTS));
  }

  run(kernel: KernelName, chunk: number): void {
    const { prices, params } = this.pass;
    if (kernel === "gather") this.selection.gather(chunk, prices, params[0]!);
    else if (kernel === "evaluate") this.selection.evaluate(chunk, prices, params[0]!);
    else if (kernel === "curve") this.selection.curve(chunk, params[0]!, params[1]!);
    else this.ofList(kernel, chunk);
  }

  private ofList(kernel: "price" | "pure" | "inherit" | "rescale", chunk: number): void {
    const from = chunk * this.part;
    const to = Math.min(this.pass.length[0]!, from + this.part);
    const { kind } = this.stage.model.flat;
    // request types need the instance, which stays with the thread of the stage
    for (let i = from; i < to; i++)
      if (kernel === "rescale" || kind[this.pass.list[i]!] !== KIND.types) this.one(kernel, i);
  }

  /** The workload at place i of the list. */
  one(kernel: "price" | "pure" | "inherit" | "rescale", i: number): void {
    const { pass, columns, stage } = this;
    const { prices } = pass;
    const m = pass.list[i]!;
    if (kernel === "inherit") columns.inheritOne(m, stage.before!, prices);
    else if (kernel === "rescale") this.rescale(m);
    else if (kernel === "pure") {
      this.pure ??= new Pricer({ ...stage.model, costFactor: 0 });
      this.pure.solve(m, prices);
      pass.lower[i] = this.pure.lower;
    } else {
      const met = this.pricer.solve(m, prices) < Number.POSITIVE_INFINITY;
      pass.lower[i] = met ? this.pricer.lower : Number.POSITIVE_INFINITY;
      pass.added[i] = met && columns.add(m, this.pricer.x, 0, prices) ? 1 : 0;
    }
  }

  /** The unit in which m chooses: what it pays at the prices, all in all; for floors at least a share of what it may miss. */
  private rescale(m: number): void {
    const { columns, stage } = this;
    const { scale } = stage.selection;
    const { prices } = this.pass;
    const c = columns.cheapest(m, prices);
    let unit = c < 0 ? 0 : Math.abs(columns.priced(m, c, prices));
    if (stage.model.costFactor === 0)
      for (let k = 0; k < columns.count[m]!; k++)
        unit = Math.max(unit, WEIGHT_SHARE * columns.objective[m * COLUMNS + k]!);
    scale[m] = unit;
  }
}
