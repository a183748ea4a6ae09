import type { Keep } from "../chain/keep.ts";
import { nextAttainable } from "../model/attainable.ts";
import { ATTAINMENT_TOLERANCE } from "../model/attainment.ts";
import { type Goals, threshold } from "../model/goals.ts";
import type { Instance } from "../model/instance.ts";
import type { Flat } from "./flat.ts";

/** What a stage minimises. Several terms add up. */
export interface StageGoal {
  /** Factor of cost per hour and start cost; 0 where cost does not count. */
  cost: number;
  /** Weight that counts below these rungs of a class, each with a factor. */
  below?: { cls: number; rung: number; factor: number }[];
  /** Linear loss: `linear(m)`·(1 − a_m). */
  linear?: (m: number) => number;
  /** −w·ln a of a class over a > 0, with at most `zeroWeight` at a = 0. */
  log?: { cls: number; zeroWeight: number };
  /** Weight at a = 0 of this class. */
  zero?: number;
  /** Replicas that this class misses to the asked minima. */
  missing?: { cls: number; asked: Float64Array };
}

/** Index that stands for the objective where a row index is expected. */
export const OBJECTIVE = -1;
const NONE = -2;

/** The least attainment that is looked for above nothing at all, and how far below the next attainable one a step stands. */
const LEAST = 1e-6;

/**
 * One stage for prices. Rows: the R capacity rows, then one for what each earlier stage reached; all are Σ use ≤ capacity. What a
 * workload pays or uses beside its replicas depends on its attainment alone: steps (below a threshold), slopes (·(1 − a)), a logarithm.
 */
export interface StageModel {
  flat: Flat;
  keys: string[];
  capacity: Float64Array;
  /** 0 for rows that a certificate cannot price: plans keep them, bounds do without. */
  priced: Uint8Array;
  costFactor: number;
  /** Minimum replicas by variant. */
  min: Float64Array;
  /** Attainment that each workload must reach. */
  hard: Float64Array;
  stepStart: Int32Array;
  stepAt: Float64Array;
  stepRow: Int32Array;
  stepAmount: Float64Array;
  slopeStart: Int32Array;
  slopeRow: Int32Array;
  slopeAmount: Float64Array;
  /** By workload: row of −weight·ln a (OBJECTIVE, a row, or NONE). */
  logRow: Int32Array;
  logWeight: Float64Array;
  /** By workload: row of the missing replicas; `asked` by variant. */
  missRow: Int32Array;
  asked: Float64Array;
  /** True while minima are settled: nothing else counts. */
  floors: boolean;
  /** W+1: all rows that m can use in this stage; its own capacity rows come first. */
  locStart: Int32Array;
  locRow: Int32Array;
}

interface Term {
  row: number;
  at: number;
  amount: number;
}

/** Collects what depends on attainment, workload by workload. */
class Terms {
  readonly steps: Term[][];
  readonly slopes: Term[][];
  constructor(workloads: number) {
    this.steps = Array.from({ length: workloads }, () => NO_TERMS);
    this.slopes = Array.from({ length: workloads }, () => NO_TERMS);
  }
  static push(list: Term[][], m: number, term: Term): void {
    if (list[m] === NO_TERMS) list[m] = [term];
    else list[m]!.push(term);
  }
}
const NO_TERMS: Term[] = [];

function pack(lists: Term[][]) {
  const start = new Int32Array(lists.length + 1);
  let total = 0;
  for (let m = 0; m < lists.length; m++) start[m + 1] = total += lists[m]!.length;
  const at = new Float64Array(total);
  const row = new Int32Array(total);
  const amount = new Float64Array(total);
  let k = 0;
  for (const list of lists)
    for (const t of list) {
      at[k] = t.at;
      row[k] = t.row;
      amount[k++] = t.amount;
    }
  return { start, at, row, amount };
}

/** Rungs of a class that are kept and bind: a rung with the same F as the next one follows from it. */
function bindingRungs(keep: Keep, cls: number) {
  const own = keep.rungs.filter((r) => r.cls === cls).sort((a, b) => a.rung - b.rung);
  return own.filter((r, i) => !(i + 1 < own.length && own[i + 1]!.reached <= r.reached + 1e-9));
}

