import { Arena } from "./parallel/arena.ts";
import { PatternWorth } from "./pattern-worth.ts";
import type { StageArrays } from "./stage-model.ts";

/** Patterns kept for each workload. */
export const COLUMNS = 12;

/** The numbers of a set of columns, all of them still without one. */
export function columnStore(model: StageArrays, arena = new Arena(false)) {
  const { flat } = model;
  return {
    x: arena.floats(flat.variants * COLUMNS),
    use: arena.floats(model.locRow.length * COLUMNS),
    objective: arena.floats(flat.workloads * COLUMNS),
    attained: arena.floats(flat.workloads * COLUMNS),
    cost: arena.floats(flat.workloads * COLUMNS),
    count: arena.bytes(flat.workloads).fill(0),
  };
}
export type ColumnStore = ReturnType<typeof columnStore>;

/** Columns of another stage of the same instance, with where they lie. */
export interface Heritage {
  columns: ColumnStore;
  locStart: Int32Array;
}

/**
 * Patterns of all workloads: replicas, what they cost in the stage, and what they use of the workload's local rows. Column c of workload m
 * has its counts at x[(first[m]·K) + c·nv …] and its uses at use[(locStart[m]·K) + c·L …].
 */
export class Columns extends PatternWorth {
  readonly x: Float64Array;
  readonly use: Float64Array;
  readonly objective: Float64Array;
  readonly attained: Float64Array;
  readonly count: Uint8Array;
  /** What the replicas of each column cost at factor 1, start costs included. */
  private readonly cost: Float64Array;
  /** Prices of the local rows of the workload at hand, and what its columns cost at them. */
  private readonly local: Float64Array;
  private readonly values = new Float64Array(COLUMNS);

  constructor(model: StageArrays, store = columnStore(model)) {
    super(model);
    this.x = store.x;
    this.use = store.use;
    this.objective = store.objective;
    this.attained = store.attained;
    this.count = store.count;
    this.cost = store.cost;
    const { locStart } = model;
    let widest = 1;
    for (let m = 0; m < model.flat.workloads; m++) widest = Math.max(widest, locStart[m + 1]! - locStart[m]!);
    this.local = new Float64Array(widest);
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
    }
    for (let i = 0; i < nv; i++) this.x[x0 + c * nv + i] = x[at + i]!;
    const a = this.attainment(m, this.x, x0 + c * nv);
    this.attained[m * COLUMNS + c] = a;
    this.objective[m * COLUMNS + c] = this.evaluate(m, this.x, x0 + c * nv, a, this.use, l0 * COLUMNS + c * l);
    this.cost[m * COLUMNS + c] = this.lastCost;
    // last: a thread that ends halfway leaves no half a column
    if (c === n) this.count[m] = n + 1;
    this.added++;
    return c;
  }

  /** Takes over the patterns that m had in another stage of the same instance, as far as they meet this one's hard need and minima. */
  inheritOne(m: number, { columns: other, locStart }: Heritage, prices: Float64Array): void {
    const { flat, hard, min } = this.model;
    const v0 = flat.first[m]!;
    const nv = flat.first[m + 1]! - v0;
    const width = locStart[m + 1]! - locStart[m]!;
    for (let c = 0; c < other.count[m]!; c++) {
      if (other.attained[m * COLUMNS + c]! < hard[m]! - 1e-9) continue;
      const at = v0 * COLUMNS + c * nv;
      let fits = true;
      for (let i = 0; i < nv && fits; i++) fits = other.x[at + i]! >= min[v0 + i]!;
      if (!fits) continue;
      // the other's columns differ from each other: only the one that every stage begins with may be among them
      if (this.count[m] === COLUMNS || this.isFirst(m, other.x, at)) this.add(m, other.x, at, prices);
      else this.adopt(m, c, other, locStart[m]! * COLUMNS + c * width);
    }
  }

  private isFirst(m: number, x: Float64Array, at: number): boolean {
    const { first } = this.model.flat;
    const x0 = first[m]! * COLUMNS;
    const nv = first[m + 1]! - first[m]!;
    if (this.count[m] === 0) return false;
    for (let i = 0; i < nv; i++) if (this.x[x0 + i] !== x[at + i]) return false;
    return true;
  }

  /** Appends column c of another stage: what it uses of the workload's own rows (from `from` on) and what it costs stay the same. */
  private adopt(m: number, c: number, other: ColumnStore, from: number): void {
    const { flat, locStart } = this.model;
    const nv = flat.first[m + 1]! - flat.first[m]!;
    const x0 = flat.first[m]! * COLUMNS;
    const l0 = locStart[m]!;
    const l = locStart[m + 1]! - l0;
    const own = flat.ownStart[m + 1]! - flat.ownStart[m]!;
    const n = this.count[m]!;
    const at = x0 + n * nv;
    const to = l0 * COLUMNS + n * l;
    for (let i = 0; i < nv; i++) this.x[at + i] = other.x[x0 + c * nv + i]!;
    for (let i = 0; i < own; i++) this.use[to + i] = other.use[from + i]!;
    for (let i = own; i < l; i++) this.use[to + i] = 0;
    const a = other.attained[m * COLUMNS + c]!;
    const cost = other.cost[m * COLUMNS + c]!;
    this.attained[m * COLUMNS + n] = a;
    this.cost[m * COLUMNS + n] = cost;
    this.objective[m * COLUMNS + n] = this.withRest(m, this.x, at, a, cost, this.use, to);
    this.count[m] = n + 1;
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

  /** Priced values of all columns of m, into `priced`; returns the cheapest one, −1 where it has none. */
  priceAll(m: number, prices: Float64Array, priced: Float64Array): number {
    const { model, local, objective, use } = this;
    const { locStart, locRow } = model;
    const l0 = locStart[m]!;
    const l = locStart[m + 1]! - l0;
    for (let i = 0; i < l; i++) local[i] = prices[locRow[l0 + i]!]!;
    let best = -1;
    let least = Number.POSITIVE_INFINITY;
    const count = this.count[m]!;
    for (let c = 0, u = l0 * COLUMNS; c < count; c++) {
      let p = objective[m * COLUMNS + c]!;
      for (let i = 0; i < l; i++) p += local[i]! * use[u++]!;
      priced[c] = p;
      if (p < least) {
        least = p;
        best = c;
      }
    }
    return best;
  }

  /** Index of the column of m that costs least at prices; −1 where it has none. */
  cheapest(m: number, prices: Float64Array): number {
    return this.priceAll(m, prices, this.values);
  }
}
