import { forecastDemand } from "../../src/model/forecast/forecast.ts";
import { observeDemand, RECENT_STEPS } from "../../src/model/forecast/observe.ts";
import { pinballLoss } from "../../src/model/forecast/residuals.ts";
import type { DemandState, DemandTarget } from "../../src/model/forecast/types.ts";
import type { Series } from "./series.ts";

export interface Judged {
  horizonMs: number;
  quantile: number;
  target: DemandTarget;
  /** Mean pinball loss on the held-out part, requests/s, and share of outcomes that were at most the forecast. */
  loss: number;
  coverage: number;
  /** The same of the last value with its own residual quantile. */
  lastLoss: number;
  lastCoverage: number;
  /** Forecasts by model. */
  models: Map<string, number>;
}

const START_MS = Date.UTC(2026, 0, 5);
const TARGETS: readonly DemandTarget[] = ["value", "peak"];

/** Runs a series through the forecast, one observation after the other, and judges what it said before it knew. */
export function judge(series: Series, horizonsMs: readonly number[], quantile: number): Judged[] {
  const { rates, stepMs } = series;
  const from = Math.floor(rates.length * (1 - series.heldOut));
  const all = horizonsMs.flatMap((horizonMs) => TARGETS.map((target) => emptyJudged(horizonMs, quantile, target)));
  const asks = horizonsMs.map((horizonMs) => ({ horizonMs, quantile }));
  let state: DemandState | undefined;
  let count = 0;
  const furthest = Math.max(...horizonsMs) / stepMs;
  for (let i = 0; i + furthest < rates.length; i++) {
    const atMs = START_MS + i * stepMs;
    // Only what is judged, and a day before it, is forecast: the rest is learned.
    const judging = i >= from;
    state = observeDemand(state, { atMs, ratePerSecond: rates[i]! }, { stepMs, asks: i < from - 2_880 ? [] : asks });
    if (!judging) continue;
    count += 1;
    for (const one of all) {
      const steps = one.horizonMs / stepMs;
      const came = outcome(rates, i, steps, one.target);
      const said = forecastDemand(state, { atMs, horizonMs: one.horizonMs, quantile })![one.target];
      one.loss += pinballLoss(came - said.quantile, quantile);
      one.coverage += came <= said.quantile ? 1 : 0;
      one.models.set(said.model, (one.models.get(said.model) ?? 0) + 1);
      const last = Math.max(0, rates[i]! + lastResidual(rates, i, steps, quantile, one.target));
      one.lastLoss += pinballLoss(came - last, quantile);
      one.lastCoverage += came <= last ? 1 : 0;
    }
  }
  for (const one of all) {
    for (const key of ["loss", "coverage", "lastLoss", "lastCoverage"] as const) one[key] /= count;
  }
  return all;
}

/** Quantile of outcome − last value over as many steps as the forecast keeps. */
function lastResidual(rates: readonly number[], now: number, steps: number, q: number, target: DemandTarget): number {
  const residuals: number[] = [];
  for (let i = Math.max(0, now - RECENT_STEPS); i + steps <= now; i++) {
    residuals.push(outcome(rates, i, steps, target) - rates[i]!);
  }
  residuals.sort((a, b) => a - b);
  const at = Math.min(residuals.length - 1, Math.ceil(q * (residuals.length + 1)) - 1);
  return residuals[Math.max(0, at)] ?? 0;
}

function outcome(rates: readonly number[], at: number, steps: number, target: DemandTarget): number {
  return target === "value" ? rates[at + steps]! : Math.max(...rates.slice(at + 1, at + steps + 1));
}

function emptyJudged(horizonMs: number, quantile: number, target: DemandTarget): Judged {
  return { horizonMs, quantile, target, loss: 0, coverage: 0, lastLoss: 0, lastCoverage: 0, models: new Map() };
}