class Builder {
  readonly keys: string[];
  readonly capacity: number[];
  readonly hard: Float64Array;
  readonly terms: Terms;
  readonly logRow: Int32Array;
  readonly logWeight: Float64Array;
  readonly missRow: Int32Array;
  readonly min: Float64Array;
  readonly unpriced = new Set<number>();
  asked: Float64Array = new Float64Array(0);
  private readonly floors: boolean;
  private readonly instance: Instance;
  private readonly goals: Goals;

  constructor(flat: Flat, goals: Goals, min: Float64Array, floors: boolean) {
    this.floors = floors;
    this.min = Float64Array.from(min);
    this.instance = flat.instance;
    this.goals = goals;
    this.keys = flat.instance.rows.map((r) => r.key);
    this.capacity = Array.from(flat.capacity);
    this.hard = Float64Array.from(goals.floor);
    this.terms = new Terms(flat.workloads);
    this.logRow = new Int32Array(flat.workloads).fill(NONE);
    this.logWeight = new Float64Array(flat.workloads);
    this.missRow = new Int32Array(flat.workloads).fill(NONE);
  }

  private row(key: string, capacity: number): number {
    this.keys.push(key);
    this.capacity.push(capacity);
    return this.capacity.length - 1;
  }

  /** Weight below a rung; a workload that outweighs what is allowed below must reach it. */
  steps(cls: number, rung: number, row: number, factor: number, allowed: number): void {
    for (const m of this.instance.classes[cls]!.members) {
      const weight = this.goals.weight[m]!;
      if (weight === 0) continue;
      const at = nextAttainable(this.instance, m, threshold(this.goals, m, rung) - ATTAINMENT_TOLERANCE);
      if (at <= 0) continue;
      if (allowed < weight - 1e-6) this.hard[m] = Math.max(this.hard[m]!, at);
      else Terms.push(this.terms.steps, m, { row, at, amount: factor * weight });
    }
  }

  zeros(cls: number, row: number): void {
    for (const m of this.instance.classes[cls]!.members) {
      const w = this.instance.workloads[m]!;
      if (w.kind === "idle") continue;
      Terms.push(this.terms.steps, m, {
        row,
        at: nextAttainable(this.instance, m, LEAST) * (1 - LEAST),
        amount: w.weight,
      });
    }
  }

  log(cls: number, row: number): void {
    for (const m of this.instance.classes[cls]!.members) {
      if (this.instance.workloads[m]!.kind === "idle") continue;
      this.logRow[m] = row;
      this.logWeight[m] = this.instance.workloads[m]!.weight;
    }
  }

  keep(keep: Keep): void {
    const { classes, workloads } = this.instance;
    for (const [cls, { priority }] of classes.entries())
      for (const r of bindingRungs(keep, cls)) {
        const row = r.reached > 1e-6 ? this.row(`class/${priority}/F(${r.rung})`, r.reached) : NONE;
        this.steps(cls, r.rung, row, 1, r.reached);
      }
    for (const t of keep.totals) {
      let all = 0;
      const row = this.row(`class/${classes[t.cls]!.priority}/total`, 0);
      for (const m of classes[t.cls]!.members) {
        const w = workloads[m]!;
        if (w.kind === "idle") continue;
        all += w.weight * w.demand;
        Terms.push(this.terms.slopes, m, { row, at: 0, amount: w.weight * w.demand });
      }
      // Σ w·d·(1 − a) ≤ Σ w·d − value
      this.capacity[row] = all - t.value;
    }
    for (const l of keep.logs) {
      const { priority, members } = classes[l.cls]!;
      const zero = this.row(`class/${priority}/F(${1e-9})`, l.zeroWeight);
      const log = this.row(`class/${priority}/proportional`, Math.max(0, -l.value));
      this.zeros(l.cls, zero);
      this.log(l.cls, log);
      // with request types "anything at all" is no sum of gains: such rows are kept by plans, not priced
      if (members.some((m) => workloads[m]!.kind === "types")) {
        this.unpriced.add(zero);
        this.unpriced.add(log);
      }
    }
    if (keep.cohortFirst) {
      const { members, value } = keep.cohortFirst;
      const row = this.row("cohort-first", members.reduce((s, m) => s + workloads[m]!.weight, 0) - value);
      for (const m of members) Terms.push(this.terms.slopes, m, { row, at: 0, amount: workloads[m]!.weight });
    }
    for (const f of keep.brokenMinima?.missing ?? []) {
      const row = this.row(`floors/${classes[f.cls]!.priority}`, f.reached);
      if (!this.floors) this.unpriced.add(row);
      this.missing(f.cls, row, keep.brokenMinima!.asked);
      // any one variant of the class may miss all that is missed
      if (!this.floors || f.reached === 0)
        for (const m of classes[f.cls]!.members)
          for (const v of workloads[m]!.variants)
            this.min[v] = Math.max(this.min[v]!, keep.brokenMinima!.asked[v]! - f.reached);
    }
  }

