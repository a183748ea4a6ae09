import type { ContinuousProfile, LengthMix, PercentileTargets } from "../snapshot/continuous-profile.ts";
import type { DrawnArrivals } from "./arrivals.ts";
import { type DrawnRequests, drawRequests } from "./drawn-requests.ts";
import { saturatedRate } from "./saturated-rate.ts";
import { type ReplicaRole, runDrawn } from "./simulate-replica.ts";

export interface HighestRateOptions {
  seed: number;
  /** Measured requests of each simulation. Absent: 8,000. */
  requests?: number;
  /** Absent: a tenth. */
  warmup?: number;
  /** Independent repetitions. Absent: 1. */
  replications?: number;
  /** Relative width at which the search ends. Absent: 0.005. */
  tolerance?: number;
  role?: ReplicaRole;
  arrivals?: DrawnArrivals;
}

/** Requests per second. */
export interface HighestRate {
  /** The highest rate that was simulated inside every target; with repetitions their mean. 0: none is. */
  ratePerSecond: number;
  /** Ends of the interval: of the search (met at the lower, missed at the upper); with repetitions 95 % confidence of their mean (Student). */
  lowPerSecond: number;
  highPerSecond: number;
  /** What the replica finishes while requests always wait. No target lets a higher rate pass: the queue would grow for ever. */
  saturatedPerSecond: number;
  simulations: number;
}

/** Rates below this share of saturation count as none. */
const LEAST_SHARE = 1e-3;

/**
 * The highest rate of Poisson (or other) arrivals at which the simulated percentiles meet every target. All rates of a repetition
 * see the same requests, drawn balanced, so that the search is not led by noise.
 * @throws InputError for a profile that cannot be meant.
 */
export function highestRate(
  profile: ContinuousProfile,
  mix: LengthMix,
  targets: PercentileTargets,
  options: HighestRateOptions,
): HighestRate {
  const { requests = 8000, warmup = Math.ceil(requests / 10), replications = 1, seed, arrivals } = options;
  const found: HighestRate[] = [];
  for (let i = 0; i < replications; i++) {
    const drawn = drawRequests(mix, { count: requests + warmup, seed: seed + i, arrivals, balanced: true });
    found.push(search(profile, targets, drawn, { ...options, requests, warmup }));
  }
  return found.length === 1 ? found[0]! : pooled(found);
}

function search(
  profile: ContinuousProfile,
  targets: PercentileTargets,
  drawn: DrawnRequests,
  options: HighestRateOptions & { requests: number; warmup: number },
): HighestRate {
  const { tolerance = 0.005, requests, warmup, role } = options;
  const saturatedPerSecond = saturatedRate(profile, drawn, role);
  let simulations = 1;
  /** Logarithm of the worst ratio of a percentile to its target: above 0 where it is missed. Bounded, for the secant's sake. */
  const excess = (rate: number): number => {
    simulations++;
    const ratio = runDrawn(profile, drawn, rate, { requests, warmup, role }).worstRatio(targets);
    return ratio <= 1 + 1e-9 ? Math.min(-1e-9, Math.max(-2, Math.log(ratio))) : Math.min(2, Math.log(ratio));
  };
  const result = (low: number, high: number): HighestRate => ({
    ratePerSecond: low,
    lowPerSecond: low,
    highPerSecond: high,
    saturatedPerSecond,
    simulations,
  });
  let high = saturatedPerSecond;
  let atHigh = excess(high);
  if (atHigh <= 0) return result(high, high);
  let low = 0.9 * high;
  let atLow = excess(low);
  while (atLow > 0) {
    high = low;
    atHigh = atLow;
    if (high < LEAST_SHARE * saturatedPerSecond) return result(0, high);
    low = high * 0.65;
    atLow = excess(low);
  }
  let lastSide = 0;
  for (let step = 1; high - low > tolerance * high; step++) {
    const weight = step % 3 === 0 ? 0.5 : atHigh / (atHigh - atLow);
    // Never closer to an end than the tolerance allows, so that a good guess closes the interval from both sides.
    const inset = (0.5 * tolerance * high) / (high - low);
    const middle = high - (high - low) * Math.min(1 - inset, Math.max(inset, weight));
    const at = excess(middle);
    if (at > 0) {
      high = middle;
      atHigh = at;
      if (lastSide > 0) atLow /= 2;
      lastSide = 1;
    } else {
      low = middle;
      atLow = at;
      if (lastSide < 0) atHigh /= 2;
      lastSide = -1;
    }
  }
  return result(low, high);
}

/** Student's t for 97.5 % with 1, 2, … degrees of freedom; beyond the list about 2. */
const STUDENT = [12.71, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262];

function pooled(found: readonly HighestRate[]): HighestRate {
  const count = found.length;
  const mean = (value: (one: HighestRate) => number) => found.reduce((sum, one) => sum + value(one), 0) / count;
  const rate = mean((one) => one.ratePerSecond);
  const variance = found.reduce((sum, one) => sum + (one.ratePerSecond - rate) ** 2, 0) / (count - 1);
  const margin = (STUDENT[count - 2] ?? 2) * Math.sqrt(variance / count);
  return {
    ratePerSecond: rate,
    lowPerSecond: Math.max(0, mean((one) => one.lowPerSecond) - margin),
    highPerSecond: mean((one) => one.highPerSecond) + margin,
    saturatedPerSecond: mean((one) => one.saturatedPerSecond),
    simulations: found.reduce((sum, one) => sum + one.simulations, 0),
  };
}
