import { InputError } from "../../domain/input-error.ts";
import { shown, type Violation } from "../../domain/violation.ts";
import type { ContinuousProfile, LengthMix } from "../../snapshot/continuous-profile.ts";
import * as limits from "../../snapshot/limits.ts";
import type { SizingTargets } from "./targets.ts";

/** Violations among samples that are listed. */
const MAX_REPORTED = 10;
/** Samples are checked once for each list: they do not change. */
const checkedSamples = new WeakSet<readonly unknown[]>();

/** `ratePerSecond`: at which a replica is looked at. @throws InputError with everything that cannot be meant. */
export function checkSizingInput(
  profile: ContinuousProfile,
  mix: LengthMix,
  targets: SizingTargets = {},
  ratePerSecond = 1,
): void {
  if (isGood(profile, mix, targets, ratePerSecond)) return;
  const violations = [...profileViolations(profile), ...mixViolations(mix), ...targetViolations(targets)];
  violations.push(...within("ratePerSecond", ratePerSecond, Number.MIN_VALUE, limits.MAX_RATE));
  if (violations.length > 0) throw new InputError(violations);
}

/** The usual case, at the cost of comparisons alone; whatever it cannot tell is left to the lists below. */
function isGood(profile: ContinuousProfile, mix: LengthMix, targets: SizingTargets, ratePerSecond: number): boolean {
  const { MAX_TIME_MS, MAX_TOKENS, MAX_VARIATION, MAX_RATE } = limits;
  return (
    profile.tensorParallelSize === undefined &&
    profile.pipelineParallelSize === undefined &&
    profile.kvTransfer === undefined &&
    profile.maxQueueSize === undefined &&
    profile.baseMs > 0 &&
    inside(profile.baseMs, 0, MAX_TIME_MS) &&
    inside(profile.perSequenceMs, 0, MAX_TIME_MS) &&
    inside(profile.perPromptTokenMs, 0, MAX_TIME_MS) &&
    inside(profile.perContextTokenMs, 0, MAX_TIME_MS) &&
    Number.isInteger(profile.maxBatchSize) &&
    inside(profile.maxBatchSize, 1, limits.MAX_BATCH_SIZE) &&
    Number.isInteger(profile.maxBatchedTokens) &&
    inside(profile.maxBatchedTokens, 1, MAX_TOKENS) &&
    Number.isInteger(profile.kvCacheTokens ?? 1) &&
    inside(profile.kvCacheTokens ?? 1, 1, limits.MAX_KV_CACHE_TOKENS) &&
    (mix.samples === undefined ? true : checkedSamples.has(mix.samples)) &&
    inside(mix.inputTokens, 0, MAX_TOKENS) &&
    inside(mix.outputTokens, 1, MAX_TOKENS) &&
    inside(mix.inputVariation ?? 0, 0, MAX_VARIATION) &&
    inside(mix.outputVariation ?? 0, 0, MAX_VARIATION) &&
    inside(mix.prefixCacheHitRate ?? 0, 0, 1) &&
    inside(targets.percentile ?? 0.95, 0.5, 0.99) &&
    inside(targets.ttftMs ?? 0, 0, MAX_TIME_MS) &&
    inside(targets.itlMs ?? 0, 0, MAX_TIME_MS) &&
    inside(targets.tpotMs ?? 0, 0, MAX_TIME_MS) &&
    inside(targets.endToEndMs ?? 0, 0, MAX_TIME_MS) &&
    inside(targets.tps ?? 0, 0, MAX_RATE) &&
    ratePerSecond > 0 &&
    ratePerSecond <= MAX_RATE
  );
}

function inside(value: number, low: number, high: number): boolean {
  return value >= low && value <= high;
}

