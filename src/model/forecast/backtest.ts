import { isShifted } from "./levels.ts";
import { expectations, MODELS } from "./models.ts";
import { meanPinballLoss, type Residuals, residualQuantile, sortedResiduals } from "./residuals.ts";
import type { DemandModel, DemandState, DemandTarget, TrackState } from "./types.ts";
import type { Walk } from "./walk.ts";

/** A residual counts for half after 32 steps. */
const FADING = 2 ** (-1 / 32);
/** Share of the losses over days in what chooses; the rest are those of the recent steps. */
const DAYS_SHARE = 0.7;
/** While demand is away from its usual range, this many such cases must be known before a slow model may be chosen. */
const KNOWN_SHIFTS = 12;
const FAST_MODELS: readonly DemandModel[] = ["last value", "fast mean", "trend"];
/** With fewer residuals, the spread of a Poisson stream stands in for those that lack. */
const ENOUGH_RESIDUALS = 12;
/** Demand is more bursty than a Poisson stream, and a level found in few steps is unsure. */
const OVERDISPERSION = 2;
const LEVEL_DOUBT = 0.15;
/** Four numbers about as far apart as a normal distribution's. */
const NORMAL_LIKE = [-1.3, -0.4, 0.4, 1.3];

/** What is asked of a backtest. */
export interface Question {
  steps: number;
  quantile: number;
  target: DemandTarget;
}

/** The model that did best, what it expects, and how far off it was. */
export interface Backtest {
  model: DemandModel;
  expected: number;
  residuals: Residuals;
  /** Mean pinball loss over the recent steps, in the order of the models; null where it could say nothing. */
  losses: (number | null)[];
  shifted: boolean;
}

/**
 * Each model's forecasts of the recent steps at this horizon are held against what came; the one with the least pinball loss about its
 * own residual quantile wins, recent steps and days together. Out of its usual range demand is left to fast models, until enough such cases are known.
 */
export function backtest(state: DemandState, of: Walk, question: Question, track: TrackState | undefined): Backtest {
  const { steps, quantile, target } = question;
  const came = outcomes(of.rates, steps, target);
  const expected = expectations(state, of, steps, target);
  const last = of.levels.length - 1;
  const shifts = of.levels.map(isShifted);
  const shifted = shifts[last] ?? false;
  const fastOnly = shifted && shifts.filter((shift, i) => shift && i + steps <= last).length < KNOWN_SHIFTS;
  const losses: (number | null)[] = [];
  let best: Backtest | undefined;
  let least = Number.POSITIVE_INFINITY;
  MODELS.forEach((model, m) => {
    const path = expected[m]!;
    const now = path[last] ?? Number.NaN;
    losses.push(null);
    if (Number.isNaN(now)) return;
    const residuals = residualsOf(path, came, now, state.stepMs);
    const loss = meanPinballLoss(residuals, residualQuantile(residuals, quantile), quantile);
    losses[m] = loss;
    const score = loss + DAYS_SHARE * ((track?.losses[m] ?? loss) - loss);
    if (score >= least || (fastOnly && !FAST_MODELS.includes(model))) return;
    least = score;
    best = { model, expected: now, residuals, losses, shifted };
  });
  return best ?? { model: "last value", expected: 0, residuals: sortedResiduals([], []), losses, shifted };
}

function residualsOf(path: Float64Array, came: readonly (number | null)[], now: number, stepMs: number): Residuals {
  const values: number[] = [];
  const weights: number[] = [];
  let weight = 1;
  for (let i = came.length - 1; i >= 0; i--, weight *= FADING) {
    const rate = came[i]!;
    if (rate === null || Number.isNaN(path[i]!)) continue;
    values.push(rate - path[i]!);
    weights.push(weight);
  }
  const lacking = Math.max(0, ENOUGH_RESIDUALS - values.length) / NORMAL_LIKE.length;
  if (lacking > 0) {
    const perSecond = 1000 / stepMs;
    const spread = Math.sqrt(OVERDISPERSION * (now + perSecond) * perSecond) + LEVEL_DOUBT * now;
    values.push(...NORMAL_LIKE.map((part) => part * spread));
    weights.push(...NORMAL_LIKE.map(() => lacking));
  }
  return sortedResiduals(values, weights);
}

/** What came at the horizon of each step, or the highest until then; null where it has not come or was not seen. */
function outcomes(rates: readonly (number | null)[], steps: number, target: DemandTarget): (number | null)[] {
  return rates.map((_, i) => {
    if (i + steps >= rates.length) return null;
    return target === "value" ? rates[i + steps]! : highest(rates.slice(i + 1, i + steps + 1));
  });
}

export function highest(rates: readonly (number | null)[]): number | null {
  return rates.reduce((most, rate) => (rate !== null && (most === null || rate > most) ? rate : most), null);
}
