import { gainsOf } from "./levels.ts";
import { clamp, rounded } from "./numbers.ts";
import { emptySeason, learnSeason } from "./season.ts";
import { trackedStep, withAsks } from "./tracks.ts";
import type { DemandLevels, DemandObservation, DemandOptions, DemandState } from "./types.ts";
import { levelsAfter } from "./walk.ts";

/** Steps that forecasts are tested on. */
export const RECENT_STEPS = 128;
const DEFAULT_STEP_MS = 30_000;
const LEAST_STEP_MS = 1_000;
const MOST_STEP_MS = 3_600_000;
/** A time further back than this is a clock that was set, not a late observation: the recent steps start anew. */
const CLOCK_SET_BACK_MS = 600_000;
const LARGEST_TIME_MS = 8.64e15;
const LARGEST_RATE = 1e12;

/**
 * The state with one more observation. Observations of one step are averaged; one of an earlier step is late and left out, as is one that
 * cannot be (negative, not finite). Steps without any stay empty.
 */
export function observeDemand(
  before: DemandState | undefined,
  seen: DemandObservation,
  options: DemandOptions = {},
): DemandState {
  const { atMs, ratePerSecond } = seen;
  const stepMs = stepLength(options.stepMs ?? before?.stepMs);
  const usable = Math.abs(atMs) <= LARGEST_TIME_MS && ratePerSecond >= 0 && ratePerSecond <= LARGEST_RATE;
  const state = withAsks(begun(before, stepMs, usable ? atMs : 0), options.asks);
  return usable ? added(broughtTo(state, Math.floor(atMs / stepMs) * stepMs), ratePerSecond, atMs) : state;
}

function stepLength(stepMs: number | undefined): number {
  return Math.round(clamp(Number.isFinite(stepMs) ? stepMs! : DEFAULT_STEP_MS, LEAST_STEP_MS, MOST_STEP_MS));
}

/** Another step length keeps the profile of day and week only. */
function begun(before: DemandState | undefined, stepMs: number, atMs: number): DemandState {
  if (before?.stepMs === stepMs) return before;
  return {
    version: 1,
    stepMs,
    openAtMs: Math.floor(atMs / stepMs) * stepMs,
    openMean: 0,
    openCount: 0,
    recent: [],
    levels: null,
    season: before?.season ?? emptySeason(),
    asks: [],
  };
}

function added(state: DemandState, ratePerSecond: number, atMs: number): DemandState {
  if (atMs < state.openAtMs) return state;
  const openCount = state.openCount + 1;
  return { ...state, openCount, openMean: state.openMean + (ratePerSecond - state.openMean) / openCount };
}

/** The state whose open step begins at `atMs`, or later where `atMs` is only late. */
function broughtTo(state: DemandState, atMs: number): DemandState {
  const ahead = (atMs - state.openAtMs) / state.stepMs;
  if (ahead < 0) return atMs > state.openAtMs - CLOCK_SET_BACK_MS ? state : emptied(state, atMs);
  if (ahead > RECENT_STEPS) return emptied(left(closed(state), 0), atMs);
  let now = state;
  for (let i = 0; i < ahead; i++) now = trackedStep(left(closed(now), RECENT_STEPS));
  return now;
}

/** Nothing recent: what was is far away. The levels are kept as a first guess that two new steps outweigh. */
function emptied(state: DemandState, atMs: number): DemandState {
  const levels = state.levels === null ? null : { ...state.levels, seen: 1, trend: 0, rise: 0, fall: 0 };
  const asks = state.asks.map((ask) => ({
    ...ask,
    value: { ...ask.value, pending: [] },
    peak: { ...ask.peak, pending: [] },
  }));
  return { ...state, levels, asks, recent: [], openAtMs: atMs, openCount: 0, openMean: 0 };
}

function closed(state: DemandState): DemandState {
  const rate = state.openCount > 0 ? rounded(state.openMean) : null;
  const recent = [...state.recent, rate];
  return { ...state, recent, openAtMs: state.openAtMs + state.stepMs, openCount: 0, openMean: 0 };
}

/** The oldest steps, but for `keep`, go into levels and profiles: what is tested on recent steps has not learned from them. */
function left(state: DemandState, keep: number): DemandState {
  const count = Math.max(0, state.recent.length - keep);
  if (count === 0) return state;
  const startMs = state.openAtMs - state.recent.length * state.stepMs;
  const gains = gainsOf(state.stepMs);
  let { levels, season } = state;
  state.recent.slice(0, count).forEach((rate, i) => {
    levels = levelsAfter(levels, rate, gains);
    if (rate !== null) season = learnSeason(season, startMs + i * state.stepMs, rate);
  });
  return { ...state, recent: state.recent.slice(count), levels: levels === null ? null : shortened(levels), season };
}

/** Six digits: enough for sums that go on for days. */
function shortened(levels: DemandLevels): DemandLevels {
  const short = (value: number) => rounded(value, 6);
  const { seen, last, fast, slow, level, trend, deviation, rise, fall } = levels;
  return {
    seen,
    last,
    fast: short(fast),
    slow: short(slow),
    level: short(level),
    trend: short(trend),
    deviation: short(deviation),
    rise: short(rise),
    fall: short(fall),
  };
}
