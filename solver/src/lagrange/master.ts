import type { Columns } from "./columns.ts";
import { type Tendency, visitLikeliest } from "./likeliest.ts";
import { newtonStep } from "./newton.ts";
import { blocksOf } from "./parallel/selection.ts";
import type { StageThreads } from "./parallel/stage-threads.ts";

/** Times that columns are gathered anew at one temperature. */
const PASSES = 6;
/** Steps are shortened this often before a point counts as the best. */
const ATTEMPTS = 8;
/** Of the value at temperature 1, what is not worth another step; smoothing hides as much, and more. */
const LEAST_GAIN = 0.01;

function leastGain(tau: number, precise: number): number {
  return precise > 0 ? 1e-7 : Math.max(1e-7, LEAST_GAIN * tau);
}

/**
 * The restricted dual over known columns of some workloads, smoothed by entropy: Σ_m −τ_m·log Σ_c exp(−(f_c + λ·u_c)/τ_m) − λ·capacity,
 * maximised over λ ≥ 0 by damped projected Newton steps (Nesterov 2005 for the smoothing). As τ falls it tends to the dual of the columns.
 *
 * Only the columns that can matter near some prices are gathered; workloads with a single one become constants.
 */
export class Master {
  /** A price of the order that matters, by row. */
  readonly units: Float64Array;
  /** Mean counts of the likely columns, by position: while `likeliest` visits. */
  readonly meanCounts: Float64Array;
  capacity: Float64Array;
  private readonly columns: Columns;
  private readonly threads: StageThreads;
  private readonly rows: number;
  private gradient: Float64Array;
  private otherGradient: Float64Array;
  private free: number[] = [];
  private hessian: Float64Array = new Float64Array(0);
  private damping = 1e-3;
  /** Workloads of the list that was gathered. */
  private listed = 0;
  private blocks = 1;

  constructor(threads: StageThreads, capacity: Float64Array) {
    this.threads = threads;
    this.columns = threads.work.columns;
    this.capacity = capacity;
    this.rows = capacity.length;
    this.units = new Float64Array(this.rows);
    this.meanCounts = new Float64Array(this.columns.model.flat.widest);
    this.gradient = new Float64Array(this.rows);
    this.otherGradient = new Float64Array(this.rows);
  }

  /** Gathers the columns of `list` within reach of `prices` at temperature τ. */
  private gather(list: Int32Array, prices: Float64Array, tau: number): void {
    const { store } = this.threads.work.selection;
    const { locStart } = this.columns.model;
    this.listed = list.length;
    this.blocks = blocksOf(list.length, this.rows);
    store.list.set(list);
    let at = 0;
    let local = 0;
    for (let b = 0; b < this.blocks; b++) {
      store.from[b] = at;
      store.rowsFrom[b] = local;
      const end = Math.floor(((b + 1) * list.length) / this.blocks);
      for (; at < end; at++) local += locStart[list[at]! + 1]! - locStart[list[at]!]!;
    }
    store.from[this.blocks] = list.length;
    this.threads.run("gather", this.blocks, prices, tau);
  }

  /** Smoothed value at `prices`, and its gradient. */
  private evaluate(prices: Float64Array, tau: number, gradient: Float64Array): number {
    const { rows, capacity } = this;
    this.threads.run("evaluate", this.blocks, prices, tau);
    const { store } = this.threads.work.selection;
    let value = 0;
    for (let r = 0; r < rows; r++) {
      value -= prices[r]! * capacity[r]!;
      gradient[r] = -capacity[r]!;
    }
    for (let b = 0; b < this.blocks; b++) {
      value += store.value[b]!;
      for (let r = 0; r < rows; r++) gradient[r] = gradient[r]! + store.gradient[b * rows + r]!;
    }
    return value;
  }

