import type { Binding } from "./types.ts";

type Factor =
  | "metVariance"
  | "metVarianceAlone"
  | "metVarianceFixed"
  | "calm"
  | "behind"
  | "leaving"
  | "promptVariance"
  | "firstVariance"
  | "slowVariance"
  | "placeSpread"
  | "heldSpread"
  | "placeWait"
  | "kvUnused";

/**
 * Factors on parts of the model, 1 where it needs none: fitted to simulated percentiles by `bench/sizing-fit.ts`, which prints them.
 */
export const CALIBRATION: Record<Factor, number> = {
  /** Variance of what a request waits that meets other prompts: with chunked prompts, prompts alone, fixed lengths. */
  metVariance: 1.456,
  metVarianceAlone: 1.631,
  metVarianceFixed: 1.826,
  /** Share of requests that meet no other prompt, where lengths vary. */
  calm: 0.769,
  /** Prompts that come while the own one is computed: those behind it in a queue, and what sequences that leave take off. */
  behind: 0.58,
  leaving: 0.221,
  /** Variance of the mean time between tokens: of single prompts, of those met first, of sequences beside. */
  promptVariance: 1.12,
  firstVariance: 1,
  slowVariance: 1.12,
  /** Waiting for a place: spread of the sequences in service, of held tokens, and the mean wait. */
  placeSpread: 1.161,
  heldSpread: 1.3,
  placeWait: 0.769,
  /** KV cache that stays empty because the next prompt does not fit, in mean prompts by tokens. */
  kvUnused: 1.06,
};

/**
 * Margins taken off a rate of a prefill or a decode replica, as differences of its logarithm, by what binds it: chosen so that 95 % of the
 * training configurations of whole replicas (seeds 9001 and 9002) met their targets. Whole replicas have `correction.ts`.
 */
const MARGIN: Record<Exclude<Binding, "tps">, number> = {
  ttftMs: 0.12,
  itlMs: 0.09,
  tpotMs: 0.15,
  endToEndMs: 0.1,
  throughput: 0.06,
};
/** TPOT at 0.95 and above: short answers that meet long prompts. */
const LATE_TPOT = { percentile: 0.95, margin: 0.36 };
/** Near saturation latency is steep, and a latency that is wrong makes little of a difference. */
const STEEP = { share: 0.8, margin: 0.1 };

/** Difference of logarithms that is taken off a predicted rate. `share`: of the saturation rate. */
export function rateMargin(binding: Exclude<Binding, "tps">, percentile: number, share: number): number {
  if (binding === "tpotMs" && percentile >= LATE_TPOT.percentile) return LATE_TPOT.margin;
  if (binding !== "throughput" && binding !== "tpotMs" && share >= STEEP.share) {
    return Math.min(STEEP.margin, MARGIN[binding]);
  }
  return MARGIN[binding];
}
