import { backtest, highest } from "./backtest.ts";
import { MODELS } from "./models.ts";
import { clamp, rounded } from "./numbers.ts";
import { givenQuantile, spreadOf } from "./quantiles.ts";
import type { AskState, DemandAsk, DemandState, DemandTarget, TrackState } from "./types.ts";
import { type Walk, walk } from "./walk.ts";

const MOST_ASKS = 3;
/** Horizons beyond so many steps leave too few residuals in the recent ones. */
const MOST_STEPS = 48;
const LEAST_QUANTILE = 0.01;
const MOST_QUANTILE = 0.999;
/**
 * Share of the spread by which a miss moves the quantile up; what holds moves it down, so that the two cancel at the asked share. Divided
 * by the steps of the horizon: forecasts that overlap miss together.
 */
const GAIN = 0.1;
const MOST_CORRECTION = 10;
/** A checked forecast counts for half after so many more. */
const COVERAGE_HALF_LIFE = 500;
/** Losses over days: what happens once a day must not be forgotten by then. */
const LOSSES_HALF_LIFE_MS = 36 * 3_600_000;
const MOST_JUDGED = 1_000_000;

/** Steps of a horizon, at least 1. */
export function stepsOf(horizonMs: number, stepMs: number): number {
  return Number.isFinite(horizonMs) ? clamp(Math.ceil(horizonMs / stepMs), 1, MOST_STEPS) : 1;
}

export function quantileOf(quantile: number): number {
  return Number.isFinite(quantile) ? clamp(quantile, LEAST_QUANTILE, MOST_QUANTILE) : 0.5;
}

/** The tracked asks, brought in line with what is asked now: a changed horizon keeps what was learned, not what is on its way. */
export function withAsks(state: DemandState, asks: readonly DemandAsk[] | undefined): DemandState {
  if (asks === undefined) return state;
  const next: AskState[] = [];
  for (const ask of asks) {
    const steps = stepsOf(ask.horizonMs, state.stepMs);
    const quantile = quantileOf(ask.quantile);
    if (next.length === MOST_ASKS) break;
    if (next.some((other) => other.steps === steps && other.quantile === quantile)) continue;
    next.push(trackedAsk(state, steps, quantile) ?? inherited(state.asks, steps, quantile));
  }
  return { ...state, asks: next };
}

export function trackedAsk(state: DemandState, steps: number, quantile: number): AskState | undefined {
  return state.asks.find((ask) => ask.steps === steps && ask.quantile === quantile);
}

function inherited(asks: readonly AskState[], steps: number, quantile: number): AskState {
  const near = asks
    .filter((ask) => ask.quantile === quantile)
    .sort((a, b) => Math.abs(a.steps - steps) - Math.abs(b.steps - steps))[0];
  const value = near === undefined ? emptyTrack() : { ...near.value, pending: [] };
  const peak = near === undefined ? emptyTrack() : { ...near.peak, pending: [] };
  return { steps, quantile, value, peak };
}

function emptyTrack(): TrackState {
  return { correction: 0, checked: 0, held: 0, judged: 0, losses: MODELS.map(() => null), pending: [] };
}

/** After a step was closed: forecasts whose time has come are checked, new ones are given. */
export function trackedStep(state: DemandState): DemandState {
  if (state.asks.length === 0) return state;
  const of = walk(state);
  const asks = state.asks.map((ask) => ({
    ...ask,
    value: stepped(state, of, ask, "value"),
    peak: stepped(state, of, ask, "peak"),
  }));
  return { ...state, asks };
}

/** Quantile tracking (Angelopoulos, Candès and Tibshirani, NeurIPS 2023; Gibbs and Candès, NeurIPS 2021) on top of recent residuals. */
function stepped(state: DemandState, of: Walk, ask: AskState, target: DemandTarget): TrackState {
  const { steps, quantile } = ask;
  const track = ask[target];
  const due = track.pending.length >= steps ? track.pending[0]! : null;
  const pending = track.pending.slice(Math.max(0, track.pending.length - steps + 1));
  const seen = of.rates.slice(-steps);
  const came = target === "value" ? (seen[seen.length - 1] ?? null) : highest(seen);
  if (of.rates[of.rates.length - 1] === null) return { ...track, pending: [...pending, null] };
  const result = backtest(state, of, { steps, quantile, target }, track);
  const gain = Math.max(1 / (track.judged + 1), 1 - 2 ** (-state.stepMs / LOSSES_HALF_LIFE_MS));
  const judged = Math.min(track.judged + 1, MOST_JUDGED);
  const next = { ...track, judged, losses: blended(track.losses, result.losses, gain) };
  if (due !== null && came !== null) {
    const fading = 2 ** (-1 / COVERAGE_HALF_LIFE);
    const held = came <= due ? 1 : 0;
    next.checked = rounded(track.checked * fading + 1, 5);
    next.held = rounded(track.held * fading + held, 5);
    const spread = spreadOf(result.residuals);
    const moved = track.correction + (GAIN / steps) * spread * (quantile - held);
    next.correction = rounded(clamp(moved, -MOST_CORRECTION * spread, MOST_CORRECTION * spread));
  }
  return { ...next, pending: [...pending, rounded(givenQuantile(result, quantile, next))] };
}

function blended(old: readonly (number | null)[], now: readonly (number | null)[], gain: number): (number | null)[] {
  return now.map((loss, i) => {
    const before = old[i] ?? null;
    if (loss === null) return before;
    return rounded(before === null ? loss : before + gain * (loss - before), 4);
  });
}
