import { clamp } from "./numbers.ts";
import type { DemandLevels } from "./types.ts";

/** After these times a rate counts for half. */
const FAST_HALF_LIFE_MS = 60_000;
const SLOW_HALF_LIFE_MS = 15 * 60_000;
const TREND_HALF_LIFE_MS = 3 * 60_000;
/** And a trend that goes on loses half of itself. */
const DAMPING_HALF_LIFE_MS = 15 * 60_000;
/** A deviation that is no news, evidence that is, and the most evidence that is held, so that a shift ends: mean absolute deviations. */
const SHIFT_SLACK = 1;
const SHIFT_ALARM = 5;
const SHIFT_MOST = 10;
/** A deviation is taken to be at least this share of the mean. */
const LEAST_DEVIATION_SHARE = 0.1;
/** Below this a rate is as good as none. */
const LEAST_RATE = 1e-3;
/** Steps after which levels are as good as they get. */
const MOST_SEEN = 1000;

export interface Gains {
  fast: number;
  slow: number;
  trend: number;
  /** Share of a trend that is left after a step. */
  damping: number;
}

export function gainsOf(stepMs: number): Gains {
  return {
    fast: 1 - 2 ** (-stepMs / FAST_HALF_LIFE_MS),
    slow: 1 - 2 ** (-stepMs / SLOW_HALF_LIFE_MS),
    trend: 1 - 2 ** (-stepMs / TREND_HALF_LIFE_MS),
    damping: 2 ** (-stepMs / DAMPING_HALF_LIFE_MS),
  };
}

export function firstLevels(rate: number): DemandLevels {
  return { seen: 1, last: rate, fast: rate, slow: rate, level: rate, trend: 0, deviation: 0, rise: 0, fall: 0 };
}

/**
 * The levels one step later: exponential means; Holt's level with a damped trend (Gardner and McKenzie, Management Science 1985); Page's
 * CUSUM (Biometrika 1954) of deviations from the slow mean. A mean of few steps is their plain mean.
 */
export function advanced(levels: DemandLevels, rate: number, gains: Gains): DemandLevels {
  const seen = Math.min(levels.seen + 1, MOST_SEEN);
  const slow = Math.max(gains.slow, 1 / seen);
  const fast = Math.max(gains.fast, 1 / seen);
  const off = rate - levels.slow;
  const usual = Math.max(levels.deviation, LEAST_DEVIATION_SHARE * levels.slow, LEAST_RATE);
  const news = seen > 3 ? off / usual : 0;
  const expected = levels.level + gains.damping * levels.trend;
  const level = expected + fast * (rate - expected);
  return {
    seen,
    last: rate,
    fast: levels.fast + fast * (rate - levels.fast),
    slow: levels.slow + slow * off,
    level,
    trend: (1 - gains.trend) * gains.damping * levels.trend + gains.trend * (level - levels.level),
    deviation: levels.deviation + slow * (Math.abs(off) - levels.deviation),
    rise: clamp(levels.rise + news - SHIFT_SLACK, 0, SHIFT_MOST),
    fall: clamp(levels.fall - news - SHIFT_SLACK, 0, SHIFT_MOST),
  };
}

/** Demand has left its usual range, up or down, more than chance does. */
export function isShifted(levels: DemandLevels): boolean {
  return levels.rise >= SHIFT_ALARM || levels.fall >= SHIFT_ALARM;
}
