import type { StageArrays } from "./stage-model.ts";

/** What one workload pays at given prices, and the answer of the last subproblem. `scale`: factor of the objective beside the prices. */
export class Subproblem {
  readonly model: StageArrays;
  /** The best pattern found, by position among the workload's variants. */
  readonly x: Float64Array;
  /** Its priced value. */
  value = 0;
  /** Proved: no pattern costs less. */
  lower = 0;

  constructor(model: StageArrays) {
    this.model = model;
    this.x = new Float64Array(model.flat.widest);
  }

  /** Price of one replica of v: its cost (times `scale`) and what it uses of the rows. */
  replicaPrice(v: number, prices: Float64Array, scale: number): number {
    const { flat, costFactor } = this.model;
    const { useStart, useRow, useAmount } = flat;
    let p = costFactor * scale * flat.cost[v]!;
    for (let u = useStart[v]!; u < useStart[v + 1]!; u++) p += prices[useRow[u]!]! * useAmount[u]!;
    return p;
  }

  slopeOf(m: number, prices: Float64Array, scale: number): number {
    const { slopeStart, slopeRow, slopeAmount } = this.model;
    let slope = 0;
    for (let i = slopeStart[m]!; i < slopeStart[m + 1]!; i++)
      slope += slopeAmount[i]! * (slopeRow[i]! < 0 ? scale : prices[slopeRow[i]!]!);
    return slope;
  }

  logOf(m: number, prices: Float64Array, scale: number): number {
    const row = this.model.logRow[m]!;
    return row === -2 ? 0 : this.model.logWeight[m]! * (row < 0 ? scale : prices[row]!);
  }

  /** What is paid below step i. */
  stepPrice(i: number, prices: Float64Array, scale: number): number {
    const row = this.model.stepRow[i]!;
    return row === -2 ? 0 : this.model.stepAmount[i]! * (row < 0 ? scale : prices[row]!);
  }

  /** Minimum replicas and what they cost. */
  fixed(m: number, prices: Float64Array, scale: number): number {
    const { flat, min, costFactor } = this.model;
    const v0 = flat.first[m]!;
    const nv = flat.first[m + 1]! - v0;
    let fixed = 0;
    for (let i = 0; i < nv; i++) {
      const least = min[v0 + i]!;
      this.x[i] = least;
      if (least === 0) continue;
      fixed += this.replicaPrice(v0 + i, prices, scale) * least;
      if (least > flat.current[v0 + i]!)
        fixed += costFactor * scale * flat.startCost[v0 + i]! * (least - flat.current[v0 + i]!);
    }
    return fixed;
  }

  /** Price of k replicas of v, with the start of those above the current ones. */
  replicasPrice(v: number, k: number, prices: Float64Array, scale: number): number {
    const { flat, costFactor } = this.model;
    const start = costFactor * scale * flat.startCost[v]!;
    return this.replicaPrice(v, prices, scale) * k + start * Math.max(0, k - flat.current[v]!);
  }

  /** Price of a pattern of m, its counts by position. */
  paid(m: number, x: Float64Array, prices: Float64Array, scale: number): number {
    const { flat } = this.model;
    const v0 = flat.first[m]!;
    let sum = 0;
    for (let i = 0; i < flat.first[m + 1]! - v0; i++)
      if (x[i]! > 0) sum += this.replicasPrice(v0 + i, x[i]!, prices, scale);
    return sum;
  }

  /** What attainment a costs in steps, slope and logarithm; Infinity below the hard need. */
  worth(m: number, gain: number, prices: Float64Array, scale: number): number {
    const { hard, stepStart, stepAt } = this.model;
    const a = Math.min(1, gain);
    if (a < hard[m]! - 1e-9) return Number.POSITIVE_INFINITY;
    let sum = this.slopeOf(m, prices, scale) * (1 - a);
    for (let i = stepStart[m]!; i < stepStart[m + 1]!; i++)
      if (a < stepAt[i]! - 1e-9) sum += this.stepPrice(i, prices, scale);
    const log = this.logOf(m, prices, scale);
    return log > 0 && a > 1e-9 ? sum - log * Math.log(a) : sum;
  }
}
