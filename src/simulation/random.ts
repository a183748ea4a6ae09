/** Seeded generator of 32-bit state (mulberry32) with the distributions that requests are drawn from. Same seed, same numbers, on every machine. */
export class Random {
  private state: number;

  constructor(seed: number) {
    this.state = seed >>> 0;
  }

  /** In [0, 1). */
  next(): number {
    this.state = (this.state + 0x6d2b79f5) >>> 0;
    let t = this.state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  }

  /** In [low, high). */
  between(low: number, high: number): number {
    return low + (high - low) * this.next();
  }

  /** In [low, high), its logarithm uniform. */
  logBetween(low: number, high: number): number {
    return low * (high / low) ** this.next();
  }

  /** Exponential of mean 1. */
  exponential(): number {
    return -Math.log(1 - this.next());
  }

  /** Standard normal (Box–Muller). */
  normal(): number {
    return Math.sqrt(2 * this.exponential()) * Math.cos(2 * Math.PI * this.next());
  }

  /** Log-normal by its mean and its coefficient of variation. */
  logNormal(mean: number, variation: number): number {
    if (variation === 0) return mean;
    const variance = Math.log1p(variation * variation);
    return mean * Math.exp(Math.sqrt(variance) * this.normal() - variance / 2);
  }

  /** Gamma of mean 1 by its coefficient of variation (Marsaglia and Tsang, ACM TOMS 26, 2000). */
  gamma(variation: number): number {
    if (variation === 0) return 1;
    const shape = 1 / (variation * variation);
    if (shape < 1) return this.unitGamma(shape + 1) * (1 - this.next()) ** (1 / shape) * (1 / shape);
    return this.unitGamma(shape) / shape;
  }

  /** Gamma of scale 1 and a shape of at least 1. */
  private unitGamma(shape: number): number {
    const d = shape - 1 / 3;
    const c = 1 / Math.sqrt(9 * d);
    for (;;) {
      const x = this.normal();
      const v = (1 + c * x) ** 3;
      if (v > 0 && Math.log(1 - this.next()) < 0.5 * x * x + d - d * v + d * Math.log(v)) return d * v;
    }
  }
}
