import { solvePositiveDefinite } from "./linear-algebra.ts";

/** What a Newton step on the smoothed dual starts from. */
export interface Ascent {
  prices: Float64Array;
  gradient: Float64Array;
  /** A price of the order that matters, by row. */
  units: Float64Array;
  /** Rows that may move, rising. */
  free: readonly number[];
  /** Negated Hessian over `free` (lower triangle, row-major). */
  hessian: Float64Array;
  damping: number;
}

/** Times that rows which would fall below 0 are taken out. */
const PASSES = 4;

/**
 * The damped Newton step from prices ≥ 0, projected: rows that would fall below 0 end there, the others step without them. No price rises
 * by more than twice itself and its unit.
 */
export function newtonStep({ prices, gradient, units, free, hessian, damping }: Ascent): Float64Array {
  const size = free.length;
  const next = prices.slice();
  let active = free.map((_, i) => i);
  for (let pass = 0; pass < PASSES && active.length > 0; pass++) {
    const k = active.length;
    const a = new Float64Array(k * k);
    const d = new Float64Array(k);
    for (let i = 0; i < k; i++) {
      const r = free[active[i]!]!;
      const from = active[i]! * size;
      for (let j = 0; j <= i; j++) a[i * k + j] = hessian[from + active[j]!]!;
      const diagonal = a[i * k + i]!;
      a[i * k + i] = diagonal * (1 + damping) + (damping * Math.abs(gradient[r]!)) / (prices[r]! + units[r]!) + 1e-12;
      d[i] = gradient[r]!;
    }
    solvePositiveDefinite(a, d, k);
    const leaving = active.filter((at, i) => prices[free[at]!]! + d[i]! < 0);
    if (leaving.length === 0 || pass === PASSES - 1) {
      for (let i = 0; i < k; i++) {
        const r = free[active[i]!]!;
        const most = 2 * prices[r]! + units[r]!;
        next[r] = Math.max(0, prices[r]! + Math.max(-most, Math.min(most, d[i]!)));
      }
      break;
    }
    for (const at of leaving) next[free[at]!] = 0;
    active = active.filter((at, i) => !(prices[free[at]!]! + d[i]! < 0));
  }
  return next;
}
