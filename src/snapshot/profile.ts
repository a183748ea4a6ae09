import type { ContinuousProfile, LengthMix, PercentileTargets } from "./continuous-profile.ts";

/** What a replica can do, in the performance parameters of the field. Times are in ms. */
export type PerformanceProfile = ContinuousProfile | QueueingProfile;

/**
 * The predecessors' parameters. Three dialects exist, each with its own service time of a request while n requests are in service on the replica (the formulas
 * are in `model/queueing`):
 * - `D1`: llm-inferno/optimizer (2025): linear decode and prefill.
 * - `D2`: llm-d workload-variant-autoscaler (2026): one iteration time shared by prefill and decode.
 * - `D3`: llm-inferno/optimizer-light (2026): as D2 with chunked prefill.
 */
export type QueueingProfile = ProfileD1 | ProfileD2 | ProfileD3;

interface BatchLimits {
  /** Requests that a replica serves at once. */
  maxBatchSize: number;
  /** Requests that may wait; one that arrives beyond batch and queue is turned away. */
  maxQueueSize: number;
}

export interface ProfileD1 extends BatchLimits {
  dialect: "D1";
  /** Time of a decode step: decodeAlphaMs + decodeBetaMs · n. */
  decodeAlphaMs: number;
  decodeBetaMs: number;
  /** Time of a prefill: prefillGammaMs + prefillDeltaMs · inputTokens · n. */
  prefillGammaMs: number;
  prefillDeltaMs: number;
}

interface IterationTimes extends BatchLimits {
  /** Time of an iteration whatever it does. */
  alphaMs: number;
  /** Per token that is computed. */
  betaMs: number;
  /** Per token of KV cache that is read. */
  gammaMs: number;
}

export interface ProfileD2 extends IterationTimes {
  dialect: "D2";
}

export interface ProfileD3 extends IterationTimes {
  dialect: "D3";
  /** Tokens that one iteration may compute; it sets the number of prefill chunks. */
  maxNumTokens: number;
}

/** Tokens of a request. The queueing dialects look at the means alone. */
export type TokenMix = LengthMix;

/**
 * Targets; absent or 0: no target. With a continuous profile they hold for a percentile (0.95 where none is given), with a queueing
 * dialect for means: that one refuses a percentile, `tpotMs` and `endToEndMs`, which it cannot size.
 */
export interface SloTargets extends Partial<PercentileTargets> {
  /** Output tokens per second; a replica under such a target runs at no more than 0.9 of its highest rate. */
  tps?: number;
}
