/** What was measured: requests per second that arrived, and when (epoch ms). */
export interface DemandObservation {
  atMs: number;
  ratePerSecond: number;
}

/** A forecast that somebody plans with: what comes `horizonMs` later, at this quantile (0.5 to 0.999). */
export interface DemandAsk {
  horizonMs: number;
  quantile: number;
}

export interface DemandOptions {
  /** Observations are averaged over steps of this length, ms. */
  stepMs?: number;
  /** Forecasts whose coverage is measured and corrected: the first 3 of them. Others may be asked for, without that. */
  asks?: readonly DemandAsk[];
}

/** The demand at the horizon, or its highest step until then. */
export type DemandTarget = "value" | "peak";

/** Averages of a rate, as they were before the first of the recent steps. All in requests/s but `trend` (requests/s per step). */
export interface DemandLevels {
  /** Steps that they have seen, up to a bound: the first ones count for more. */
  seen: number;
  last: number;
  fast: number;
  slow: number;
  level: number;
  trend: number;
  /** Mean absolute deviation from `slow`. */
  deviation: number;
  /** Evidence for a rise and for a fall, in deviations (CUSUM). */
  rise: number;
  fall: number;
}

/** Forecasts given for one ask, those whose time has not come, and how the others did. */
export interface AskState {
  /** The horizon, in steps. */
  steps: number;
  quantile: number;
  value: TrackState;
  peak: TrackState;
}

export interface TrackState {
  /** What is added to quantiles so that the asked share of outcomes is covered, requests/s. */
  correction: number;
  /** Forecasts that were checked, older ones fading, and how many of them held. */
  checked: number;
  held: number;
  /** Backtests whose losses are in the mean below. */
  judged: number;
  /** Mean pinball loss of each model over days, in the order of the models; null where it could say nothing. */
  losses: (number | null)[];
  /** Forecasts on their way, oldest first, one a step; null where none was given. */
  pending: (number | null)[];
}

/** What steps that have left the recent ones say about the time of day and of the week (UTC). */
export interface SeasonState {
  /** The half hour that is being averaged: its start, mean and number of steps. */
  bucketAtMs: number;
  bucketMean: number;
  bucketCount: number;
  /** Mean rate of each half hour of the day; null not seen yet, empty at first. */
  daily: (number | null)[];
  /** Mean rate of each hour of the week, from Thursday on (as epoch time does). */
  weekly: (number | null)[];
}

/** All that is kept of a workload's demand: plain JSON, at most about 2 KB. */
export interface DemandState {
  version: 1;
  stepMs: number;
  /** Start of the open step, and what was seen in it. */
  openAtMs: number;
  openMean: number;
  openCount: number;
  /** Means of the steps before the open one, oldest first; null where nothing was seen. */
  recent: (number | null)[];
  levels: DemandLevels | null;
  season: SeasonState;
  asks: AskState[];
}

export type DemandModel =
  | "last value"
  | "fast mean"
  | "mean"
  | "trend"
  | "reverting mean"
  | "daily profile"
  | "weekly profile";

/** Requests per second. */
export interface DemandQuantiles {
  median: number;
  /** The asked quantile. */
  quantile: number;
  /** As many outcomes as the quantile says are expected between them, and as many of the others below as above. */
  lower: number;
  upper: number;
  model: DemandModel;
  /** Share of outcomes that should have been at most the quantile, that was, and of how many; measured of what was given for an ask. */
  coverage: { asked: number; measured: number; samples: number };
}

export interface DemandForecast {
  atMs: number;
  horizonMs: number;
  /** Demand at the horizon. */
  value: DemandQuantiles;
  /** Highest demand of a step until then. */
  peak: DemandQuantiles;
  /** Demand has just left its usual range, up or down. */
  shifted: boolean;
}
