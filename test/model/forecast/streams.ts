import { forecastDemand } from "../../../src/model/forecast/forecast.ts";
import { observeDemand } from "../../../src/model/forecast/observe.ts";
import type { DemandForecast, DemandOptions, DemandState } from "../../../src/model/forecast/types.ts";

export const STEP_MS = 30_000;
/** A Monday, 00:00 UTC. */
export const START_MS = Date.UTC(2026, 0, 5);
export const ASK = { horizonMs: 120_000, quantile: 0.9 };

/** Numbers in [0, 1) that are the same in every run (mulberry32). */
export function randomOf(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

/** Rates about a mean with normal noise of this relative size. */
export function noisy(count: number, mean: (step: number) => number, noise = 0.1, seed = 1): number[] {
  const random = randomOf(seed);
  return Array.from({ length: count }, (_, i) => {
    const normal = Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
    return Math.max(0, mean(i) * (1 + noise * normal));
  });
}

/** The state after one observation in each step. */
export function observed(
  rates: readonly number[],
  options: DemandOptions = {},
  from?: DemandState,
  startMs = START_MS,
): DemandState {
  let state = from;
  rates.forEach((ratePerSecond, i) => {
    state = observeDemand(state, { atMs: startMs + i * STEP_MS, ratePerSecond }, { stepMs: STEP_MS, ...options });
  });
  return state!;
}

/** The forecast at the last observation of `count`. */
export function forecastAfter(state: DemandState, ask = ASK): DemandForecast {
  return forecastDemand(state, { atMs: state.openAtMs, ...ask })!;
}
