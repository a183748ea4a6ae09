import { InputError } from "../domain/input-error.ts";
import { shown, type Violation } from "../domain/violation.ts";
import type { ContinuousProfile } from "../snapshot/continuous-profile.ts";
import {
  MAX_BATCH_SIZE,
  MAX_KV_CACHE_TOKENS,
  MAX_PARALLEL_SIZE,
  MAX_QUEUE_SIZE,
  MAX_TIME_MS,
  MAX_TOKENS,
} from "../snapshot/limits.ts";

/** @throws InputError with every field of the profile that cannot be meant. */
export function checkContinuousProfile(profile: ContinuousProfile): void {
  const violations = [
    ...within("baseMs", profile.baseMs, 0, MAX_TIME_MS),
    ...within("perSequenceMs", profile.perSequenceMs, 0, MAX_TIME_MS),
    ...within("perPromptTokenMs", profile.perPromptTokenMs, 0, MAX_TIME_MS),
    ...within("perContextTokenMs", profile.perContextTokenMs, 0, MAX_TIME_MS),
    ...whole("maxBatchSize", profile.maxBatchSize, 1, MAX_BATCH_SIZE),
    ...whole("maxBatchedTokens", profile.maxBatchedTokens, 1, MAX_TOKENS),
    ...whole("kvCacheTokens", profile.kvCacheTokens ?? 1, 1, MAX_KV_CACHE_TOKENS),
    ...whole("maxQueueSize", profile.maxQueueSize ?? 0, 0, MAX_QUEUE_SIZE),
    ...whole("pipelineParallelSize", profile.pipelineParallelSize ?? 1, 1, MAX_PARALLEL_SIZE),
    ...parallelViolations(profile),
    ...within("kvTransfer.baseMs", profile.kvTransfer?.baseMs ?? 0, 0, MAX_TIME_MS),
    ...within("kvTransfer.perTokenMs", profile.kvTransfer?.perTokenMs ?? 0, 0, MAX_TIME_MS),
  ];
  if (violations.length === 0) violations.push(...timeViolations(profile));
  if (violations.length > 0) throw new InputError(violations);
}

function parallelViolations({ tensorParallelSize: size }: ContinuousProfile): Violation[] {
  if (size === undefined) return [];
  return [
    ...whole("tensorParallelSize.measured", size.measured, 1, MAX_PARALLEL_SIZE),
    ...whole("tensorParallelSize.used", size.used, 1, MAX_PARALLEL_SIZE),
    ...within("tensorParallelSize.serialShare", size.serialShare, 0, 1),
  ];
}

function timeViolations(profile: ContinuousProfile): Violation[] {
  if (profile.baseMs + Math.min(profile.perSequenceMs, profile.perPromptTokenMs) > 0) return [];
  return [
    {
      path: "baseMs",
      value: shown(profile.baseMs),
      rule: "an iteration takes time, whether it computes a prompt or decodes",
      fix: "give the measured times",
    },
  ];
}

function within(path: string, value: number, low: number, high: number): Violation[] {
  if (Number.isFinite(value) && value >= low && value <= high) return [];
  return [{ path, value: shown(value), rule: `a finite number from ${low} to ${high}`, fix: "measure it again" }];
}

function whole(path: string, value: number, low: number, high: number): Violation[] {
  if (Number.isInteger(value) && value >= low && value <= high) return [];
  return [
    { path, value: shown(value), rule: `a whole number from ${low} to ${high}`, fix: "give the engine's setting" },
  ];
}
