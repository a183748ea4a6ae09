import { leastReaching, threshold } from "./goals.ts";
import type { Measured, Stage } from "./stages.ts";
import { NOTHING } from "./values.ts";
import { type Prices, WorkloadMinimum } from "./workload-minimum.ts";
import type { Worth } from "./worth.ts";

export interface DualBound {
  value: number;
  /** False where the value is only a lower bound of the minimum over workloads (of the maximum: an upper one). */
  exact: boolean;
}

/** Weight with which a workload counts in an F stage, and the attainment below which it does; weight 0: never. */
function stepOf({ world, goals }: Measured, stage: Stage, m: number): { weight: number; at: number } {
  if (world.workloads[m]!.kind === "idle") return { weight: 0, at: 0 };
  if (stage.kind === "anything") return { weight: world.workloads[m]!.weight, at: NOTHING };
  return { weight: goals.weight[m]!, at: leastReaching(threshold(goals, m, stage.rung!)) };
}

interface Multiplier {
  stage: Stage;
  price: number;
}

/** Stages before this one that bind it, by class: with a price, or hard for the workloads that are too heavy to be below. */
interface Context {
  measured: Measured;
  stage: Stage;
  priced: Multiplier[];
  rungsByClass: Map<number, Multiplier[]>;
}

function addSteps(context: Context, m: number, worth: Worth): void {
  for (const { stage, price } of context.rungsByClass.get(context.measured.world.workloads[m]!.priority) ?? []) {
    const { weight, at } = stepOf(context.measured, stage, m);
    if (weight === 0 || at <= 0) continue;
    const current = stage === context.stage;
    // F ≤ reached leaves no room for a workload that weighs more
    if (!current && stage.reached < weight - 1e-6) worth.floor = Math.max(worth.floor, at);
    else if (current || price > 0) worth.steps.push({ at, penalty: (current ? 1 : price) * weight });
  }
}

/** Adds `factor` times a stage that is maximised, negated; returns the constant that goes with it. */
function addNegated(context: Context, stage: Stage, factor: number, m: number, worth: Worth): number {
  const w = context.measured.world.workloads[m]!;
  if (w.kind === "idle" || (stage.cls && stage.cls.priority !== w.priority)) return 0;
  if (stage.kind === "proportional") {
    worth.log += factor * w.weight;
    worth.logFromZero = true;
    return 0;
  }
  const slope = factor * (stage.kind === "total" ? w.weight * w.demand : context.measured.cohort[m]!);
  worth.linear += slope;
  return -slope;
}

function addTerms(context: Context, m: number, worth: Worth): number {
  const { measured, stage, priced } = context;
  const promised = measured.floors.leastAttainment[m]!;
  worth.floor = promised > 0 ? leastReaching(promised) : 0;
  addSteps(context, m, worth);
  let constant = 0;
  for (const p of priced) if (p.stage.sense === "max") constant += addNegated(context, p.stage, p.price, m, worth);
  if (stage.sense === "max") constant += addNegated(context, stage, 1, m, worth);
  if (stage.kind === "penalty" && measured.world.workloads[m]!.kind !== "idle")
    worth.linear += measured.world.workloads[m]!.shedPenalty;
  return constant;
}

function pricesOf({ world }: Measured, stage: Stage, rowPrices: Float64Array): Prices {
  const paid = stage.kind === "cost" || stage.kind === "penalty";
  const prices = {
    perReplica: new Float64Array(world.variants.length),
    perStart: new Float64Array(world.variants.length),
  };
  world.variants.forEach((v, i) => {
    let price = paid ? v.cost : 0;
    for (const { row, amount } of v.uses) price += rowPrices[row]! * amount;
    prices.perReplica[i] = price;
    if (paid) prices.perStart[i] = v.startCost;
  });
  return prices;
}

/**
 * The bound that prices prove for a stage (Lagrangian duality over whole replicas):
 * Σ_m min_x [f_m + Σ price·use + Σ price_j·w·below_j] − Σ price·capacity − Σ price_j·reached_j, negated for a stage that is maximised.
 * `earlier`: the stages that rule before; those without a price hold where they bind a single workload, else they are dropped.
 */
export function dualBound(
  measured: Measured,
  stage: Stage,
  earlier: Stage[],
  rowPrices: Float64Array,
  stagePrices: Map<Stage, number>,
): DualBound {
  const { world } = measured;
  const priced = [...stagePrices].map(([s, price]) => ({ stage: s, price }));
  const context: Context = { measured, stage, priced, rungsByClass: new Map() };
  for (const s of [...earlier, stage]) {
    if (s.kind !== "rung" && s.kind !== "anything") continue;
    const list = context.rungsByClass.get(s.cls!.priority) ?? [];
    list.push({ stage: s, price: stagePrices.get(s) ?? 0 });
    context.rungsByClass.set(s.cls!.priority, list);
  }
  const prices = pricesOf(measured, stage, rowPrices);
  const minimum = new WorkloadMinimum(world, measured.boxes);
  let value = 0;
  world.workloads.forEach((w, m) => {
    const worth: Worth = { floor: 0, steps: [], linear: 0, log: 0, logFromZero: false };
    const constant = addTerms(context, m, worth);
    value += constant + minimum.of(w, prices, worth);
  });
  world.rows.forEach((row, r) => {
    if (rowPrices[r]! > 0) value -= rowPrices[r]! * row.capacity;
  });
  for (const p of priced) value += (p.stage.sense === "max" ? 1 : -1) * p.price * p.stage.reached;
  return { value: stage.sense === "max" ? -value : value, exact: minimum.exact };
}

/**
 * The bound that prices prove for the replicas that a class must miss to its minima: Σ_v min over x of missing + price·use, where
 * higher classes keep theirs (all of them, or Σ missing ≤ reached at a price) and lower ones ask for nothing.
 */
export function floorsBound(
  { world }: Measured,
  stage: Stage,
  earlier: Stage[],
  rowPrices: Float64Array,
  stagePrices: Map<Stage, number>,
): DualBound {
  const perMissing = new Map([[stage.cls!.priority, 1]]);
  for (const s of earlier)
    if (s.kind === "floors")
      perMissing.set(s.cls!.priority, s.reached === 0 ? Number.POSITIVE_INFINITY : (stagePrices.get(s) ?? 0));
  let value = 0;
  for (const v of world.variants) {
    const price = v.uses.reduce((sum, { row, amount }) => sum + rowPrices[row]! * amount, 0);
    value += v.min * Math.min(perMissing.get(world.workloads[v.workload]!.priority) ?? 0, price);
  }
  world.rows.forEach((row, r) => {
    if (rowPrices[r]! > 0) value -= rowPrices[r]! * row.capacity;
  });
  for (const [s, price] of stagePrices) value -= price * s.reached;
  return { value, exact: true };
}
