import type { Columns } from "./columns.ts";
import type { StageArrays } from "./stage-model.ts";

/** Rounding of rows, relative to their capacity. */
const SLACK = 1e-9;

/** A plan as counts, with what the rows carry and what each workload costs: changed one workload at a time. */
export class Placement {
  readonly model: StageArrays;
  readonly columns: Columns;
  readonly x: Float64Array;
  readonly used: Float64Array;
  /** What each workload costs in the stage. */
  readonly cost: Float64Array;
  objective = 0;
  /** Of the objective, what cost makes up. */
  spend = 0;
  /** Capacities with room for rounding. */
  private readonly limit: Float64Array;
  /** Use of the counts at hand and of those on trial, by local row. */
  private readonly now: Float64Array;
  private readonly next: Float64Array;

  constructor(columns: Columns) {
    this.columns = columns;
    this.model = columns.model;
    const { flat, capacity, locStart } = columns.model;
    this.x = new Float64Array(flat.variants);
    this.used = new Float64Array(capacity.length);
    this.cost = new Float64Array(flat.workloads);
    this.limit = capacity.map((c) => c + SLACK * Math.max(1, Math.abs(c)));
    let widest = 1;
    for (let m = 0; m < flat.workloads; m++) widest = Math.max(widest, locStart[m + 1]! - locStart[m]!);
    this.now = new Float64Array(widest);
    this.next = new Float64Array(widest);
  }

  /** All counts at once. */
  load(x: Float64Array): void {
    const { flat, locStart, locRow } = this.model;
    this.x.set(x);
    this.used.fill(0);
    this.objective = 0;
    this.spend = 0;
    for (let m = 0; m < flat.workloads; m++) {
      this.cost[m] = this.columns.evaluate(m, this.x, flat.first[m]!, this.attainment(m), this.now, 0);
      this.objective += this.cost[m]!;
      this.spend += this.spendOf(m, this.x, flat.first[m]!);
      for (let i = locStart[m]!; i < locStart[m + 1]!; i++)
        this.used[locRow[i]!] = this.used[locRow[i]!]! + this.now[i - locStart[m]!]!;
    }
  }

  /** Cost of counts of m that stand in `x` from `at` on, as far as the objective counts it. */
  private spendOf(m: number, x: Float64Array, at: number): number {
    const { flat, costFactor } = this.model;
    if (costFactor === 0) return 0;
    const v0 = flat.first[m]!;
    let sum = 0;
    for (let v = v0; v < flat.first[m + 1]!; v++) {
      const k = x[at + v - v0]!;
      if (k > 0) sum += flat.cost[v]! * k + flat.startCost[v]! * Math.max(0, k - flat.current[v]!);
    }
    return costFactor * sum;
  }

  /** Adds what m uses now to `rows`. */
  addUse(m: number, rows: Float64Array): void {
    const { flat, locStart, locRow } = this.model;
    const l0 = locStart[m]!;
    this.columns.evaluate(m, this.x, flat.first[m]!, this.attainment(m), this.now, 0);
    for (let i = 0; i < locStart[m + 1]! - l0; i++) rows[locRow[l0 + i]!] = rows[locRow[l0 + i]!]! + this.now[i]!;
  }

  /** What m uses of a row. */
  useOf(m: number, r: number): number {
    const { flat, locStart, locRow } = this.model;
    const l0 = locStart[m]!;
    const l = locStart[m + 1]! - l0;
    let at = 0;
    while (at < l && locRow[l0 + at] !== r) at++;
    if (at === l) return 0;
    this.columns.evaluate(m, this.x, flat.first[m]!, this.attainment(m), this.now, 0);
    return this.now[at]!;
  }

  /** What m's counts cost, its rows at prices. */
  pricedAt(m: number, prices: Float64Array): number {
    const { flat, locStart, locRow } = this.model;
    const l0 = locStart[m]!;
    let priced = this.columns.evaluate(m, this.x, flat.first[m]!, this.attainment(m), this.now, 0);
    for (let i = 0; i < locStart[m + 1]! - l0; i++) priced += prices[locRow[l0 + i]!]! * this.now[i]!;
    return priced;
  }

  attainment(m: number): number {
    return this.columns.attainment(m, this.x, this.model.flat.first[m]!);
  }

  free(r: number): number {
    return this.limit[r]! - this.used[r]!;
  }

  over(r: number): boolean {
    return this.used[r]! > this.limit[r]!;
  }

  feasible(): boolean {
    for (let r = 0; r < this.used.length; r++) if (this.used[r]! > this.limit[r]!) return false;
    return true;
  }

  /** Looks at counts for m (from `at` on): what the objective would change by; NaN where a row that m would use more of overflows. */
  look(m: number, x: Float64Array, at: number): number {
    const { columns, model } = this;
    const l0 = model.locStart[m]!;
    const l = model.locStart[m + 1]! - l0;
    columns.evaluate(m, this.x, model.flat.first[m]!, this.attainment(m), this.now, 0);
    const cost = columns.evaluate(m, x, at, columns.attainment(m, x, at), this.next, 0);
    for (let i = 0; i < l; i++) {
      const more = this.next[i]! - this.now[i]!;
      const r = model.locRow[l0 + i]!;
      if (more > 1e-12 && this.used[r]! + more > this.limit[r]!) return Number.NaN;
    }
    return cost - this.cost[m]!;
  }

  /** Gives m the counts from `at` on, whatever the rows say. */
  set(m: number, x: Float64Array, at: number): void {
    const { columns, model } = this;
    const { flat } = model;
    const l0 = model.locStart[m]!;
    const l = model.locStart[m + 1]! - l0;
    const v0 = flat.first[m]!;
    columns.evaluate(m, this.x, v0, this.attainment(m), this.now, 0);
    const cost = columns.evaluate(m, x, at, columns.attainment(m, x, at), this.next, 0);
    for (let i = 0; i < l; i++) {
      const r = model.locRow[l0 + i]!;
      this.used[r] = this.used[r]! + this.next[i]! - this.now[i]!;
    }
    this.objective += cost - this.cost[m]!;
    this.cost[m] = cost;
    this.spend += this.spendOf(m, x, at) - this.spendOf(m, this.x, v0);
    for (let i = 0; i < flat.first[m + 1]! - v0; i++) this.x[v0 + i] = x[at + i]!;
  }

  /** The most replicas of each variant of m (by position) that its own and the free room hold, one variant at a time. */
  limits(m: number, into: Float64Array): void {
    const { flat } = this.model;
    const v0 = flat.first[m]!;
    const v1 = flat.first[m + 1]!;
    const { useStart, useRow, useAmount, useOwn } = flat;
    const own = this.now;
    for (let i = 0; i < flat.ownStart[m + 1]! - flat.ownStart[m]!; i++) own[i] = 0;
    for (let v = v0; v < v1; v++) {
      const k = this.x[v]!;
      if (k === 0) continue;
      for (let u = useStart[v]!; u < useStart[v + 1]!; u++) own[useOwn[u]!] = own[useOwn[u]!]! + useAmount[u]! * k;
    }
    for (let v = v0; v < v1; v++) {
      let most = flat.most[v]!;
      for (let u = useStart[v]!; u < useStart[v + 1]!; u++) {
        const r = useRow[u]!;
        const k = Math.floor((this.limit[r]! - this.used[r]! + own[useOwn[u]!]!) / useAmount[u]!);
        if (k < most) most = k;
      }
      into[v - v0] = Math.max(0, most);
    }
  }
}
