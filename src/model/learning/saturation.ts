import { combined, inverse, quadratic, solve } from "./matrix.ts";
import { clamp, kept } from "./numbers.ts";

/** What one replica told over an interval, without any profile. */
export interface SaturationSample {
  /** Epoch ms. */
  atMs: number;
  /** Requests per second that the replica served. */
  ratePerSecond: number;
  /** Share of the KV cache in use, 0 to 1. */
  kvCacheUtilization: number;
  /** Requests waiting. */
  queueLength: number;
  /** Sequences in service; with `maxBatchSize` given, a full batch is saturation, too. */
  running?: number;
  /** Share of requests inside their latency targets, 0 to 1. */
  attainment?: number;
  /** Age of the replica since it became ready, ms. */
  sinceReadyMs?: number;
}

/** Where a replica is saturated. The defaults are those of the workload-variant-autoscaler's saturation analyzer. */
export interface SaturationLimits {
  kvCacheUtilization?: number;
  queueLength?: number;
  /** Least share of requests inside their targets. */
  attainment?: number;
  maxBatchSize?: number;
  coldMs?: number;
}

/**
 * Plain JSON, about 300 bytes. `information` (lower triangle) and `weighted` belong to the least squares of `rate / load = a − b·rate`, load
 * 1 = saturated, for rates in units of the first one.
 */
export interface SaturationState {
  version: 1;
  samples: number;
  lastAtMs: number;
  unitPerSecond: number;
  information: number[];
  weighted: number[];
  /** Relative variance of the load about the fit. */
  variance: number;
  /** Highest rate that was served well, fading, requests/s. */
  goodPerSecond: number;
  /** Mean rate that a saturated replica served, and the weight of its samples, fading. */
  saturatedPerSecond: number;
  saturatedWeight: number;
}

/** WVA's saturation thresholds. */
const SATURATED_KV_CACHE = 0.8;
const SATURATED_QUEUE = 5;
const LEAST_ATTAINMENT = 0.9;
const DEFAULT_COLD_MS = 60_000;
const HALF_LIFE_MS = 12 * 3_600_000;
/** The highest good rate fades over days only: a quiet weekend does not unlearn it. */
const GOOD_HALF_LIFE_MS = 7 * 24 * 3_600_000;
const HALF_LIFE_SAMPLES = 2_000;
/** A load at which queueing has set in tells little about the rate behind it. */
const MOST_LOAD = 1.25;
const FIRST_VARIANCE = 0.01;
const GAIN = 0.02;
/** A sample that is off by more than its whole load is an outlier. */
const MOST_OFF = 1;
/** Next to nothing, for a matrix that can be inverted: one rate alone says nothing about `b`. */
const RIDGE = [1e-6, 0, 1e-2];
/** Least load that a sample is taken to have: an idle cache tells no rate. */
const LEAST_LOAD = 1e-3;

/** The state with one more sample; one that cannot be, of an idle or a cold replica, changes nothing. */
export function observeSaturation(
  before: SaturationState | undefined,
  sample: SaturationSample,
  limits: SaturationLimits = {},
): SaturationState | undefined {
  if (!isUsable(sample, limits)) return before;
  const state = faded(before ?? emptySaturation(sample), sample.atMs);
  const load = loadOf(sample, limits);
  const next = { ...state, samples: state.samples + 1 };
  if (load >= 1 || isQueueing(sample, limits) || isMissing(sample, limits)) {
    const weight = state.saturatedWeight + 1;
    const mean = state.saturatedPerSecond + (sample.ratePerSecond - state.saturatedPerSecond) / weight;
    Object.assign(next, { saturatedWeight: kept(weight), saturatedPerSecond: kept(mean) });
  } else {
    next.goodPerSecond = kept(Math.max(state.goodPerSecond, sample.ratePerSecond));
  }
  return isQueueing(sample, limits) || load > MOST_LOAD ? next : fitted(next, sample.ratePerSecond, load);
}

function isUsable(sample: SaturationSample, limits: SaturationLimits): boolean {
  const { atMs, ratePerSecond, kvCacheUtilization, queueLength, sinceReadyMs } = sample;
  const warm = sinceReadyMs === undefined || sinceReadyMs >= (limits.coldMs ?? DEFAULT_COLD_MS);
  const rate = ratePerSecond > 0 && ratePerSecond <= 1e12;
  return (
    warm && rate && Number.isFinite(atMs) && kvCacheUtilization >= 0 && kvCacheUtilization <= 1 && queueLength >= 0
  );
}

