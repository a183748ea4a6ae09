import { ClassWeights } from "./class-weights.ts";
import { StageWorth } from "./stage-worth.ts";
import type { Measured, Stage } from "./stages.ts";
import { type Prices, WorkloadMinimum } from "./workload-minimum.ts";

export interface DualBound {
  value: number;
  /** False where the value is only a lower bound of the minimum over workloads (of the maximum: an upper one). */
  exact: boolean;
}

/** Bounds of the stages of one plan: what is large is allocated once. */
export class DualBounds {
  private readonly measured: Measured;
  private readonly weights: ClassWeights;
  private readonly minimum: WorkloadMinimum;
  private readonly prices: Prices;

  constructor(measured: Measured) {
    const n = measured.world.variants.length;
    this.measured = measured;
    this.weights = new ClassWeights(measured);
    this.minimum = new WorkloadMinimum(measured.world, measured.boxes);
    this.prices = { perReplica: new Float64Array(n), perStart: new Float64Array(n), free: true };
  }

  /**
   * The bound that prices prove for a stage (Lagrangian duality over whole replicas):
   * Σ_m min_x [f_m + Σ price·use + Σ price_j·w·below_j] − Σ price·capacity − Σ price_j·reached_j, negated for a stage that is
   * maximised. `earlier`: the stages that rule before; those without a price hold where they bind a single workload, else they are
   * dropped.
   */
  of(stage: Stage, earlier: Stage[], rowPrices: Float64Array, stagePrices: Map<Stage, number>): DualBound {
    const { world } = this.measured;
    const worth = new StageWorth(this.measured, this.weights, stage, earlier, stagePrices);
    this.setPrices(stage, rowPrices);
    this.minimum.exact = true;
    let value = 0;
    for (let m = 0; m < world.workloads.length; m++) {
      const constant = worth.read(m);
      value += constant + this.minimum.of(m, this.prices, worth);
    }
    world.rows.forEach((row, r) => {
      if (rowPrices[r]! > 0) value -= rowPrices[r]! * row.capacity;
    });
    for (const [s, price] of stagePrices) value += (s.sense === "max" ? 1 : -1) * price * s.reached;
    return { value: stage.sense === "max" ? -value : value, exact: this.minimum.exact };
  }

  private setPrices(stage: Stage, rowPrices: Float64Array): void {
    const { perReplica, perStart } = this.prices;
    const paid = stage.kind === "cost" || stage.kind === "penalty";
    this.prices.free = !paid && rowPrices.every((price) => price === 0);
    if (this.prices.free) {
      perReplica.fill(0);
      perStart.fill(0);
      return;
    }
    const { cost, startCost, uses } = this.measured.world.variants;
    for (let i = 0; i < perReplica.length; i++) {
      let price = paid ? cost[i]! : 0;
      for (const { row, amount } of uses[i]!) price += rowPrices[row]! * amount;
      perReplica[i] = price;
      perStart[i] = paid ? startCost[i]! : 0;
    }
  }
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
  const { min, uses, workload } = world.variants;
  for (let i = 0; i < min.length; i++) {
    if (min[i] === 0) continue;
    let price = 0;
    for (const { row, amount } of uses[i]!) price += rowPrices[row]! * amount;
    value += min[i]! * Math.min(perMissing.get(world.workloads[workload[i]!]!.priority) ?? 0, price);
  }
  world.rows.forEach((row, r) => {
    if (rowPrices[r]! > 0) value -= rowPrices[r]! * row.capacity;
  });
  for (const [s, price] of stagePrices) value -= price * s.reached;
  return { value, exact: true };
}
