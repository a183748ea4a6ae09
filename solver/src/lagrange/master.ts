import { COLUMNS, type Columns } from "./columns.ts";
import { solvePositiveDefinite } from "./linear-algebra.ts";

/** Columns this many temperatures above a workload's cheapest weigh less than e^−35: they are left out. */
const WINDOW = 35;
/** Times that columns are gathered anew at one temperature. */
const PASSES = 6;
/** Weights below this add nothing to gradients. */
const LEAST_WEIGHT = 1e-9;

/** A longer copy, at least twice as long. */
function grown<T extends Int32Array | Float64Array>(array: T, size: number): T {
  const next = new (array.constructor as new (n: number) => T)(Math.max(size, array.length * 2));
  next.set(array);
  return next;
}

/**
 * The restricted dual over known columns of some workloads, smoothed by entropy: Σ_m −τ_m·log Σ_c exp(−(f_c + λ·u_c)/τ_m) − λ·capacity,
 * maximised over λ ≥ 0 by damped projected Newton steps (Nesterov 2005 for the smoothing). As τ falls it tends to the dual of the columns.
 *
 * `select` gathers the columns that can matter near some prices; workloads with a single one become constants.
 */
export class Master {
  readonly columns: Columns;
  /** Temperature of each workload at τ = 1, in the unit of the objective. */
  readonly scale: Float64Array;
  /** A price of the order that matters, by row. */
  readonly units: Float64Array;
  capacity: Float64Array;
  private readonly rows: number;
  /** Use and objective of the workloads with a single column. */
  private readonly baseUse: Float64Array;
  private baseObjective = 0;
  // active workloads: their columns one after another
  private active = 0;
  private workload: Int32Array;
  private startOf: Int32Array;
  private objective: Float64Array;
  private useAt: Int32Array;
  private readonly priced = new Float64Array(COLUMNS);
  private readonly mean: Float64Array;
  private hessian: Float64Array;
  private gradient: Float64Array;
  private otherHessian: Float64Array;
  private otherGradient: Float64Array;
  /** By column of the selection: which one of its workload's it is. */
  private column: Int32Array<ArrayBufferLike> = new Int32Array(1024);
  /** Rows on which the columns of a workload differ, and their uses, side by side. */
  private readonly rowStart: Int32Array;
  private localRow: Int32Array<ArrayBufferLike> = new Int32Array(4096);
  private uses: Float64Array<ArrayBufferLike> = new Float64Array(16_384);
  private width = 0;
  private readonly keptAt: Int32Array;
  private damping = 1e-3;
  evaluations = 0;

  constructor(columns: Columns, scale: Float64Array, units: Float64Array, capacity: Float64Array) {
    this.columns = columns;
    this.scale = scale;
    this.units = units;
    this.capacity = capacity;
    this.rows = capacity.length;
    this.baseUse = new Float64Array(this.rows);
    const w = columns.model.flat.workloads;
    this.workload = new Int32Array(w);
    this.startOf = new Int32Array(w + 1);
    this.rowStart = new Int32Array(w + 1);
    this.objective = new Float64Array(1024);
    this.useAt = new Int32Array(1024);
    const { locStart, flat } = columns.model;
    let widest = 1;
    for (let m = 0; m < w; m++) widest = Math.max(widest, locStart[m + 1]! - locStart[m]!);
    this.mean = new Float64Array(widest);
    this.keptAt = new Int32Array(widest);
    this.meanCounts = new Float64Array(flat.widest);
    this.hessian = new Float64Array(this.rows * this.rows);
    this.gradient = new Float64Array(this.rows);
    this.otherHessian = new Float64Array(this.rows * this.rows);
    this.otherGradient = new Float64Array(this.rows);
  }