/** Use of what runs out first, as a share of where it is saturated. */
function loadOf(sample: SaturationSample, limits: SaturationLimits): number {
  const cache = sample.kvCacheUtilization / (limits.kvCacheUtilization ?? SATURATED_KV_CACHE);
  const batch = limits.maxBatchSize === undefined ? 0 : (sample.running ?? 0) / limits.maxBatchSize;
  return Math.max(cache, batch);
}

function isQueueing(sample: SaturationSample, limits: SaturationLimits): boolean {
  return sample.queueLength >= (limits.queueLength ?? SATURATED_QUEUE);
}

function isMissing(sample: SaturationSample, limits: SaturationLimits): boolean {
  return sample.attainment !== undefined && sample.attainment < (limits.attainment ?? LEAST_ATTAINMENT);
}

function emptySaturation(sample: SaturationSample): SaturationState {
  return {
    version: 1,
    samples: 0,
    lastAtMs: sample.atMs,
    unitPerSecond: sample.ratePerSecond,
    information: RIDGE,
    weighted: [0, 0],
    variance: FIRST_VARIANCE,
    goodPerSecond: 0,
    saturatedPerSecond: 0,
    saturatedWeight: 0,
  };
}

function faded(state: SaturationState, atMs: number): SaturationState {
  const passedMs = clamp(atMs - state.lastAtMs, 0, 86_400_000);
  const keep = 2 ** (-passedMs / HALF_LIFE_MS - 1 / HALF_LIFE_SAMPLES);
  const good = 2 ** (-passedMs / GOOD_HALF_LIFE_MS);
  return {
    ...state,
    lastAtMs: atMs,
    information: state.information.map((value, i) => keep * value + (1 - keep) * RIDGE[i]!),
    weighted: state.weighted.map((value) => keep * value),
    goodPerSecond: good * state.goodPerSecond,
    saturatedWeight: keep * state.saturatedWeight,
  };
}

/**
 * With batches, an iteration takes `base + slope·batch`, and the batch is rate × tokens × that time (Little): it grows as
 * `rate / (a − b·rate)`, and so do cache and batch use. That is linear in `rate / load`, whose relative errors are those of the load.
 */
function fitted(state: SaturationState, ratePerSecond: number, load: number): SaturationState {
  const rate = ratePerSecond / state.unitPerSecond;
  const ratio = rate / Math.max(load, LEAST_LOAD);
  const off = state.samples > 2 ? ratio / rateOverLoad(state, ratePerSecond) - 1 : 0;
  const weight = 1 / (ratio * ratio);
  const factors = [1, -rate];
  const gain = Math.max(GAIN, 1 / (state.samples + 1));
  const variance = state.variance + gain * (Math.min(off * off, MOST_OFF) - state.variance);
  return {
    ...state,
    information: combined(state.information, 1, 0, weight, factors).map(kept),
    weighted: state.weighted.map((value, i) => kept(value + weight * factors[i]! * ratio)),
    variance: state.samples > 2 ? kept(variance) : state.variance,
  };
}

/** The fitted rate / load at a rate, in units of the state's: `b` is not negative, and the value is above 0 where load is finite. */
function rateOverLoad(state: SaturationState, ratePerSecond: number): number {
  const [a, b] = solve(state.information, state.weighted) as [number, number];
  if (b < 0) return state.weighted[0]! / state.information[0]!;
  return Math.max(0, a - b * (ratePerSecond / state.unitPerSecond));
}

/** The fitted load at a rate, `deviations` standard deviations up; infinite where no queue would ever be done. */
export function fittedLoad(state: SaturationState, ratePerSecond: number, deviations = 0): number {
  const rate = ratePerSecond / state.unitPerSecond;
  const spread = Math.sqrt(Math.max(0, state.variance * quadratic(inverse(state.information, 2), [1, -rate])));
  const ratio = rateOverLoad(state, ratePerSecond) - deviations * spread;
  return ratio > 0 ? rate / ratio : Number.POSITIVE_INFINITY;
}
