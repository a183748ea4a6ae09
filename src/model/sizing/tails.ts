/**
 * Tails of distributions, in closed form and cheap: sizing asks for hundreds of thousands. All take finite numbers; a variance of 0
 * is a step.
 */

/** P(Z > z) of a standard normal, within 1e-5 (Abramowitz and Stegun, 26.2.16 with the coefficients of 26.2.17: 7.5e-8). */
export function normalTail(z: number): number {
  if (z === Number.POSITIVE_INFINITY) return 0;
  if (z === Number.NEGATIVE_INFINITY) return 1;
  const t = 1 / (1 + 0.2316419 * (z < 0 ? -z : z));
  const density = 0.3989422804014327 * Math.exp(-0.5 * z * z);
  const tail =
    density * t * (0.31938153 + t * (-0.356563782 + t * (1.781477937 + t * (-1.821255978 + t * 1.330274429))));
  return z < 0 ? 1 - tail : tail;
}

/** P(X > x) of a gamma variable by mean and variance, by the cube root of Wilson and Hilferty (PNAS 17, 1931). */
export function gammaTail(mean: number, variance: number, x: number): number {
  if (x <= 0) return 1;
  if (!(variance > 1e-12 * mean * mean) || !(mean > 0)) return x < mean ? 1 : 0;
  const ninth = variance / (9 * mean * mean);
  // The cube root is poor where most of the mass is near 0.
  if (ninth > 1 / 9) return logNormalTail(mean, variance, x);
  // Seven deviations away nothing is left to compute.
  const away = x - mean;
  if (away * away > 49 * variance) return away > 0 ? 0 : 1;
  return normalTail((Math.cbrt(x / mean) - (1 - ninth)) / Math.sqrt(ninth));
}

/** P(X > x) of a uniform variable on 0 to `width`, and a normal one of this deviation besides. */
export function uniformTail(width: number, deviation: number, x: number): number {
  if (deviation < 0.02 * width) return x <= 0 ? 1 : x >= width ? 0 : 1 - x / width;
  if (width < 0.02 * deviation) return normalTail((x - width / 2) / deviation);
  return (deviation / width) * (normalLoss((x - width) / deviation) - normalLoss(x / deviation));
}

/** E[(Z − z)+] of a standard normal. */
function normalLoss(z: number): number {
  return 0.3989422804014327 * Math.exp(-0.5 * z * z) - z * normalTail(z);
}

/** P(X > x) of a log-normal variable by mean and variance. */
export function logNormalTail(mean: number, variance: number, x: number): number {
  if (x <= 0) return 1;
  if (!(mean > 0)) return 0;
  const spread = Math.log1p(variance / (mean * mean));
  return normalTail((Math.log(x / mean) + spread / 2) / Math.sqrt(Math.max(spread, 1e-12)));
}
