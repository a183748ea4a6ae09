import { Random } from "../../src/simulation/random.ts";
import type { ContinuousProfile, LengthMix, PercentileTargets } from "../../src/snapshot/continuous-profile.ts";
import { azureLengths } from "./azure-lengths.ts";
import { type Latencies, unloadedPercentiles } from "./unloaded.ts";

export interface Configuration {
  /** Seed and number, so that one can be made again. */
  name: string;
  profile: ContinuousProfile;
  mix: LengthMix;
  targets: PercentileTargets;
}

/**
 * Random profiles, mixes and targets around published numbers: models of 7B to 70B on accelerators from L4 to H100, such as vLLM on
 * A100 with 20.58 ms + 0.41 ms per sequence. Targets are 1.3 to 10 times the same percentile of requests that are alone, so that
 * some rate meets each. The same seed gives the same configurations, and more of them begin with the fewer.
 */
export function configurations(count: number, seed: number): Configuration[] {
  const samples = azureLengths();
  return Array.from({ length: count }, (_, i) => {
    const random = new Random(seed * 1_000_003 + i);
    const mix = mixOf(random, samples);
    const profile = profileOf(random, mix);
    return { name: `${seed}/${i}`, profile, mix, targets: targetsOf(random, profile, mix) };
  });
}

function pick<T>(random: Random, options: readonly T[]): T {
  return options[Math.floor(random.next() * options.length)]!;
}

function mixOf(random: Random, samples: readonly [number, number][]): LengthMix {
  const prefixCacheHitRate = random.next() < 0.5 ? 0 : random.between(0.05, 0.8);
  const kind = random.next();
  if (kind < 0.25) {
    const inputTokens = mean(samples.map(([input]) => input));
    const outputTokens = mean(samples.map(([, output]) => output));
    return { inputTokens, outputTokens, samples, prefixCacheHitRate };
  }
  const inputTokens = Math.round(random.logBetween(50, 4000));
  const outputTokens = Math.round(random.logBetween(10, 600));
  if (kind < 0.45) return { inputTokens, outputTokens, prefixCacheHitRate };
  const inputVariation = random.between(0.3, 2);
  const outputVariation = random.between(0.3, 2);
  return { inputTokens, outputTokens, inputVariation, outputVariation, prefixCacheHitRate };
}

function profileOf(random: Random, mix: LengthMix): ContinuousProfile {
  const baseMs = random.logBetween(5, 40);
  const maxBatchSize = pick(random, [8, 16, 32, 64, 128, 256]);
  const chunkedPrefill = random.next() < 0.85;
  const longPrompt = 8 * mix.inputTokens;
  const budget = pick(random, [512, 1024, 2048, 4096, 8192]);
  const requestTokens = mix.inputTokens + mix.outputTokens;
  return {
    dialect: "continuous",
    baseMs,
    perSequenceMs: clamp(baseMs * random.logBetween(0.003, 0.03), 0.02, 0.6),
    perPromptTokenMs: clamp(baseMs * random.logBetween(0.002, 0.012), 0.02, 0.3),
    perContextTokenMs: random.next() < 0.25 ? 0 : random.logBetween(2e-6, 5e-4),
    maxBatchSize,
    maxBatchedTokens: chunkedPrefill ? budget : Math.max(8192, Math.ceil(longPrompt)),
    chunkedPrefill,
    kvCacheTokens: Math.round(Math.max(random.logBetween(20_000, 800_000), 12 * requestTokens)),
    ...(random.next() < 0.08 ? { maxQueueSize: pick(random, [32, 64, 128]) } : {}),
    ...(random.next() < 0.15 ? { tensorParallelSize: tensorParallel(random) } : {}),
    ...(random.next() < 0.08 ? { pipelineParallelSize: pick(random, [2, 4]) } : {}),
  };
}

function tensorParallel(random: Random): ContinuousProfile["tensorParallelSize"] {
  return { measured: 1, used: pick(random, [2, 4, 8]), serialShare: random.between(0.1, 0.4) };
}

function targetsOf(random: Random, profile: ContinuousProfile, mix: LengthMix): PercentileTargets {
  const percentile = pick(random, [0.5, 0.75, 0.9, 0.95, 0.99]);
  const unloaded = unloadedPercentiles(profile, mix, percentile);
  const targets: PercentileTargets = { percentile };
  const kinds: (keyof Latencies)[] = ["ttftMs", "itlMs", "tpotMs", "endToEndMs"];
  const wanted = kinds.filter(() => random.next() < 0.4);
  if (wanted.length === 0) wanted.push("ttftMs");
  for (const kind of wanted) targets[kind] = unloaded[kind] * random.logBetween(1.3, 10);
  return targets;
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

function clamp(value: number, low: number, high: number): number {
  return Math.min(high, Math.max(low, value));
}