  /** Gathers the columns of `list` within reach of `prices` at temperature τ. */
  select(list: Int32Array, prices: Float64Array, tau: number): void {
    const { length } = list;
    const { columns } = this;
    const { model } = columns;
    this.baseUse.fill(0);
    this.baseObjective = 0;
    this.active = 0;
    let n = 0;
    for (let k = 0; k < length; k++) {
      const m = list[k]!;
      const count = columns.count[m]!;
      const l0 = model.locStart[m]!;
      const l = model.locStart[m + 1]! - l0;
      let least = Number.POSITIVE_INFINITY;
      let arg = 0;
      for (let c = 0; c < count; c++) {
        const p = columns.priced(m, c, prices);
        this.priced[c] = p;
        if (p < least) {
          least = p;
          arg = c;
        }
      }
      const most = least + WINDOW * tau * this.scale[m]!;
      let near = 0;
      for (let c = 0; c < count; c++) if (this.priced[c]! <= most) near++;
      if (near <= 1) {
        if (count === 0) continue;
        this.baseObjective += columns.objective[m * COLUMNS + arg]!;
        const u0 = l0 * COLUMNS + arg * l;
        for (let i = 0; i < l; i++) {
          const r = model.locRow[l0 + i]!;
          this.baseUse[r] = this.baseUse[r]! + columns.use[u0 + i]!;
        }
        continue;
      }
      if (n + near > this.objective.length) this.grow(n + near);
      this.workload[this.active] = m;
      this.startOf[this.active++] = n;
      for (let c = 0; c < count; c++) {
        if (this.priced[c]! > most) continue;
        this.objective[n] = columns.objective[m * COLUMNS + c]!;
        this.column[n++] = c;
      }
      this.compact(m, this.startOf[this.active - 1]!, n);
    }
    this.startOf[this.active] = n;
  }

  /** Copies the uses of the columns from..to of m side by side; rows that all of them use alike go to the base. */
  private compact(m: number, from: number, to: number): void {
    const { columns } = this;
    const { locStart, locRow } = columns.model;
    const { use } = columns;
    const l0 = locStart[m]!;
    const l = locStart[m + 1]! - l0;
    const first = l0 * COLUMNS + this.column[from]! * l;
    const at = this.rowStart[this.active - 1]!;
    if (at + l > this.localRow.length) this.localRow = grown(this.localRow, at + l);
    let kept = 0;
    for (let i = 0; i < l; i++) {
      const u = use[first + i]!;
      let same = true;
      for (let c = from + 1; c < to && same; c++) same = use[l0 * COLUMNS + this.column[c]! * l + i] === u;
      const r = locRow[l0 + i]!;
      if (same) this.baseUse[r] = this.baseUse[r]! + u;
      else {
        this.localRow[at + kept] = r;
        this.keptAt[kept++] = i;
      }
    }
    this.rowStart[this.active] = at + kept;
    let write = from === 0 ? 0 : this.useAt[from - 1]! + this.width;
    this.width = kept;
    if (write + kept * (to - from) > this.uses.length) this.uses = grown(this.uses, write + kept * (to - from));
    for (let c = from; c < to; c++) {
      this.useAt[c] = write;
      const u0 = l0 * COLUMNS + this.column[c]! * l;
      for (let i = 0; i < kept; i++) this.uses[write + i] = use[u0 + this.keptAt[i]!]!;
      write += kept;
    }
  }

  private grow(size: number): void {
    const next = Math.max(size, this.objective.length * 2);
    const objective = new Float64Array(next);
    objective.set(this.objective);
    this.objective = objective;
    this.useAt = grown(this.useAt, next);
    this.column = grown(this.column, next);
  }

  /** Workloads that have a choice at the selection. */
  get choices(): number {
    return this.active;
  }

