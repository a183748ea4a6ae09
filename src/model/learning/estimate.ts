import { at, inverse, quadratic, solve } from "./matrix.ts";
import { nearestAbove } from "./nonnegative.ts";
import type { IterationTimes, LearningState } from "./types.ts";

/** Two-sided normal quantile of 95 %. */
const Z95 = 1.96;

/** What the state says about the four times, ms. */
export interface IterationEstimate {
  times: IterationTimes;
  /** Half widths of 95 % intervals, under the model and for independent samples. */
  halfWidths: IterationTimes;
  /** Share of the stated uncertainty that samples have taken away, 0 to 1; about 0: the number is the stated one. */
  learnedShares: IterationTimes;
}

export function iterationEstimate(state: LearningState): IterationEstimate {
  const { times, deviations } = state.stated;
  const covariance = inverse(state.information, times.length);
  const floor = times.map((value, i) => -value / deviations[i]!);
  const offsets = nearestAbove(solve(state.information, state.weighted), state.information, floor);
  const variance = (i: number) => Math.max(0, at(covariance, i, i));
  return {
    times: times.map((value, i) => Math.max(0, value + deviations[i]! * offsets[i]!)) as IterationTimes,
    halfWidths: deviations.map((deviation, i) => Z95 * deviation * Math.sqrt(variance(i))) as IterationTimes,
    learnedShares: times.map((_, i) => Math.min(1, Math.max(0, 1 - variance(i)))) as IterationTimes,
  };
}

/** Time of an iteration with these factors (1, sequences, prompt tokens, tokens of context), and the half width of its 95 % interval. */
export function iterationTime(state: LearningState, factors: IterationTimes): { ms: number; halfWidthMs: number } {
  const { times } = iterationEstimate(state);
  const scaled = factors.map((factor, i) => factor * state.stated.deviations[i]!);
  return {
    ms: times.reduce((sum, time, i) => sum + time * factors[i]!, 0),
    halfWidthMs: Z95 * Math.sqrt(Math.max(0, quadratic(inverse(state.information, 4), scaled))),
  };
}
