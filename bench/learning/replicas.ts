import type { IterationSample } from "../../src/model/learning/types.ts";
import { simulateReplica } from "../../src/simulation/simulate-replica.ts";
import type { ContinuousProfile, LengthMix } from "../../src/snapshot/continuous-profile.ts";

/** What runs, and what is sent to it, in one interval. */
export interface Interval {
  truth: ContinuousProfile;
  mix: LengthMix;
  ratePerSecond: number;
  seed: number;
  atMs: number;
  sinceReadyMs?: number;
}

/** Requests that are measured in an interval. */
const REQUESTS = 60;

/** The means that a simulated replica's metrics would tell of the interval. */
export function simulatedSample({
  truth,
  mix,
  ratePerSecond,
  seed,
  atMs,
  sinceReadyMs = 3_600_000,
}: Interval): IterationSample {
  const { means, metrics } = runOf(truth, mix, ratePerSecond, seed);
  const cold = sinceReadyMs < 60_000 ? 2 : 1;
  const promptTokens = mix.inputTokens * (1 - (mix.prefixCacheHitRate ?? 0));
  return {
    atMs,
    batch: means.running,
    promptTokensPerSecond: ratePerSecond * promptTokens,
    contextTokens: means.kvTokens,
    itlMs: cold * metrics.itlMs.meanMs,
    ttftMs: cold * metrics.ttftMs.meanMs,
    promptTokensPerRequest: promptTokens,
    waiting: Math.max(0, means.present - means.running),
    requests: REQUESTS,
    sinceReadyMs,
  };
}

function runOf(truth: ContinuousProfile, mix: LengthMix, ratePerSecond: number, seed: number) {
  const result = simulateReplica(truth, mix, { ratePerSecond, seed, requests: REQUESTS, warmup: 30 });
  return { means: result.means, metrics: result.metrics() };
}
