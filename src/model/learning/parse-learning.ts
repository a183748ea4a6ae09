import type { DriftRun, IterationTimes, LearningState, LearningVersion, StatedTimes, VersionReason } from "./types.ts";

type Fields = Record<string, unknown>;

/** The state that `unknown` data hold, or undefined where they hold none: then learning starts anew. */
export function parseLearning(data: unknown): LearningState | undefined {
  if (!isFields(data) || data.version !== 1) return undefined;
  const stated = parsedStated(data.stated);
  const current = parsedVersion(data.current);
  const [up, down] = [parsedRun(data.up), parsedRun(data.down)];
  const { information, weighted, noise, samples, samplesSince, lastAtMs, frozen } = data;
  if (stated === undefined || current === undefined || up === undefined || down === undefined) return undefined;
  if (!areNumbers(information, 10) || !areNumbers(weighted, 4) || !isPositiveDefinite(information)) return undefined;
  if (!isNoise(noise) || !isCount(samples) || !isCount(samplesSince) || !isNumber(lastAtMs)) return undefined;
  const state = {
    version: 1 as const,
    stated,
    information,
    weighted,
    noise,
    samples,
    samplesSince,
    up,
    down,
    lastAtMs,
    current,
  };
  if (frozen === undefined) return state;
  if (!isFields(frozen) || !isNumber(frozen.atMs) || typeof frozen.reason !== "string") return undefined;
  return { ...state, frozen: { atMs: frozen.atMs, reason: frozen.reason } };
}

function parsedStated(data: unknown): StatedTimes | undefined {
  if (!isFields(data) || !areNumbers(data.times, 4) || !areNumbers(data.deviations, 4)) return undefined;
  if (data.times.some((time) => time < 0) || data.deviations.some((deviation) => deviation <= 0)) return undefined;
  return { times: data.times as IterationTimes, deviations: data.deviations as IterationTimes };
}

function parsedRun(data: unknown): DriftRun | undefined {
  if (!isFields(data)) return undefined;
  const { evidence, samples, change } = data;
  return isNumber(evidence) && isCount(samples) && isNumber(change) ? { evidence, samples, change } : undefined;
}

function parsedVersion(data: unknown): LearningVersion | undefined {
  if (!isFields(data) || !isCount(data.number) || !isNumber(data.sinceMs)) return undefined;
  const reason = parsedReason(data.reason);
  return reason === undefined ? undefined : { number: data.number, sinceMs: data.sinceMs, reason };
}

function parsedReason(data: unknown): VersionReason | undefined {
  if (!isFields(data)) return undefined;
  const { kind, change } = data;
  if (kind === "drift") return isNumber(change) ? { kind, change } : undefined;
  return kind === "stated" || kind === "restated" || kind === "learned" ? { kind } : undefined;
}

/** By Sylvester's rule, through the pivots of elimination. */
function isPositiveDefinite(triangle: readonly number[]): boolean {
  const size = 4;
  const cell = (i: number, j: number) => triangle[(Math.max(i, j) * (Math.max(i, j) + 1)) / 2 + Math.min(i, j)]!;
  const rows = Array.from({ length: size }, (_, i) => Array.from({ length: size }, (_, j) => cell(i, j)));
  for (let k = 0; k < size; k++) {
    const pivot = rows[k]![k]!;
    if (!(pivot > 0)) return false;
    for (let i = k + 1; i < size; i++) {
      const share = rows[i]![k]! / pivot;
      for (let j = k; j < size; j++) rows[i]![j]! -= share * rows[k]![j]!;
    }
  }
  return true;
}

function isNoise(data: unknown): data is { itl: number; ttft: number } {
  return isFields(data) && isNumber(data.itl) && isNumber(data.ttft) && data.itl > 0 && data.ttft > 0;
}

function isFields(data: unknown): data is Fields {
  return typeof data === "object" && data !== null && !Array.isArray(data);
}

function isNumber(data: unknown): data is number {
  return typeof data === "number" && Number.isFinite(data);
}

function isCount(data: unknown): data is number {
  return isNumber(data) && Number.isInteger(data) && data >= 0;
}

function areNumbers(data: unknown, count: number): data is number[] {
  return Array.isArray(data) && data.length === count && data.every(isNumber);
}
