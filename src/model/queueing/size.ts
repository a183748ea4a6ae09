import type { QueueingProfile, SloTargets, TokenMix } from "../../snapshot/profile.ts";
import { type Analyzer, analyzerOf } from "./analyzer.ts";
import { checkQueueInput } from "./check-input.ts";
import type { ReplicaMetrics } from "./metrics.ts";

/** Share of the highest rate that a replica with a token rate target may be offered. */
const TPS_STABILITY = 0.9;
const MAX_BISECTIONS = 100;
/**
 * A latency this close to its target (relative) ends the search. Where latency hardly grows with the rate, the rate found depends
 * on it, so it is the predecessors'. D1's original never stops early, by a slip in its test; its rates are exact.
 */
const LATENCY_TOLERANCE: Record<QueueingProfile["dialect"], number> = { D1: 0, D2: 1e-6, D3: 1e-6 };
/** A latency that grows less than this (relative) between the lowest and the highest rate does not rise: rounding noise. */
const RISE_TOLERANCE = 1e-9;

export interface SizedReplica {
  /** What one replica completes inside the SLO: throughput at `offeredPerSecond`, after blocking. */
  capacityPerSecond: number;
  /** The highest offered rate inside every target. */
  offeredPerSecond: number;
  rateForTtft: number;
  rateForItl: number;
  rateForTps: number;
  metrics: ReplicaMetrics;
}

/** Where no rate meets a target: which one, and the best that the replica does. */
export interface UnreachableTarget {
  target: "ttftMs" | "itlMs";
  askedMs: number;
  bestMs: number;
}

export type SizeResult = { ok: true; size: SizedReplica } | { ok: false; unreachable: UnreachableTarget };

/**
 * The highest rate at which the *mean* TTFT and ITL of one replica meet their targets (0 or absent: no target), by
 * bisection between the ends of the rates that the replica can be asked for. A target above the value at the highest rate
 * gives that rate; one below the value at the lowest rate cannot be met. Mean targets, as all three predecessors size.
 *
 * A latency that does not rise with the rate (ITL with batch size 1; TTFT of D1 without input tokens and waiting room) meets a target
 * above it at every rate. The predecessors search such a latency the wrong way round and call that target unreachable (or, by
 * noise of their 32-bit floats, a missed one met); that is not followed.
 *
 * @throws InputError for parameters that cannot be meant.
 */
export function size(profile: QueueingProfile, mix: TokenMix, slo: SloTargets): SizeResult {
  checkQueueInput(profile, mix, slo);
  const analyzer = analyzerOf(profile, mix);
  const { maxRatePerSecond } = analyzer;
  const tolerance = LATENCY_TOLERANCE[profile.dialect];
  const ttft = highestRate(analyzer, (metrics) => metrics.ttftMs, slo.ttftMs ?? 0, tolerance);
  if (typeof ttft !== "number") return unreachable("ttftMs", slo.ttftMs ?? 0, ttft);
  const itl = highestRate(analyzer, (metrics) => metrics.itlMs, slo.itlMs ?? 0, tolerance);
  if (typeof itl !== "number") return unreachable("itlMs", slo.itlMs ?? 0, itl);
  const tps = (slo.tps ?? 0) > 0 ? maxRatePerSecond * TPS_STABILITY : maxRatePerSecond;
  const offered = Math.min(ttft, itl, tps);
  const metrics = analyzer.at(offered);
  return {
    ok: true,
    size: {
      capacityPerSecond: metrics.throughputPerSecond,
      offeredPerSecond: offered,
      rateForTtft: ttft,
      rateForItl: itl,
      rateForTps: tps,
      metrics,
    },
  };
}

function unreachable(target: "ttftMs" | "itlMs", askedMs: number, best: { bestMs: number }): SizeResult {
  return { ok: false, unreachable: { target, askedMs, bestMs: best.bestMs } };
}

/** The rate at which `value` reaches `target`, or its value at the lowest rate where no rate does. */
function highestRate(
  analyzer: Analyzer,
  value: (metrics: ReplicaMetrics) => number,
  target: number,
  tolerance: number,
): number | { bestMs: number } {
  if (target === 0) return analyzer.maxRatePerSecond;
  let low = analyzer.minRatePerSecond;
  let high = analyzer.maxRatePerSecond;
  const atLow = value(analyzer.at(low));
  const atHigh = value(analyzer.at(high));
  if (atHigh <= atLow * (1 + RISE_TOLERANCE)) return target >= atHigh ? high : { bestMs: atHigh };
  if (Math.abs(atLow - target) <= tolerance * target) return low;
  if (target < atLow) return { bestMs: atLow };
  if (target > atHigh) return high;
  for (let i = 0; i < MAX_BISECTIONS; i++) {
    const middle = (low + high) / 2;
    const at = value(analyzer.at(middle));
    if (Math.abs(at - target) <= tolerance * target || middle === low || middle === high) return middle;
    if (target < at) high = middle;
    else low = middle;
  }
  return (low + high) / 2;
}