  /** Smoothed value at `prices`; gradient and negated Hessian (lower triangle) are filled where asked. */
  private evaluate(prices: Float64Array, tau: number, gradient: Float64Array, hessian: Float64Array): number {
    const { rows, mean, priced, objective, useAt, localRow: locRow, uses: use, rowStart: locStart } = this;
    this.evaluations++;
    let value = this.baseObjective;
    for (let r = 0; r < rows; r++) {
      const over = this.baseUse[r]! - this.capacity[r]!;
      value += prices[r]! * over;
      gradient[r] = over;
    }
    hessian.fill(0);
    for (let k = 0; k < this.active; k++) {
      const m = this.workload[k]!;
      const from = this.startOf[k]!;
      const n = this.startOf[k + 1]! - from;
      const l0 = locStart[k]!;
      const l = locStart[k + 1]! - l0;
      const t = tau * this.scale[m]!;
      let least = Number.POSITIVE_INFINITY;
      for (let c = 0; c < n; c++) {
        let p = objective[from + c]!;
        const u0 = useAt[from + c]!;
        for (let i = 0; i < l; i++) {
          p += prices[locRow[l0 + i]!]! * use[u0 + i]!;
        }
        priced[c] = p;
        if (p < least) least = p;
      }
      let sum = 0;
      for (let c = 0; c < n; c++) {
        const e = Math.exp((least - priced[c]!) / t);
        priced[c] = e;
        sum += e;
      }
      value += least - t * Math.log(sum);
      for (let i = 0; i < l; i++) mean[i] = 0;
      let single = -1;
      for (let c = 0; c < n; c++) {
        const weight = priced[c]! / sum;
        priced[c] = weight;
        if (weight < LEAST_WEIGHT) continue;
        if (weight > 1 - LEAST_WEIGHT) single = c;
        const u0 = useAt[from + c]!;
        for (let i = 0; i < l; i++) {
          mean[i] = mean[i]! + weight * use[u0 + i]!;
        }
      }
      for (let i = 0; i < l; i++) {
        const r = locRow[l0 + i]!;
        gradient[r] = gradient[r]! + mean[i]!;
      }
      if (single >= 0) continue;
      // covariance of the uses over the temperature
      for (let c = 0; c < n; c++) {
        const factor = priced[c]! / t;
        if (priced[c]! < LEAST_WEIGHT) continue;
        const u0 = useAt[from + c]!;
        for (let i = 0; i < l; i++) {
          const d = use[u0 + i]! - mean[i]!;
          if (d === 0) continue;
          const f = factor * d;
          const ri = locRow[l0 + i]!;
          for (let j = 0; j <= i; j++) {
            const rj = locRow[l0 + j]!;
            const at = ri >= rj ? ri * rows + rj : rj * rows + ri;
            hessian[at] = hessian[at]! + f * (use[u0 + j]! - mean[j]!);
          }
        }
      }
    }
    return value;
  }

  /**
   * The restricted optimum over the columns of `list`: Newton on those that are near, gathered anew as prices move. Where a step left the
   * region for which they were gathered and lost, it is taken back and more are gathered. Returns the smoothed value.
   */
  ascend(list: Int32Array, prices: Float64Array, tau: number, steps: number, precise: number): number {
    let reach = tau >= 0.1 ? Number.POSITIVE_INFINITY : 2;
    this.select(list, prices, tau * reach);
    let value = this.evaluate(prices, tau, this.gradient, this.hessian);
    for (let pass = 0; pass < PASSES; pass++) {
      const before = prices.slice();
      const gained = this.maximise(prices, tau, steps, precise);
      if (reach === Number.POSITIVE_INFINITY) return value + gained;
      this.select(list, prices, tau * reach);
      const now = this.evaluate(prices, tau, this.gradient, this.hessian);
      if (now < value) {
        prices.set(before);
        reach = reach > 100 ? Number.POSITIVE_INFINITY : reach * 8;
        this.select(list, prices, tau * reach);
        continue;
      }
      const rose = now - value;
      value = now;
      if (rose <= 1e-6 * Math.abs(value) && (precise <= 0 || this.violation(prices) < precise || pass > 2)) break;
    }
    return value;
  }

  /** Newton steps from `prices` (changed in place) until the gain fades; returns what was gained of the smoothed value. */
  maximise(prices: Float64Array, tau: number, steps: number, precise = 0): number {
    const { rows } = this;
    this.damping = 1e-3;
    let value = this.evaluate(prices, tau, this.gradient, this.hessian);
    const first = value;
    for (let step = 0; step < steps; step++) {
      const free: number[] = [];
      for (let r = 0; r < rows; r++)
        if (this.columns.model.priced[r] && (prices[r]! > 0 || this.gradient[r]! > 0)) free.push(r);
      if (free.length === 0) break;
      let gained = 0;
      let predicted = 0;
      for (let attempt = 0; attempt < 8; attempt++) {
        const next = this.step(prices, free);
        predicted = 0;
        for (let r = 0; r < rows; r++) predicted += this.gradient[r]! * (next[r]! - prices[r]!);
        if (predicted <= 1e-9 * Math.abs(value)) break;
        gained = this.evaluate(next, tau, this.otherGradient, this.otherHessian) - value;
        if (gained > 0.02 * predicted) {
          if (gained > 0.4 * predicted) this.damping = Math.max(1e-9, this.damping * 0.2);
          prices.set(next);
          [this.gradient, this.otherGradient] = [this.otherGradient, this.gradient];
          [this.hessian, this.otherHessian] = [this.otherHessian, this.hessian];
          value += gained;
          break;
        }
        gained = 0;
        this.damping = Math.min(1e9, this.damping * 8);
      }
      if (gained <= 1e-7 * Math.abs(value) && (precise <= 0 || this.violation(prices) < precise || gained <= 0)) break;
    }
    return value - first;
  }

