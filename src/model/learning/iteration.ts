import { driftOf, NO_RUN, withDeviation } from "./drift.ts";
import { at, combined, dot, identity, inverse, quadratic, solve } from "./matrix.ts";
import { clamp, kept } from "./numbers.ts";
import { type Row, rowsOf } from "./rows.ts";
import { sameStated } from "./stated.ts";
import type { DriftRun, IterationSample, LearningOptions, LearningState, StatedTimes } from "./types.ts";

const DEFAULT_COLD_MS = 60_000;
const FIRST_NOISE = { itl: 0.1, ttft: 0.3 };
/** The model itself is no better than this. */
const LEAST_NOISE = { itl: 0.01, ttft: 0.1 };
const MOST_NOISE = 1;
/** Requests whose mean is worth half of a sample. */
const HALF_WORTH_REQUESTS = 5;
/** What was learned counts for half after this time, or after this many samples. */
const HALF_LIFE_MS = 6 * 3_600_000;
const HALF_LIFE_SAMPLES = 1_000;
/** Huber's bound, in standard deviations: what is further off counts as much as what is just there. */
const HUBER = 2;
/** Share of what was known that is kept when a drift is noticed. */
const KEPT_AFTER_DRIFT = 0.01;
/** Samples of a version before it is called learned, and before drift from it can be told. */
const ENOUGH_SAMPLES = 30;
const NOISE_GAIN = 0.02;
/** An expectation near 0 makes no sample certain. */
const LEAST_EXPECTED_SHARE = 0.1;
const LEAST_EXPECTED_MS = 1e-3;

export function emptyLearning(stated: StatedTimes, atMs: number): LearningState {
  return {
    version: 1,
    stated,
    information: identity(4),
    weighted: [0, 0, 0, 0],
    noise: FIRST_NOISE,
    samples: 0,
    samplesSince: 0,
    up: NO_RUN,
    down: NO_RUN,
    lastAtMs: atMs,
    current: { number: 1, sinceMs: atMs, reason: { kind: "stated" } },
  };
}

/**
 * The state with one more sample. Recursive least squares with exponential forgetting in information form; what is forgotten is replaced by
 * the stated profile, so that directions that samples do not excite stay as stated and no covariance exceeds the stated one (stabilized
 * forgetting, Kulhavý and Zarrop, International Journal of Control 1993). Samples that cannot be, and cold ones, change nothing.
 */
export function observeIteration(
  before: LearningState | undefined,
  sample: IterationSample,
  stated: StatedTimes,
  options: LearningOptions = {},
): LearningState {
  if (!Number.isFinite(sample.atMs)) return before ?? emptyLearning(stated, 0);
  const state = restated(before, stated, sample.atMs);
  if (state.frozen !== undefined) return state;
  const worth = warmth(sample.sinceReadyMs, options.coldMs ?? DEFAULT_COLD_MS) * requestsWorth(sample.requests);
  const rows = worth > 0 ? rowsOf(sample, options) : [];
  if (rows.length === 0) return state;
  let next = forgotten(state, sample.atMs);
  for (const row of rows) next = withRow(next, row, worth);
  return versioned(state, { ...next, samples: next.samples + 1, samplesSince: next.samplesSince + 1 }, sample.atMs);
}

function restated(state: LearningState | undefined, stated: StatedTimes, atMs: number): LearningState {
  if (state === undefined) return emptyLearning(stated, atMs);
  if (sameStated(state.stated, stated)) return state;
  const { frozen } = state;
  return {
    ...emptyLearning(stated, atMs),
    current: { number: state.current.number + 1, sinceMs: atMs, reason: { kind: "restated" } },
    ...(frozen === undefined ? {} : { frozen }),
  };
}

/** A time that goes back forgets nothing; one that leaps forgets as much as a day does. */
function forgotten(state: LearningState, atMs: number): LearningState {
  const passedMs = clamp(atMs - state.lastAtMs, 0, 86_400_000);
  const keep = 2 ** (-passedMs / HALF_LIFE_MS - 1 / HALF_LIFE_SAMPLES);
  return { ...weakened(state, keep), lastAtMs: atMs };
}