  /** Rows that may move from the prices last evaluated, and the negated Hessian over them. */
  private curve(prices: Float64Array, tau: number): void {
    const { rows, free } = this;
    const { priced } = this.columns.model;
    const { place, hessian } = this.threads.work.selection.store;
    free.length = 0;
    for (let r = 0; r < rows; r++) {
      const moves = priced[r] === 1 && (prices[r]! > 0 || this.gradient[r]! > 0);
      place[r] = moves ? free.length : -1;
      if (moves) free.push(r);
    }
    const size = free.length;
    if (size === 0) return;
    this.threads.run("curve", this.blocks, prices, tau, size);
    if (this.hessian.length < size * size) this.hessian = new Float64Array(size * size);
    this.hessian.set(hessian.subarray(0, size * size));
    for (let b = 1; b < this.blocks; b++) {
      const from = b * rows * rows;
      for (let i = 0; i < size * size; i++) this.hessian[i] = this.hessian[i]! + hessian[from + i]!;
    }
  }

  /**
   * The restricted optimum over the columns of `list`: Newton on those that are near, gathered anew as prices move. Where a step left the
   * region for which they were gathered and lost, it is taken back and more are gathered. Changes `prices`.
   */
  ascend(list: Int32Array, prices: Float64Array, tau: number, steps: number, precise: number): void {
    let reach = tau >= 0.1 ? Number.POSITIVE_INFINITY : 2;
    this.gather(list, prices, tau * reach);
    let value = this.evaluate(prices, tau, this.gradient);
    for (let pass = 0; pass < PASSES; pass++) {
      const before = prices.slice();
      this.maximise(prices, tau, steps, precise, value);
      if (reach === Number.POSITIVE_INFINITY) return;
      this.gather(list, prices, tau * reach);
      const now = this.evaluate(prices, tau, this.gradient);
      if (now < value) {
        prices.set(before);
        reach = reach > 100 ? Number.POSITIVE_INFINITY : reach * 8;
        this.gather(list, prices, tau * reach);
        value = this.evaluate(prices, tau, this.gradient);
        continue;
      }
      const rose = now - value;
      value = now;
      if (
        rose <= leastGain(tau, precise) * Math.abs(value) &&
        (precise <= 0 || this.violation(prices) < precise || pass > 2)
      )
        break;
    }
  }

  /** Newton steps from `prices` (changed in place), where `value` was just evaluated, until the gain fades. */
  private maximise(prices: Float64Array, tau: number, steps: number, precise: number, start: number): void {
    this.damping = 1e-3;
    let value = start;
    const least = leastGain(tau, precise);
    for (let step = 0; step < steps; step++) {
      this.curve(prices, tau);
      if (this.free.length === 0) break;
      const gained = this.climb(prices, tau, value);
      value += gained;
      if (gained <= least * Math.abs(value) && (precise <= 0 || this.violation(prices) < precise || gained <= 0)) break;
    }
  }

  /** One step that gains, the damping raised until there is one; 0 where there is none. */
  private climb(prices: Float64Array, tau: number, value: number): number {
    for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
      const { gradient, units, free, hessian, damping } = this;
      const next = newtonStep({ prices, gradient, units, free, hessian, damping });
      let predicted = 0;
      for (let r = 0; r < this.rows; r++) predicted += gradient[r]! * (next[r]! - prices[r]!);
      if (predicted <= 1e-9 * Math.abs(value)) return 0;
      const gained = this.evaluate(next, tau, this.otherGradient) - value;
      if (gained > 0.02 * predicted) {
        if (gained > 0.4 * predicted) this.damping = Math.max(1e-9, this.damping * 0.2);
        prices.set(next);
        [this.gradient, this.otherGradient] = [this.otherGradient, this.gradient];
        return gained;
      }
      this.damping = Math.min(1e9, this.damping * 8);
    }
    return 0;
  }

  /** Largest share of a row by which the smoothed plan misses it: overload, or room on a row that has a price. */
  private violation(prices: Float64Array): number {
    let worst = 0;
    for (let r = 0; r < this.rows; r++) {
      const g = this.gradient[r]!;
      if (g > 0 || prices[r]! > 0) worst = Math.max(worst, Math.abs(g) / Math.max(1, this.capacity[r]!));
    }
    return worst;
  }

  /** Visits the workloads of the last `ascend` that have a choice at these prices, with what they tend to. */
  likeliest(prices: Float64Array, tau: number, visit: (tendency: Tendency) => void): void {
    this.threads.run("evaluate", this.blocks, prices, tau);
    visitLikeliest(this.columns, this.threads.work.selection, this.listed, this.meanCounts, visit);
  }
}
