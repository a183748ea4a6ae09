import { attainmentOf } from "../model/attainment.ts";
import { KIND } from "./flat.ts";
import type { StageModel } from "./stage-model.ts";

/** Patterns kept for each workload. */
export const COLUMNS = 12;

/**
 * Patterns of all workloads: replicas, what they cost in the stage, and what they use of the workload's local rows. Column c of workload m
 * has its counts at x[(first[m]·K) + c·nv …] and its uses at use[(locStart[m]·K) + c·L …].
 */
export class Columns {
  readonly model: StageModel;
  readonly x: Float64Array;
  readonly use: Float64Array;
  readonly objective: Float64Array;
  readonly attained: Float64Array;
  readonly count: Uint8Array;
  private readonly counts: Record<number, number> = {};

  constructor(model: StageModel) {
    this.model = model;
    const { flat } = model;
    this.x = new Float64Array(flat.variants * COLUMNS);
    this.use = new Float64Array(model.locRow.length * COLUMNS);
    this.objective = new Float64Array(flat.workloads * COLUMNS);
    this.attained = new Float64Array(flat.workloads * COLUMNS);
    this.count = new Uint8Array(flat.workloads);
  }

  /** Attainment of counts that stand in `x` from `at` on. */
  attainment(m: number, x: Float64Array, at: number): number {
    const { flat } = this.model;
    const v0 = flat.first[m]!;
    const nv = flat.first[m + 1]! - v0;
    if (flat.kind[m]! <= KIND.plain) {
      let a = 0;
      for (let i = 0; i < nv; i++) a += flat.gain[v0 + i]! * x[at + i]!;
      return a;
    }
    for (let i = 0; i < nv; i++) this.counts[v0 + i] = x[at + i]!;
    return attainmentOf(flat.instance, m, this.counts);
  }

  /**
   * What counts cost in the stage (returned) and use of the local rows (into `use` from `to` on). `a`: their attainment.
   */
  evaluate(m: number, x: Float64Array, at: number, a: number, use: Float64Array, to: number): number {
    const { model } = this;
    const { flat } = model;
    const v0 = flat.first[m]!;
    const nv = flat.first[m + 1]! - v0;
    const l0 = model.locStart[m]!;
    const l = model.locStart[m + 1]! - l0;
    for (let i = 0; i < l; i++) use[to + i] = 0;
    let objective = 0;
    for (let i = 0; i < nv; i++) {
      const k = x[at + i]!;
      if (k === 0) continue;
      const v = v0 + i;
      if (model.costFactor > 0) {
        const more = k - flat.current[v]!;
        objective += model.costFactor * (flat.cost[v]! * k + (more > 0 ? flat.startCost[v]! * more : 0));
      }
      for (let u = flat.useStart[v]!; u < flat.useStart[v + 1]!; u++)
        use[to + flat.useOwn[u]!] = use[to + flat.useOwn[u]!]! + flat.useAmount[u]! * k;
    }
    if (flat.kind[m] !== KIND.idle) objective += this.ofAttainment(m, a, use, to);
    if (model.missRow[m]! !== -2) objective += this.ofMissing(m, x, at, use, to);
    return objective;
  }

  private local(m: number, row: number): number {
    const { locStart, locRow } = this.model;
    let i = locStart[m + 1]! - 1;
    while (locRow[i] !== row) i--;
    return i - locStart[m]!;
  }

  private ofAttainment(m: number, a: number, use: Float64Array, to: number): number {
    const { model } = this;
    let objective = 0;
    for (let i = model.stepStart[m]!; i < model.stepStart[m + 1]!; i++) {
      if (a >= model.stepAt[i]! - 1e-9) continue;
      const row = model.stepRow[i]!;
      if (row === -1) objective += model.stepAmount[i]!;
      else if (row >= 0) {
        const at = to + this.local(m, row);
        use[at] = use[at]! + model.stepAmount[i]!;
      }
    }
    const lack = 1 - a;
    if (lack > 1e-12)
      for (let i = model.slopeStart[m]!; i < model.slopeStart[m + 1]!; i++) {
        const row = model.slopeRow[i]!;
        if (row < 0) objective += model.slopeAmount[i]! * lack;
        else {
          const at = to + this.local(m, row);
          use[at] = use[at]! + model.slopeAmount[i]! * lack;
        }
      }
    const row = model.logRow[m]!;
    if (row !== -2 && a > 1e-9 && a < 1) {
      const loss = -model.logWeight[m]! * Math.log(a);
      if (row < 0) objective += loss;
      else {
        const at = to + this.local(m, row);
        use[at] = use[at]! + loss;
      }
    }
    return objective;
  }

