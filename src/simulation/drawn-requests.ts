import type { LengthMix } from "../snapshot/continuous-profile.ts";
import { type DrawnArrivals, drawGap } from "./arrivals.ts";
import { drawBalancedLengths, drawLengths, scaleToMean } from "./drawn-lengths.ts";
import { Random } from "./random.ts";
import type { SimulatedRequest } from "./request.ts";

/** Requests drawn once and used at many rates (common random numbers). Columns of equal length. */
export interface DrawnRequests {
  /** Time before the arrival in units of the mean gap. */
  gaps: Float64Array;
  inputTokens: Int32Array;
  outputTokens: Int32Array;
  cachedTokens: Int32Array;
}

export interface DrawOptions {
  count: number;
  seed: number;
  arrivals?: DrawnArrivals;
  /**
   * Lengths are stratified and gaps scaled to their mean over all requests. Takes out most of the noise of a finite run, since load and
   * percentiles of lengths are then the ones that are meant.
   */
  balanced?: boolean;
}

/**
 * Lengths are rounded to whole tokens up or down at random, so that means stay. The cached part of a prompt is its share, rounded
 * the same way.
 */
export function drawRequests(mix: LengthMix, { count, seed, arrivals, balanced = false }: DrawOptions): DrawnRequests {
  const process = arrivals ?? { kind: "poisson" };
  const gapRandom = new Random(seed);
  const random = new Random(seed ^ 0x5bd1e995);
  const gaps = Float64Array.from({ length: count }, () => drawGap(process, gapRandom));
  if (balanced) scaleToMean(gaps, 1);
  const { inputs, outputs } = (balanced ? drawBalancedLengths : drawLengths)(mix, count, random);
  const whole = (value: number) => Math.max(1, Math.floor(value + random.next()));
  const inputTokens = Int32Array.from(inputs, whole);
  const outputTokens = Int32Array.from(outputs, whole);
  const hitRate = mix.prefixCacheHitRate ?? 0;
  const cachedTokens = inputTokens.map((tokens) => Math.floor(tokens * hitRate + random.next()));
  return { gaps, inputTokens, outputTokens, cachedTokens };
}

/** A request of the columns; they start again where they end. */
export function requestOf(drawn: DrawnRequests, index: number, arrivalMs: number): SimulatedRequest {
  const row = index % drawn.gaps.length;
  const inputTokens = drawn.inputTokens[row]!;
  return {
    id: index,
    arrivalMs,
    inputTokens,
    outputTokens: drawn.outputTokens[row]!,
    cachedTokens: Math.min(inputTokens, drawn.cachedTokens[row]!),
  };
}
