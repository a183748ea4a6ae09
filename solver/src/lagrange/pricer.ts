import { Cover } from "./cover.ts";
import { KIND } from "./flat.ts";
import { LanesPricer } from "./lanes-pricer.ts";
import type { StageArrays } from "./stage-model.ts";
import { Subproblem } from "./subproblem.ts";
import { TypesPricer } from "./types-pricer.ts";

const INF = Number.POSITIVE_INFINITY;

/**
 * Exact subproblems at prices. For one workload: minimise Σ (price·x + start·(x − current)⁺) + what its attainment costs (steps, slope,
 * logarithm), over integer x in its box with the hard need met. `lower` is proved.
 */
export class Pricer extends Subproblem {
  private readonly cover: Cover;
  private readonly lanes: LanesPricer;
  private readonly types: TypesPricer;

  constructor(model: StageArrays) {
    super(model);
    this.cover = new Cover(model.flat.widest);
    this.lanes = new LanesPricer(this);
    this.types = new TypesPricer(this);
  }

  /**
   * Solves for workload m; `scale` is the factor of the objective beside the prices, `limits` (by position) the most replicas. Returns the
   * value of the best pattern, Infinity where the hard need cannot be met.
   */
  solve(m: number, prices: Float64Array, scale = 1, limits?: Float64Array): number {
    const { flat, missRow } = this.model;
    const kind = flat.kind[m]!;
    if (missRow[m] !== -2 && this.model.floors) this.replicasAlone(m, prices, limits);
    else if (kind === KIND.lanes) this.lanes.solve(m, prices, scale, limits);
    else if (kind === KIND.types) this.types.solve(m, prices, scale, limits);
    else this.plain(m, prices, scale, limits);
    return this.value;
  }

  /** While minima are settled nothing but missing replicas counts: each variant for itself. */
  private replicasAlone(m: number, prices: Float64Array, limits: Float64Array | undefined): void {
    const { flat, min, asked, missRow } = this.model;
    const miss = missRow[m] === -1 ? 1 : prices[missRow[m]!]!;
    const v0 = flat.first[m]!;
    const nv = flat.first[m + 1]! - v0;
    this.value = this.fixed(m, prices, 0);
    for (let i = 0; i < nv; i++) {
      const least = min[v0 + i]!;
      const lack = Math.max(0, asked[v0 + i]! - least);
      const price = this.replicaPrice(v0 + i, prices, 0);
      const k = price < miss ? Math.min(lack, limits ? Math.max(0, limits[i]! - least) : INF) : 0;
      this.x[i] = least + k;
      this.value += k * price + (lack - k) * miss;
    }
    this.lower = this.value;
  }

  private plain(m: number, prices: Float64Array, scale: number, limits: Float64Array | undefined): void {
    const { model, cover } = this;
    const { flat, min } = model;
    const v0 = flat.first[m]!;
    const nv = flat.first[m + 1]! - v0;
    const fixed = this.fixed(m, prices, scale);
    this.value = fixed;
    this.lower = fixed;
    if (flat.kind[m] === KIND.idle) return;
    let base = 0;
    for (let i = 0; i < nv; i++) base += flat.gain[v0 + i]! * min[v0 + i]!;
    cover.reset(base, this.slopeOf(m, prices, scale), this.logOf(m, prices, scale));
    for (let i = 0; i < nv; i++) {
      const v = v0 + i;
      const least = min[v]!;
      let most = flat.most[v]!;
      if (limits && limits[i]! < most) most = limits[i]!;
      most -= least;
      if (most <= 0 || flat.gain[v]! <= 0) continue;
      const warm = flat.current[v]! > least ? flat.current[v]! - least : 0;
      const start = model.costFactor * scale * flat.startCost[v]!;
      cover.add(i, flat.gain[v]!, this.replicaPrice(v, prices, scale), start, warm, most);
    }
    cover.seal();
    this.levels(m, prices, scale, base, fixed);
  }

  /** Levels from the highest: what reaches one saves the steps below it. */
  private levels(m: number, prices: Float64Array, scale: number, base: number, fixed: number): void {
    const { model } = this;
    const { stepStart, stepAt } = model;
    const hard = model.hard[m]!;
    const from = stepStart[m]!;
    let k = stepStart[m + 1]! - 1;
    let value = INF;
    let lower = INF;
    let above = 0;
    while (k >= from && stepAt[k]! > hard + 1e-12) {
      const at = stepAt[k]!;
      let paid = 0;
      for (; k >= from && stepAt[k]! >= at - 1e-12; k--) paid += this.stepPrice(k, prices, scale);
      if (paid <= 1e-15) continue;
      value = this.level(m, at, above, value);
      lower = Math.min(lower, this.cover.lower + above);
      above += paid;
    }
    if (base <= 1e-9 && hard <= 0 && this.logOf(m, prices, scale) > 0) {
      // nothing at all: no logarithm is paid
      const nothing = above + this.slopeOf(m, prices, scale);
      if (nothing < value) {
        value = nothing;
        this.fixed(m, prices, scale);
      }
      lower = Math.min(lower, nothing);
    }
    value = this.level(m, hard, above, value);
    lower = Math.min(lower, this.cover.lower + above, value);
    this.value = fixed + value;
    this.lower = fixed + lower;
  }

  /** The cheapest cover that reaches `need`, where it and what is paid `above` beat `value`. */
  private level(m: number, need: number, above: number, value: number): number {
    const { cover } = this;
    if (!cover.solve(need, value - above)) return value;
    const { flat, min } = this.model;
    const v0 = flat.first[m]!;
    const nv = flat.first[m + 1]! - v0;
    for (let i = 0; i < nv; i++) this.x[i] = min[v0 + i]!;
    cover.read(this.x);
    return cover.value + above;
  }
}
