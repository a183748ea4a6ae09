import { columnStore } from "../columns.ts";
import { KIND } from "../flat.ts";
import type { StageModel } from "../stage-model.ts";
import { Arena } from "./arena.ts";
import { Crew } from "./crew.ts";
import { selectionStore } from "./selection.ts";
import { passStore, type SharedStage, StageWork } from "./stage-work.ts";

/** What the threads of a solve share: who they are, and the memory of its stages. */
export interface Workshop {
  crew: Crew;
  arena: Arena;
}

/** A workshop of one thread. */
export function alone(): Workshop {
  return { crew: new Crew(), arena: new Arena(false) };
}

/** The jobs of one stage, given to all threads of its crew. */
export class StageThreads {
  /** The work of this thread, with the numbers that all of them see. */
  readonly work: StageWork;
  private readonly stage: SharedStage;
  private readonly shop: Workshop;
  private readonly id: number;
  private readonly types: Uint8Array;
  private readonly copied: boolean;

  constructor(model: StageModel, shop: Workshop, before?: StageThreads) {
    const { arena, crew } = shop;
    this.shop = shop;
    this.copied = crew.helped;
    this.stage = {
      model: this.copied ? arena.copy(model) : model,
      columns: columnStore(model, arena),
      selection: selectionStore(model, arena),
      pass: passStore(model, arena),
      before: before && { columns: before.stage.columns, locStart: before.stage.model.locStart },
    };
    this.types = model.flat.kind;
    this.work = new StageWork(this.stage);
    // names and the instance stay here
    const { keys: _, ...numbers } = this.stage.model as StageModel;
    const { instance: __, ...flat } = model.flat;
    this.id = crew.load({ ...this.stage, model: { ...numbers, flat } });
  }

  /** One job on the selection, at prices and a temperature. */
  run(kernel: "gather" | "evaluate" | "curve", blocks: number, prices: Float64Array, tau: number, size = 0): void {
    const { pass } = this.work;
    pass.prices.set(prices);
    pass.params[0] = tau;
    pass.params[1] = size;
    this.shop.crew.run(this.work, this.id, kernel, blocks);
  }

  /** One pass over workloads at prices. */
  visit(kernel: "price" | "pure" | "inherit" | "rescale", list: Int32Array, prices: Float64Array): void {
    const { work } = this;
    const { pass } = work;
    pass.prices.set(prices);
    pass.list.set(list);
    pass.length[0] = list.length;
    this.shop.crew.run(work, this.id, kernel, work.parts);
    if (kernel === "rescale") return;
    for (let i = 0; i < list.length; i++) if (this.types[list[i]!] === KIND.types) work.one(kernel, i);
  }

  /** Gives the memory back: the stage is over. */
  release(): void {
    const { model, columns, selection, pass } = this.stage;
    for (const store of [...(this.copied ? [model] : []), columns, selection, pass]) this.shop.arena.release(store);
  }
}
