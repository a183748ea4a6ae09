import type { Keep } from "../chain/keep.ts";
import type { Goals } from "../model/goals.ts";
import type { Flat, FlatArrays } from "./flat.ts";
import { StageBuilder } from "./stage-builder.ts";
import type { StageGoal } from "./stage-goal.ts";

export { OBJECTIVE, type StageGoal } from "./stage-goal.ts";

/**
 * One stage for prices. Rows: the R capacity rows, then one for what each earlier stage reached; all are Σ use ≤ capacity. What a
 * workload pays or uses beside its replicas depends on its attainment alone: steps (below a threshold), slopes (·(1 − a)), a logarithm.
 */
export interface StageModel extends StageArrays {
  flat: Flat;
  keys: string[];
}

/** What of it other threads can see: numbers. */
export interface StageArrays {
  flat: FlatArrays;
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

/** All rows that each workload can use: its own capacity rows, then those of what it keeps. */
function localRows(flat: Flat, model: Omit<StageModel, "locStart" | "locRow">) {
  const { stepStart, stepRow, slopeStart, slopeRow, logRow, missRow } = model;
  const locStart = new Int32Array(flat.workloads + 1);
  const rows = new Int32Array(flat.ownRow.length + stepRow.length + slopeRow.length + 2 * flat.workloads);
  let count = 0;
  let from = 0;
  const add = (row: number) => {
    if (row < 0) return;
    for (let i = from; i < count; i++) if (rows[i] === row) return;
    rows[count++] = row;
  };
  for (let m = 0; m < flat.workloads; m++) {
    for (let i = flat.ownStart[m]!; i < flat.ownStart[m + 1]!; i++) rows[count++] = flat.ownRow[i]!;
    from = count;
    for (let i = stepStart[m]!; i < stepStart[m + 1]!; i++) add(stepRow[i]!);
    for (let i = slopeStart[m]!; i < slopeStart[m + 1]!; i++) add(slopeRow[i]!);
    add(logRow[m]!);
    add(missRow[m]!);
    locStart[m + 1] = count;
  }
  return { locStart, locRow: rows.slice(0, count) };
}

export function stageModel(flat: Flat, goals: Goals, keep: Keep, goal: StageGoal): StageModel {
  const builder = new StageBuilder(flat, goals, keep.minReplicas, goal.missing !== undefined);
  builder.keep(keep);
  builder.goal(goal);
  const steps = builder.steps.pack(flat.workloads);
  const slopes = builder.slopes.pack(flat.workloads);
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