  private ofMissing(m: number, x: Float64Array, at: number, use: Float64Array, to: number): number {
    const { flat, missRow, asked } = this.model;
    const v0 = flat.first[m]!;
    let missing = 0;
    for (let i = 0; i < flat.first[m + 1]! - v0; i++) missing += Math.max(0, asked[v0 + i]! - x[at + i]!);
    if (missRow[m]! < 0) return missing;
    const to2 = to + this.local(m, missRow[m]!);
    use[to2] = use[to2]! + missing;
    return 0;
  }

  /** Adds counts (from `at` on) as a column of m; true where they are new. */
  add(m: number, x: Float64Array, at: number, prices: Float64Array): boolean {
    const before = this.added;
    this.insert(m, x, at, prices);
    return this.added > before;
  }

  /** Columns that were new. */
  added = 0;

  /** The column of m with these counts, new or known. Where there is no room, the column that costs most at `prices` goes. */
  insert(m: number, x: Float64Array, at: number, prices: Float64Array): number {
    const { flat, locStart, locRow } = this.model;
    const nv = flat.first[m + 1]! - flat.first[m]!;
    const x0 = flat.first[m]! * COLUMNS;
    const n = this.count[m]!;
    for (let c = 0; c < n; c++) {
      let i = 0;
      while (i < nv && this.x[x0 + c * nv + i] === x[at + i]) i++;
      if (i === nv) return c;
    }
    let c = n;
    const l0 = locStart[m]!;
    const l = locStart[m + 1]! - l0;
    if (n === COLUMNS) {
      let worst = Number.NEGATIVE_INFINITY;
      // the first one stays: the least that may run, so that a plan that fits can be put together
      for (let k = 1; k < n; k++) {
        let p = this.objective[m * COLUMNS + k]!;
        for (let i = 0; i < l; i++) p += prices[locRow[l0 + i]!]! * this.use[l0 * COLUMNS + k * l + i]!;
        if (p > worst) {
          worst = p;
          c = k;
        }
      }
    } else this.count[m] = n + 1;
    for (let i = 0; i < nv; i++) this.x[x0 + c * nv + i] = x[at + i]!;
    const a = this.attainment(m, this.x, x0 + c * nv);
    this.attained[m * COLUMNS + c] = a;
    this.objective[m * COLUMNS + c] = this.evaluate(m, this.x, x0 + c * nv, a, this.use, l0 * COLUMNS + c * l);
    this.added++;
    return c;
  }

  /** Takes over the patterns of another stage of the same instance, as far as they meet this one's hard needs and minima. */
  inherit(other: Columns, prices: Float64Array): void {
    const { flat, hard, min } = this.model;
    for (let m = 0; m < flat.workloads; m++) {
      const v0 = flat.first[m]!;
      const nv = flat.first[m + 1]! - v0;
      for (let c = 0; c < other.count[m]!; c++) {
        if (other.attained[m * COLUMNS + c]! < hard[m]! - 1e-9) continue;
        const at = v0 * COLUMNS + c * nv;
        let fits = true;
        for (let i = 0; i < nv && fits; i++) fits = other.x[at + i]! >= min[v0 + i]!;
        if (fits) this.add(m, other.x, at, prices);
      }
    }
  }

  /** Priced value of column c. */
  priced(m: number, c: number, prices: Float64Array): number {
    const { locStart, locRow } = this.model;
    const l0 = locStart[m]!;
    const l = locStart[m + 1]! - l0;
    let p = this.objective[m * COLUMNS + c]!;
    const u0 = l0 * COLUMNS + c * l;
    for (let i = 0; i < l; i++) p += prices[locRow[l0 + i]!]! * this.use[u0 + i]!;
    return p;
  }

  /** Index of the column of m that costs least at prices; −1 where it has none. */
  cheapest(m: number, prices: Float64Array): number {
    let best = -1;
    let least = Number.POSITIVE_INFINITY;
    for (let c = 0; c < this.count[m]!; c++) {
      const p = this.priced(m, c, prices);
      if (p < least) {
        least = p;
        best = c;
      }
    }
    return best;
  }
}
