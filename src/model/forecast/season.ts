import { rounded } from "./numbers.ts";
import type { SeasonState } from "./types.ts";

const DAY_MS = 86_400_000;
const WEEK_MS = 7 * DAY_MS;
const DAILY_BUCKETS = 48;
const WEEKLY_BUCKETS = 168;
const BUCKET_MS = DAY_MS / DAILY_BUCKETS;
/** Share of its bucket that a new day replaces. */
const DAILY_GAIN = 0.3;
/** And a new week; a bucket of the week is filled by several of the day. */
const WEEKLY_GAIN = 1 - (1 - 0.4) ** (WEEKLY_BUCKETS / 7 / DAILY_BUCKETS);
/** Digits of a rate: the week needs fewer, since what comes is scaled to today's level. */
const DAILY_DIGITS = 3;
const WEEKLY_DIGITS = 2;

export function emptySeason(): SeasonState {
  return { bucketAtMs: 0, bucketMean: 0, bucketCount: 0, daily: [], weekly: [] };
}

/** Adds one step, at `atMs`, to the mean of its half hour; that one goes into the profiles when the next begins. */
export function learnSeason(season: SeasonState, atMs: number, rate: number): SeasonState {
  const bucketAtMs = Math.floor(atMs / BUCKET_MS) * BUCKET_MS;
  if (season.bucketCount > 0 && bucketAtMs === season.bucketAtMs) {
    const bucketCount = season.bucketCount + 1;
    return { ...season, bucketCount, bucketMean: season.bucketMean + (rate - season.bucketMean) / bucketCount };
  }
  const closed = season.bucketCount > 0 ? withBucket(season) : season;
  return { ...closed, bucketAtMs, bucketMean: rate, bucketCount: 1 };
}

function withBucket(season: SeasonState): SeasonState {
  const { bucketAtMs: atMs, bucketMean: mean } = season;
  const daily = blended(season.daily, DAILY_BUCKETS, DAY_MS, atMs, mean, DAILY_GAIN, DAILY_DIGITS);
  const weekly = blended(season.weekly, WEEKLY_BUCKETS, WEEK_MS, atMs, mean, WEEKLY_GAIN, WEEKLY_DIGITS);
  return { ...season, daily, weekly };
}

function blended(
  profile: readonly (number | null)[],
  buckets: number,
  period: number,
  atMs: number,
  value: number,
  gain: number,
  digits: number,
): (number | null)[] {
  const next = profile.length === 0 ? new Array<number | null>(buckets).fill(null) : [...profile];
  const bucket = bucketOf(buckets, period, atMs);
  const before = next[bucket] ?? null;
  next[bucket] = rounded(before === null ? value : before + gain * (value - before), digits);
  return next;
}

/** Rate by time of day, interpolated between the middles of buckets; NaN where the day has not been seen there. */
export function dailyAt(season: SeasonState, atMs: number): number {
  return interpolated(season.daily, DAY_MS, atMs);
}

/** Rate by time of week, likewise. */
export function weeklyAt(season: SeasonState, atMs: number): number {
  return interpolated(season.weekly, WEEK_MS, atMs);
}

function interpolated(profile: readonly (number | null)[], period: number, atMs: number): number {
  const count = profile.length;
  if (count === 0) return Number.NaN;
  // In buckets, from the middle of the first one.
  const place = (modulo(atMs, period) / period) * count - 0.5;
  const before = Math.floor(place);
  const low = profile[before < 0 ? count - 1 : before] ?? Number.NaN;
  const high = profile[before + 1 < count ? before + 1 : 0] ?? Number.NaN;
  return low + (high - low) * (place - before);
}

function bucketOf(buckets: number, period: number, atMs: number): number {
  return Math.min(buckets - 1, Math.floor((modulo(atMs, period) / period) * buckets));
}

function modulo(value: number, by: number): number {
  const rest = value % by;
  return rest < 0 ? rest + by : rest;
}