  missing(cls: number, row: number, asked: Float64Array): void {
    this.asked = asked;
    for (const m of this.instance.classes[cls]!.members) this.missRow[m] = row;
  }

  goal(goal: StageGoal): void {
    for (const b of goal.below ?? []) this.steps(b.cls, b.rung, OBJECTIVE, b.factor, Number.POSITIVE_INFINITY);
    if (goal.zero !== undefined) this.zeros(goal.zero, OBJECTIVE);
    if (goal.log) {
      this.zeros(
        goal.log.cls,
        this.row(`class/${this.instance.classes[goal.log.cls]!.priority}/F(${1e-9})`, goal.log.zeroWeight),
      );
      this.log(goal.log.cls, OBJECTIVE);
    }
    if (goal.missing) this.missing(goal.missing.cls, OBJECTIVE, goal.missing.asked);
    const { linear } = goal;
    if (linear)
      for (const [m, w] of this.instance.workloads.entries()) {
        const amount = w.kind === "idle" ? 0 : linear(m);
        if (amount > 0) Terms.push(this.terms.slopes, m, { row: OBJECTIVE, at: 0, amount });
      }
  }
}

/** All rows that each workload can use: its own capacity rows, then those of what it keeps. */
function localRows(flat: Flat, model: Omit<StageModel, "locStart" | "locRow">) {
  const locStart = new Int32Array(flat.workloads + 1);
  const rows: number[] = [];
  for (let m = 0; m < flat.workloads; m++) {
    for (let i = flat.ownStart[m]!; i < flat.ownStart[m + 1]!; i++) rows.push(flat.ownRow[i]!);
    const from = rows.length;
    const add = (row: number) => {
      if (row < 0) return;
      for (let i = from; i < rows.length; i++) if (rows[i] === row) return;
      rows.push(row);
    };
    for (let i = model.stepStart[m]!; i < model.stepStart[m + 1]!; i++) add(model.stepRow[i]!);
    for (let i = model.slopeStart[m]!; i < model.slopeStart[m + 1]!; i++) add(model.slopeRow[i]!);
    add(model.logRow[m]!);
    add(model.missRow[m]!);
    locStart[m + 1] = rows.length;
  }
  return { locStart, locRow: Int32Array.from(rows) };
}

export function stageModel(flat: Flat, goals: Goals, keep: Keep, goal: StageGoal): StageModel {
  const builder = new Builder(flat, goals, keep.minReplicas, goal.missing !== undefined);
  builder.keep(keep);
  builder.goal(goal);
  for (const list of builder.terms.steps) if (list.length > 1) list.sort((a, b) => a.at - b.at || a.row - b.row);
  const steps = pack(builder.terms.steps);
  const slopes = pack(builder.terms.slopes);
  const model = {
    flat,
    keys: builder.keys,
    capacity: Float64Array.from(builder.capacity),
    costFactor: goal.cost,
    priced: Uint8Array.from(builder.capacity, (_, r) => (builder.unpriced.has(r) ? 0 : 1)),
    min: builder.min,
    hard: builder.hard,
    stepStart: steps.start,
    stepAt: steps.at,
    stepRow: steps.row,
    stepAmount: steps.amount,
    slopeStart: slopes.start,
    slopeRow: slopes.row,
    slopeAmount: slopes.amount,
    logRow: builder.logRow,
    logWeight: builder.logWeight,
    missRow: builder.missRow,
    asked: builder.asked,
    floors: goal.missing !== undefined,
  };
  return { ...model, ...localRows(flat, model) };
}