function weakened(state: LearningState, keep: number): LearningState {
  const nothing = [0, 0, 0, 0];
  return {
    ...state,
    information: combined(state.information, keep, 1 - keep, 0, nothing),
    weighted: state.weighted.map((value) => keep * value),
  };
}

function withRow(state: LearningState, row: Row, worth: number): LearningState {
  const { times, deviations } = state.stated;
  const scaled = row.factors.map((factor, i) => factor * deviations[i]!);
  const fromStatedMs = row.observedMs - dot(row.factors, times);
  const expectedMs = Math.max(
    LEAST_EXPECTED_MS,
    dot(row.factors, times) + dot(scaled, solve(state.information, state.weighted)),
  );
  const off = row.observedMs - expectedMs;
  const variance = (state.noise[row.of] * Math.max(expectedMs, LEAST_EXPECTED_SHARE * row.observedMs)) ** 2 / worth;
  const deviation = off / Math.sqrt(variance + quadratic(inverse(state.information, 4), scaled));
  const weight = Math.min(1, HUBER / Math.abs(deviation)) / variance;
  const gain = Math.max(NOISE_GAIN, 1 / (state.samples + 2));
  const noise = state.noise[row.of] * Math.sqrt(1 + gain * (Math.min(deviation * deviation, 9) - 1));
  const learned = {
    ...state,
    information: combined(state.information, 1, 0, weight, scaled).map(kept),
    weighted: state.weighted.map((value, i) => kept(value + weight * scaled[i]! * fromStatedMs)),
    noise: { ...state.noise, [row.of]: kept(clamp(noise, LEAST_NOISE[row.of], MOST_NOISE)) },
  };
  if (row.of !== "itl") return learned;
  return {
    ...learned,
    up: withShift(state, state.up, deviation, off / expectedMs),
    down: withShift(state, state.down, -deviation, off / expectedMs),
  };
}

function withShift(state: LearningState, run: DriftRun, deviation: number, change: number): DriftRun {
  return state.samplesSince < ENOUGH_SAMPLES ? NO_RUN : roundedRun(withDeviation(run, deviation, change));
}

function roundedRun(run: DriftRun): DriftRun {
  return { evidence: kept(run.evidence), samples: run.samples, change: kept(run.change) };
}

/** A new version where the numbers are first learned, or have drifted; what has drifted is learned anew. */
function versioned(before: LearningState, state: LearningState, atMs: number): LearningState {
  const number = before.current.number + 1;
  const change = driftOf(state.up) ?? driftOf(state.down);
  if (change !== undefined) {
    const reason = { kind: "drift" as const, change: kept(change) };
    return {
      ...scaled(state, 1 + change),
      up: NO_RUN,
      down: NO_RUN,
      samplesSince: 0,
      current: { number, sinceMs: atMs, reason },
    };
  }
  const { kind } = state.current.reason;
  if ((kind === "stated" || kind === "restated") && state.samplesSince >= ENOUGH_SAMPLES) {
    return { ...state, samplesSince: 0, current: { number, sinceMs: atMs, reason: { kind: "learned" } } };
  }
  return state;
}

/** All four times changed alike, until samples say otherwise: nearly all that was known about how they share in it is forgotten. */
function scaled(state: LearningState, factor: number): LearningState {
  const { times, deviations } = state.stated;
  const { information } = weakened(state, KEPT_AFTER_DRIFT);
  const offsets = solve(state.information, state.weighted).map((offset, i) => {
    return factor * offset + ((factor - 1) * times[i]!) / deviations[i]!;
  });
  const rows = offsets.map((_, row) =>
    dot(
      offsets.map((_, column) => at(information, row, column)),
      offsets,
    ),
  );
  return { ...state, information: information.map(kept), weighted: rows.map(kept) };
}

/** 0 for a cold replica, 1 for a warm one. NaN counts as cold. */
function warmth(sinceReadyMs: number, coldMs: number): number {
  if (!(coldMs > 0)) return 1;
  return Number.isNaN(sinceReadyMs) ? 0 : clamp((sinceReadyMs - coldMs) / coldMs, 0, 1);
}

function requestsWorth(requests: number): number {
  return requests > 0 ? requests / (requests + HALF_WORTH_REQUESTS) : 0;
}
