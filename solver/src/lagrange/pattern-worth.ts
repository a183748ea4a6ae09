import { attainmentOf } from "../model/attainment.ts";
import { type Flat, KIND, ROLE } from "./flat.ts";
import type { StageArrays } from "./stage-model.ts";

/** What counts of a workload reach, cost in the stage, and use of the workload's local rows. */
export class PatternWorth {
  readonly model: StageArrays;
  private readonly counts: Record<number, number> = {};

  constructor(model: StageArrays) {
    this.model = model;
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
    if (flat.kind[m] === KIND.lanes) return this.ofLanes(v0, nv, x, at);
    for (let i = 0; i < nv; i++) this.counts[v0 + i] = x[at + i]!;
    // request types are split by a linear program, for which only the thread of the stage has the instance
    return attainmentOf((flat as Flat).instance, m, this.counts);
  }

  private ofLanes(v0: number, nv: number, x: Float64Array, at: number): number {
    const { gain, role } = this.model.flat;
    let both = 0;
    let prefill = 0;
    let decode = 0;
    for (let i = 0; i < nv; i++) {
      const served = gain[v0 + i]! * x[at + i]!;
      if (role[v0 + i] === ROLE.both) both += served;
      else if (role[v0 + i] === ROLE.prefill) prefill += served;
      else decode += served;
    }
    const a = both + Math.min(prefill, decode);
    return a >= 1 - 1e-12 ? 1 : a;
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
    let cost = 0;
    for (let i = 0; i < nv; i++) {
      const k = x[at + i]!;
      if (k === 0) continue;
      const v = v0 + i;
      const more = k - flat.current[v]!;
      cost += flat.cost[v]! * k + (more > 0 ? flat.startCost[v]! * more : 0);
      for (let u = flat.useStart[v]!; u < flat.useStart[v + 1]!; u++)
        use[to + flat.useOwn[u]!] = use[to + flat.useOwn[u]!]! + flat.useAmount[u]! * k;
    }
    this.lastCost = cost;
    return this.withRest(m, x, at, a, cost, use, to);
  }
  /** What the replicas of the last `evaluate` cost at factor 1. */
  protected lastCost = 0;

  /** What counts cost in the stage whose replicas cost `cost`; adds what they use beside capacity. */
  protected withRest(
    m: number,
    x: Float64Array,
    at: number,
    a: number,
    cost: number,
    use: Float64Array,
    to: number,
  ): number {
    const { model } = this;
    let objective = model.costFactor * cost;
    if (model.flat.kind[m] !== KIND.idle) objective += this.ofAttainment(m, a, use, to);
    if (model.missRow[m]! !== -2) objective += this.ofMissing(m, x, at, use, to);
    return objective;
  }

  private placeOf(m: number, row: number): number {
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
        const at = to + this.placeOf(m, row);
        use[at] = use[at]! + model.stepAmount[i]!;
      }
    }
    const lack = 1 - a;
    if (lack > 1e-12)
      for (let i = model.slopeStart[m]!; i < model.slopeStart[m + 1]!; i++) {
        const row = model.slopeRow[i]!;
        if (row < 0) objective += model.slopeAmount[i]! * lack;
        else {
          const at = to + this.placeOf(m, row);
          use[at] = use[at]! + model.slopeAmount[i]! * lack;
        }
      }
    const row = model.logRow[m]!;
    if (row !== -2 && a > 1e-9 && a < 1) {
      const loss = -model.logWeight[m]! * Math.log(a);
      if (row < 0) objective += loss;
      else {
        const at = to + this.placeOf(m, row);
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
    const to2 = to + this.placeOf(m, missRow[m]!);
    use[to2] = use[to2]! + missing;
    return 0;
  }
}
