/** Pivots below this are lifted to it. */
const LEAST_PIVOT = 1e-18;
const LEAST_ROOT = Math.sqrt(LEAST_PIVOT);

/**
 * Solves A·x = b for a symmetric positive semidefinite A (row-major n×n, lower triangle used, overwritten) by Cholesky; x replaces b.
 * Pivots that vanish are lifted, which damps their direction.
 */
export function solvePositiveDefinite(a: Float64Array, b: Float64Array, n: number): void {
  for (let i = 0; i < n; i++) {
    const ri = i * n;
    for (let j = 0; j <= i; j++) {
      const rj = j * n;
      let sum = a[ri + j]!;
      for (let k = 0; k < j; k++) sum -= a[ri + k]! * a[rj + k]!;
      if (i !== j) a[ri + j] = sum / a[rj + j]!;
      else a[ri + j] = sum > LEAST_PIVOT ? Math.sqrt(sum) : LEAST_ROOT;
    }
  }
  for (let i = 0; i < n; i++) {
    let sum = b[i]!;
    for (let k = 0; k < i; k++) sum -= a[i * n + k]! * b[k]!;
    b[i] = sum / a[i * n + i]!;
  }
  for (let i = n - 1; i >= 0; i--) {
    let sum = b[i]!;
    for (let k = i + 1; k < n; k++) sum -= a[k * n + i]! * b[k]!;
    b[i] = sum / a[i * n + i]!;
  }
}