  /** Largest share of a row by which the smoothed plan misses it: overload, or room on a row that has a price. */
  violation(prices: Float64Array): number {
    let worst = 0;
    for (let r = 0; r < this.rows; r++) {
      const g = this.gradient[r]!;
      if (g > 0 || prices[r]! > 0) worst = Math.max(worst, Math.abs(g) / Math.max(1, this.capacity[r]!));
    }
    return worst;
  }

  /**
   * For each selected workload with a choice: its likeliest column, that column's weight, and the mean of its counts (`mean`, with how far
   * likely columns lie apart in `spread`).
   */
  likeliest(prices: Float64Array, tau: number, visit: (m: number, weight: number, c: number) => void): void {
    const { columns, priced } = this;
    const { flat } = columns.model;
    const { localRow: locRow, uses: use, rowStart: locStart } = this;
    for (let k = 0; k < this.active; k++) {
      const m = this.workload[k]!;
      const from = this.startOf[k]!;
      const n = this.startOf[k + 1]! - from;
      const l0 = locStart[k]!;
      const l = locStart[k + 1]! - l0;
      let least = Number.POSITIVE_INFINITY;
      let arg = 0;
      for (let c = 0; c < n; c++) {
        let p = this.objective[from + c]!;
        const u0 = this.useAt[from + c]!;
        for (let i = 0; i < l; i++) p += prices[locRow[l0 + i]!]! * use[u0 + i]!;
        priced[c] = p;
        if (p < least) {
          least = p;
          arg = c;
        }
      }
      let sum = 0;
      for (let c = 0; c < n; c++) sum += priced[c] = Math.exp((least - priced[c]!) / (tau * this.scale[m]!));
      const nv = flat.first[m + 1]! - flat.first[m]!;
      const column = (c: number) => this.column[from + c]!;
      let apart = 0;
      for (let i = 0; i < nv; i++) {
        let mean = 0;
        let low = Number.POSITIVE_INFINITY;
        let high = 0;
        for (let c = 0; c < n; c++) {
          const weight = priced[c]! / sum;
          if (weight < 0.01) continue;
          const x = columns.x[flat.first[m]! * COLUMNS + column(c) * nv + i]!;
          mean += weight * x;
          if (x < low) low = x;
          if (x > high) high = x;
        }
        this.meanCounts[i] = mean;
        apart = Math.max(apart, high - low);
      }
      this.spread = apart;
      visit(m, 1 / sum, column(arg));
    }
  }

  readonly meanCounts: Float64Array;
  spread = 0;

  private step(prices: Float64Array, free: number[]): Float64Array {
    const { rows, gradient, hessian } = this;
    let active = free;
    const next = prices.slice();
    for (let pass = 0; pass < 4 && active.length > 0; pass++) {
      const k = active.length;
      const a = new Float64Array(k * k);
      const d = new Float64Array(k);
      for (let i = 0; i < k; i++) {
        const r = active[i]!;
        for (let j = 0; j <= i; j++) a[i * k + j] = hessian[r * rows + active[j]!]!;
        const diagonal = a[i * k + i]!;
        a[i * k + i] =
          diagonal * (1 + this.damping) +
          (this.damping * Math.abs(gradient[r]!)) / (prices[r]! + this.units[r]!) +
          1e-12;
        d[i] = gradient[r]!;
      }
      solvePositiveDefinite(a, d, k);
      const leaving = active.filter((r, i) => prices[r]! + d[i]! < 0);
      if (leaving.length === 0 || pass === 3) {
        for (let i = 0; i < k; i++) {
          const r = active[i]!;
          const most = 2 * prices[r]! + this.units[r]!;
          next[r] = Math.max(0, prices[r]! + Math.max(-most, Math.min(most, d[i]!)));
        }
        break;
      }
      for (const r of leaving) next[r] = 0;
      active = active.filter((_, i) => !(prices[active[i]!]! + d[i]! < 0));
    }
    return next;
  }
}