function profileViolations(profile: ContinuousProfile): Violation[] {
  const { maxBatchSize, maxBatchedTokens, kvCacheTokens, maxQueueSize, pipelineParallelSize } = profile;
  const { tensorParallelSize: tensor, kvTransfer } = profile;
  const times = ["baseMs", "perSequenceMs", "perPromptTokenMs", "perContextTokenMs"] as const;
  const found = times.flatMap((name) => within(name, profile[name], 0, limits.MAX_TIME_MS));
  // An iteration of no time would be an endless number of them.
  if (!(profile.baseMs > 0)) found.push(...within("baseMs", profile.baseMs, Number.MIN_VALUE, limits.MAX_TIME_MS));
  found.push(...whole("maxBatchSize", maxBatchSize, 1, limits.MAX_BATCH_SIZE));
  found.push(...whole("maxBatchedTokens", maxBatchedTokens, 1, limits.MAX_TOKENS));
  if (kvCacheTokens !== undefined) found.push(...whole("kvCacheTokens", kvCacheTokens, 1, limits.MAX_KV_CACHE_TOKENS));
  if (maxQueueSize !== undefined) found.push(...whole("maxQueueSize", maxQueueSize, 0, limits.MAX_QUEUE_SIZE));
  if (pipelineParallelSize !== undefined)
    found.push(...whole("pipelineParallelSize", pipelineParallelSize, 1, limits.MAX_PARALLEL_SIZE));
  if (tensor !== undefined) {
    found.push(...whole("tensorParallelSize.measured", tensor.measured, 1, limits.MAX_PARALLEL_SIZE));
    found.push(...whole("tensorParallelSize.used", tensor.used, 1, limits.MAX_PARALLEL_SIZE));
    found.push(...within("tensorParallelSize.serialShare", tensor.serialShare, 0, 1));
  }
  if (kvTransfer !== undefined) {
    found.push(...within("kvTransfer.baseMs", kvTransfer.baseMs, 0, limits.MAX_TIME_MS));
    found.push(...within("kvTransfer.perTokenMs", kvTransfer.perTokenMs, 0, limits.MAX_TIME_MS));
  }
  return found;
}

function mixViolations(mix: LengthMix): Violation[] {
  const { samples, inputVariation = 0, outputVariation = 0, prefixCacheHitRate = 0 } = mix;
  const found = [
    ...within("inputVariation", inputVariation, 0, limits.MAX_VARIATION),
    ...within("outputVariation", outputVariation, 0, limits.MAX_VARIATION),
    ...within("prefixCacheHitRate", prefixCacheHitRate, 0, 1),
  ];
  if (samples === undefined) {
    found.push(...within("inputTokens", mix.inputTokens, 0, limits.MAX_TOKENS));
    found.push(...within("outputTokens", mix.outputTokens, 1, limits.MAX_TOKENS));
    return found;
  }
  if (samples.length === 0) {
    const fix = "give observed pairs [inputTokens, outputTokens], or leave it out";
    found.push({ path: "samples", value: "an empty list", rule: "at least one entry", fix });
  }
  if (checkedSamples.has(samples)) return found;
  let bad = 0;
  for (const [i, [input, output]] of samples.entries()) {
    const wrong = [
      ...within(`samples[${i}][0]`, input, 0, limits.MAX_TOKENS),
      ...within(`samples[${i}][1]`, output, 1, limits.MAX_TOKENS),
    ];
    bad += wrong.length;
    if (bad <= MAX_REPORTED) found.push(...wrong);
  }
  if (bad === 0 && samples.length > 0) checkedSamples.add(samples);
  return found;
}

function targetViolations(targets: SizingTargets): Violation[] {
  const { percentile = 0.95 } = targets;
  const names = ["ttftMs", "itlMs", "tpotMs", "endToEndMs"] as const;
  return [
    ...within("percentile", percentile, 0.5, 0.99),
    ...within("tps", targets.tps ?? 0, 0, limits.MAX_RATE),
    ...names.flatMap((name) => within(name, targets[name] ?? 0, 0, limits.MAX_TIME_MS)),
  ];
}

function within(path: string, value: number, low: number, high: number): Violation[] {
  if (Number.isFinite(value) && value >= low && value <= high) return [];
  const rule = low === Number.MIN_VALUE ? `a number above 0, up to ${high}` : `a finite number from ${low} to ${high}`;
  return [{ path, value: shown(value), rule, fix: "give the measured value" }];
}

function whole(path: string, value: number, low: number, high: number): Violation[] {
  if (Number.isInteger(value) && value >= low && value <= high) return [];
  return [{ path, value: shown(value), rule: `a whole number from ${low} to ${high}`, fix: "give a count" }];
}
