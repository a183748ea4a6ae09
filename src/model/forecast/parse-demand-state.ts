import { MODELS } from "./models.ts";
import type { AskState, DemandLevels, DemandState, SeasonState, TrackState } from "./types.ts";

type Fields = Record<string, unknown>;

const LEVELS: readonly (keyof DemandLevels)[] = [
  "seen",
  "last",
  "fast",
  "slow",
  "level",
  "trend",
  "deviation",
  "rise",
  "fall",
];
/** More than any state holds: what is longer was not written here. */
const MOST_ENTRIES = 200;

/** The state that `unknown` data hold, or undefined where they hold none: then the forecast starts anew. */
export function parseDemandState(data: unknown): DemandState | undefined {
  if (!isFields(data) || data.version !== 1) return undefined;
  const { stepMs, openAtMs, openMean, openCount, recent } = data;
  if (!isNumber(stepMs) || stepMs < 1 || !isNumber(openAtMs) || !isRate(openMean) || !isRate(openCount))
    return undefined;
  if (!areRates(recent)) return undefined;
  const levels = data.levels === null ? null : parsedLevels(data.levels);
  const season = parsedSeason(data.season);
  const asks = Array.isArray(data.asks) ? data.asks.map(parsedAsk) : [undefined];
  if (levels === undefined || season === undefined || !asks.every((ask) => ask !== undefined)) return undefined;
  return { version: 1, stepMs, openAtMs, openMean, openCount, recent, levels, season, asks };
}

function parsedLevels(data: unknown): DemandLevels | undefined {
  if (!isFields(data)) return undefined;
  if (LEVELS.some((name) => !isNumber(data[name]) || (data[name] < 0 && name !== "trend" && name !== "level")))
    return undefined;
  return Object.fromEntries(LEVELS.map((name) => [name, data[name]])) as unknown as DemandLevels;
}

function parsedSeason(data: unknown): SeasonState | undefined {
  if (!isFields(data)) return undefined;
  const { bucketAtMs, bucketMean, bucketCount, daily, weekly } = data;
  if (!isNumber(bucketAtMs) || !isRate(bucketMean) || !isRate(bucketCount) || !areRates(daily) || !areRates(weekly)) {
    return undefined;
  }
  return { bucketAtMs, bucketMean, bucketCount, daily, weekly };
}

function parsedAsk(data: unknown): AskState | undefined {
  if (!isFields(data)) return undefined;
  const { steps, quantile } = data;
  const [value, peak] = [parsedTrack(data.value), parsedTrack(data.peak)];
  if (!isNumber(steps) || !Number.isInteger(steps) || steps < 1 || value === undefined || peak === undefined)
    return undefined;
  return isNumber(quantile) && quantile > 0 && quantile < 1 ? { steps, quantile, value, peak } : undefined;
}

function parsedTrack(data: unknown): TrackState | undefined {
  if (!isFields(data)) return undefined;
  const { correction, checked, held, judged, losses, pending } = data;
  if (!isNumber(correction) || !isRate(checked) || !isRate(held) || held > checked || !isRate(judged)) return undefined;
  if (!areRates(losses) || losses.length !== MODELS.length || !areRates(pending)) return undefined;
  return { correction, checked, held, judged, losses, pending };
}

function isFields(data: unknown): data is Fields {
  return typeof data === "object" && data !== null && !Array.isArray(data);
}

function isNumber(data: unknown): data is number {
  return typeof data === "number" && Number.isFinite(data);
}

function isRate(data: unknown): data is number {
  return isNumber(data) && data >= 0;
}

function areRates(data: unknown): data is (number | null)[] {
  return Array.isArray(data) && data.length <= MOST_ENTRIES && data.every((rate) => rate === null || isRate(rate));
}
