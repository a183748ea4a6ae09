import { type DrawnRequests, drawRequests } from "../../src/simulation/drawn-requests.ts";
import type { GapRecord } from "../../src/simulation/gap-record.ts";
import { quantileOfSorted } from "../../src/simulation/quantile.ts";
import type { RunResult } from "../../src/simulation/run-result.ts";
import { saturatedRate } from "../../src/simulation/saturated-rate.ts";
import { runDrawn } from "../../src/simulation/simulate-replica.ts";
import type { Configuration } from "../../test/simulation/configurations.ts";

export const LATENCIES = ["ttftMs", "itlMs", "tpotMs", "endToEndMs"] as const;
export type Latency = (typeof LATENCIES)[number];
export const PERCENTILES = [0.5, 0.75, 0.9, 0.95, 0.99] as const;
/** Shares of the simulated saturation rate that are simulated first. */
const SHARES = [0.03, 0.1, 0.2, 0.33, 0.46, 0.58, 0.69, 0.79, 0.87, 0.93, 0.98];

/** Rates between them that are added one by one, where latencies jump. */
const REFINEMENTS = 10;

/** A configuration simulated at a grid of rates: the highest rate of any target of any percentile follows from it. */
export interface Truth {
  name: string;
  saturatedPerSecond: number;
  ratesPerSecond: number[];
  /** By rate, then latency, then percentile; ms, null where requests were turned away. */
  latenciesMs: (number | null)[][][];
}

/** `known`: what was simulated of it before, with the same requests and seed. */
export function simulatedTruth(configuration: Configuration, requests: number, seed: number, known?: Truth): Truth {
  const { name, profile, mix } = configuration;
  const drawn: DrawnRequests = drawRequests(mix, { count: Math.round(requests * 1.1), seed, balanced: true });
  const saturatedPerSecond = known?.saturatedPerSecond ?? saturatedRate(profile, drawn);
  const at = (rate: number) => percentilesOf(runDrawn(profile, drawn, rate, { requests }));
  const ratesPerSecond = known?.ratesPerSecond ?? SHARES.map((share) => share * saturatedPerSecond);
  const latenciesMs: (number | null)[][][] = known?.latenciesMs ?? ratesPerSecond.map(at);
  for (let i = 0; i < REFINEMENTS; i++) {
    const after = widest(ratesPerSecond, latenciesMs);
    const rate = Math.sqrt(ratesPerSecond[after]! * ratesPerSecond[after + 1]!);
    ratesPerSecond.splice(after + 1, 0, rate);
    latenciesMs.splice(after + 1, 0, at(rate));
  }
  return { name, saturatedPerSecond, ratesPerSecond, latenciesMs };
}

/** The interval where most is left to interpolate: by the growth of latencies in it, and its width, in logarithms. */
function widest(rates: readonly number[], latenciesMs: readonly (number | null)[][][]): number {
  let best = 0;
  let most = -1;
  for (let i = 0; i + 1 < rates.length; i++) {
    let growth = 0;
    for (const [row, percentiles] of latenciesMs[i]!.entries())
      for (const [column, low] of percentiles.entries()) {
        const high = latenciesMs[i + 1]?.[row]?.[column] ?? Number.POSITIVE_INFINITY;
        if (low !== null && low > 0) growth += Math.min(1.5, Math.max(0, Math.log(high / low)));
      }
    const open = growth * Math.log(rates[i + 1]! / rates[i]!);
    if (open > most) [most, best] = [open, i];
  }
  return best;
}

function percentilesOf({ record }: RunResult): number[][] {
  return LATENCIES.map((latency) => {
    if (latency === "itlMs") return gapPercentiles(record.gaps);
    const sorted = record[latency].filter((value) => !Number.isNaN(value)).sort();
    return PERCENTILES.map((p) => quantileOfSorted(sorted, p));
  });
}

/** Bins of the histogram of gaps: a power of two is this many. */
const BINS_PER_OCTAVE = 300;
const BINS = 40 * BINS_PER_OCTAVE;
const bins = new Float64Array(BINS);

/** Within 0.25 %, in one pass: selecting each percentile among millions of gaps would take most of the time. */
function gapPercentiles(gaps: GapRecord): number[] {
  bins.fill(0);
  const { values, weights, size } = gaps as unknown as { values: Float64Array; weights: Float64Array; size: number };
  for (let i = 0; i < size; i++) {
    const bin = Math.ceil(BINS_PER_OCTAVE * (Math.log2(values[i]!) + 10));
    bins[Math.min(BINS - 1, Math.max(0, bin))]! += weights[i]!;
  }
  return PERCENTILES.map((p) => {
    let below = 0;
    let bin = 0;
    while (bin < BINS - 1 && below + bins[bin]! < p * gaps.count) below += bins[bin++]!;
    return gaps.count > 0 ? 2 ** (bin / BINS_PER_OCTAVE - 10) : 0;
  });
}

/**
 * The highest rate at which a percentile is at most `targetMs`, requests per second: interpolated between logarithms of rates and latencies.
 * 0: none of the grid.
 */
export function highestOf(truth: Truth, latency: Latency, percentile: number, targetMs: number): number {
  const [row, column] = [LATENCIES.indexOf(latency), PERCENTILES.indexOf(percentile as 0.5)];
  const at = (i: number) => truth.latenciesMs[i]?.[row]?.[column] ?? Number.POSITIVE_INFINITY;
  const rates = truth.ratesPerSecond;
  // As a search from above does: the highest rate that meets, though noise may miss at a lower one.
  let i = rates.length - 1;
  while (i >= 0 && at(i) > targetMs) i--;
  if (i < 0) return 0;
  // The target leaves the replica free: what it bears is between the last rate of the grid and what it finishes at most.
  if (i === rates.length - 1) return (rates[i]! + truth.saturatedPerSecond) / 2;
  const [low, high] = [Math.log(at(i)), Math.log(at(i + 1))];
  const share = Number.isFinite(high) && high > low ? (Math.log(targetMs) - low) / (high - low) : 0;
  return rates[i]! * (rates[i + 1]! / rates[i]!) ** share;
}
