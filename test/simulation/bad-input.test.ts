import { describe, expect, it } from "vitest";
import { InputError } from "../../src/domain/input-error.ts";
import { ReplicaSimulation } from "../../src/simulation/replica.ts";
import { simulateReplica } from "../../src/simulation/simulate-replica.ts";
import type { ContinuousProfile } from "../../src/snapshot/continuous-profile.ts";

const PROFILE: ContinuousProfile = {
  dialect: "continuous",
  baseMs: 10,
  perSequenceMs: 0.1,
  perPromptTokenMs: 0.1,
  perContextTokenMs: 0,
  maxBatchSize: 4,
  maxBatchedTokens: 100,
  chunkedPrefill: true,
};

describe("a profile that cannot be meant", () => {
  it.each<[string, Partial<ContinuousProfile>]>([
    ["baseMs", { baseMs: Number.NaN }],
    ["perSequenceMs", { perSequenceMs: -1 }],
    ["perPromptTokenMs", { perPromptTokenMs: Number.POSITIVE_INFINITY }],
    ["maxBatchSize", { maxBatchSize: 0 }],
    ["maxBatchedTokens", { maxBatchedTokens: 1.5 }],
    ["kvCacheTokens", { kvCacheTokens: 0 }],
    ["maxQueueSize", { maxQueueSize: -1 }],
    ["pipelineParallelSize", { pipelineParallelSize: 0 }],
    ["tensorParallelSize.serialShare", { tensorParallelSize: { measured: 1, used: 2, serialShare: 1.1 } }],
    ["kvTransfer.baseMs", { kvTransfer: { baseMs: Number.NaN, perTokenMs: 0 } }],
    ["baseMs", { baseMs: 0, perSequenceMs: 0 }],
  ])("is refused by the name of its field: %s", (path, change) => {
    const build = () => new ReplicaSimulation({ ...PROFILE, ...change });
    expect(build).toThrow(InputError);
    expect(build).toThrow(new RegExp(`^${path} is `));
  });
});

describe("a request that cannot be meant", () => {
  const request = { id: 0, arrivalMs: 5, inputTokens: 3, outputTokens: 2, cachedTokens: 0 };

  it.each([
    ["arrivalMs", { arrivalMs: 4 }],
    ["arrivalMs", { arrivalMs: Number.NaN }],
    ["inputTokens", { inputTokens: 0 }],
    ["inputTokens", { inputTokens: 1.5 }],
    ["outputTokens", { outputTokens: 0 }],
    ["outputTokens", { generatedTokens: 2 }],
    ["cachedTokens", { cachedTokens: 4 }],
  ])("is refused by the name of its field: %s", (path, change) => {
    const replica = new ReplicaSimulation(PROFILE);
    replica.offer(request);
    replica.advanceTo(5);
    expect(() => replica.offer({ ...request, ...change })).toThrow(new RegExp(`^${path} is `));
  });

  it.each([0, -1, Number.NaN, Number.POSITIVE_INFINITY])("nor is a rate of %f", (ratePerSecond) => {
    const run = () =>
      simulateReplica(PROFILE, { inputTokens: 1, outputTokens: 1 }, { ratePerSecond, requests: 3, seed: 1 });
    expect(run).toThrow(RangeError);
  });
});
