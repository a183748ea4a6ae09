import { backtest } from "./backtest.ts";
import { quantilesOf } from "./quantiles.ts";
import { quantileOf, stepsOf, trackedAsk } from "./tracks.ts";
import type { DemandForecast, DemandState, DemandTarget } from "./types.ts";
import { walk } from "./walk.ts";

/** What demand is asked for: `horizonMs` (at least one step) after `atMs`, at a quantile from 0.01 to 0.999. */
export interface DemandQuestion {
  atMs: number;
  horizonMs: number;
  quantile: number;
}

/**
 * Demand at the horizon, and its highest until then. Time that has passed since the last observation makes the horizon longer. Undefined
 * while nothing was observed.
 */
export function forecastDemand(state: DemandState | undefined, question: DemandQuestion): DemandForecast | undefined {
  if (state === undefined) return undefined;
  const of = walk(state);
  if (of.rates.length === 0) return undefined;
  const quantile = quantileOf(question.quantile);
  const asked = stepsOf(question.horizonMs, state.stepMs);
  const lastAtMs = of.atMs + (of.rates.length - 1) * state.stepMs;
  const staleMs = Math.floor(question.atMs / state.stepMs) * state.stepMs - lastAtMs;
  const steps = stepsOf(asked * state.stepMs + Math.max(0, staleMs), state.stepMs);
  const ask = trackedAsk(state, asked, quantile);
  const answer = (target: DemandTarget) => {
    const track = ask?.[target];
    return { result: backtest(state, of, { steps, quantile, target }, track), track };
  };
  const [value, peak] = [answer("value"), answer("peak")];
  return {
    atMs: question.atMs,
    horizonMs: question.horizonMs,
    value: quantilesOf(value.result, quantile, value.track),
    peak: quantilesOf(peak.result, quantile, peak.track),
    shifted: value.result.shifted,
  };
}
