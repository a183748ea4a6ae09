import { solvePositiveDefinite } from "./linear-algebra.ts";
import type { Column } from "./pricing.ts";

/**
 * The restricted dual over known columns, smoothed: Σ_m −τ_m·log Σ_c exp(−(f_c + λ·u_c)/τ_m) − λ·capacity, maximised over λ ≥ 0 by
 * damped projected Newton steps. As τ falls it tends to the Lagrangian dual of the columns (entropy smoothing, Nesterov 2005).
 */
export class SmoothedMaster {
  private readonly capacity: Float64Array;
  private readonly scale: Float64Array;
  private readonly n: number;
  private damping = 1e-3;

  /** `scale`: temperature of each workload at τ = 1, in the unit of the objective. */
  constructor(capacity: Float64Array, scale: Float64Array) {
    this.capacity = capacity;
    this.scale = scale;
    this.n = capacity.length;
  }

  /** Value at `prices`; gradient and (negated) Hessian are added up where given. Weights of columns go into `weights`. */
  evaluate(
    columns: Column[][],
    prices: Float64Array,
    tau: number,
    gradient?: Float64Array,
    hessian?: Float64Array,
  ): number {
    const { n } = this;
    let value = 0;
    gradient?.fill(0);
    hessian?.fill(0);
    for (let r = 0; r < n; r++) {
      value -= prices[r]! * this.capacity[r]!;
      if (gradient) gradient[r] = -this.capacity[r]!;
    }
    const mean = new Float64Array(n);
    const touched: number[] = [];
    const priced: number[] = [];
    for (let m = 0; m < columns.length; m++) {
      const own = columns[m]!;
      const t = tau * this.scale[m]!;
      let least = Number.POSITIVE_INFINITY;
      for (let c = 0; c < own.length; c++) {
        const { objective, rows, uses } = own[c]!;
        let p = objective;
        for (let i = 0; i < rows.length; i++) p += prices[rows[i]!]! * uses[i]!;
        priced[c] = p;
        if (p < least) least = p;
      }
      let sum = 0;
      for (let c = 0; c < own.length; c++) sum += priced[c] = Math.exp((least - priced[c]!) / t);
      value += least - t * Math.log(sum);
      if (!gradient) continue;
      touched.length = 0;
      for (let c = 0; c < own.length; c++) {
        const weight = priced[c]! / sum;
        if (weight < 1e-7) continue;
        const { rows, uses } = own[c]!;
        for (let i = 0; i < rows.length; i++) {
          const r = rows[i]!;
          if (mean[r] === 0) touched.push(r);
          mean[r] = mean[r]! + weight * uses[i]!;
          gradient[r] = gradient[r]! + weight * uses[i]!;
        }
        if (!hessian || own.length < 2) continue;
        const factor = weight / t;
        for (let i = 0; i < rows.length; i++) {
          const at = rows[i]! * n;
          const u = factor * uses[i]!;
          for (let j = 0; j <= i; j++) hessian[at + rows[j]!] = hessian[at + rows[j]!]! + u * uses[j]!;
        }
      }
      if (hessian && own.length > 1) {
        for (const r of touched)
          for (const s of touched) if (s <= r) hessian[r * n + s] = hessian[r * n + s]! - (mean[r]! * mean[s]!) / t;
      }
      for (const r of touched) mean[r] = 0;
    }
    return value;
  }

  /** Newton steps from `prices` (changed in place) until the gain fades; returns the smoothed value. */
  maximise(columns: Column[][], prices: Float64Array, tau: number, steps: number): number {
    const { n } = this;
    const gradient = new Float64Array(n);
    const hessian = new Float64Array(n * n);
    this.damping = 1e-3;
    let value = this.evaluate(columns, prices, tau, gradient, hessian);
    for (let step = 0; step < steps; step++) {
      const free: number[] = [];
      for (let r = 0; r < n; r++) if (prices[r]! > 0 || gradient[r]! > 0) free.push(r);
      if (free.length === 0) return value;
      let moved = false;
      for (let attempt = 0; attempt < 10 && !moved; attempt++) {
        const next = this.step(prices, gradient, hessian, free);
        let predicted = 0;
        for (let r = 0; r < n; r++) predicted += gradient[r]! * (next[r]! - prices[r]!);
        const gained = this.evaluate(columns, next, tau) - value;
        if (gained > 0.05 * predicted && gained > 0) {
          this.damping = Math.max(1e-9, gained > 0.5 * predicted ? this.damping * 0.2 : this.damping);
          prices.set(next);
          moved = gained > 1e-9 * Math.abs(value);
          break;
        }
        this.damping = Math.min(1e9, this.damping * 8);
      }
      if (!moved) return this.evaluate(columns, prices, tau);
      value = this.evaluate(columns, prices, tau, gradient, hessian);
    }
    return value;
  }

  private step(prices: Float64Array, gradient: Float64Array, hessian: Float64Array, free: number[]): Float64Array {
    let active = free;
    const next = prices.slice();
    for (let pass = 0; pass < 4 && active.length > 0; pass++) {
      const k = active.length;
      const a = new Float64Array(k * k);
      const d = new Float64Array(k);
      active.forEach((r, i) => {
        for (let j = 0; j <= i; j++) a[i * k + j] = hessian[r * this.n + active[j]!]!;
        const diagonal = a[i * k + i]!;
        a[i * k + i] =
          diagonal * (1 + this.damping) + (this.damping * Math.abs(gradient[r]!)) / (prices[r]! + this.unit(r)) + 1e-12;
        d[i] = gradient[r]!;
      });
      solvePositiveDefinite(a, d, k);
      const leaving = active.filter((r, i) => prices[r]! + d[i]! < 0);
      if (leaving.length === 0 || pass === 3) {
        active.forEach((r, i) => {
          const most = 2 * prices[r]! + this.unit(r);
          next[r] = Math.max(0, prices[r]! + Math.max(-most, Math.min(most, d[i]!)));
        });
        break;
      }
      for (const r of leaving) next[r] = 0;
      active = active.filter((r) => !leaving.includes(r));
    }
    return next;
  }

  /** A price of the order that matters on row r. */
  unit(r: number): number {
    return this.units[r] ?? 1;
  }

  units: Float64Array = new Float64Array(0);
}
