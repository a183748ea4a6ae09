import { describe, expect, it } from "vitest";
import { drawRequests } from "../../src/simulation/drawn-requests.ts";
import { saturatedRate } from "../../src/simulation/saturated-rate.ts";
import { simulateReplica } from "../../src/simulation/simulate-replica.ts";
import type { ContinuousProfile, LengthMix } from "../../src/snapshot/continuous-profile.ts";

/** One request at a time; its service is one iteration of base + perPromptToken × prompt. */
const SINGLE: ContinuousProfile = {
  dialect: "continuous",
  baseMs: 10,
  perSequenceMs: 1,
  perPromptTokenMs: 0,
  perContextTokenMs: 0,
  maxBatchSize: 1,
  maxBatchedTokens: 1_000_000,
  chunkedPrefill: true,
};

const BUSY: ContinuousProfile = {
  ...SINGLE,
  perPromptTokenMs: 0.05,
  perContextTokenMs: 1e-4,
  maxBatchSize: 32,
  maxBatchedTokens: 512,
  kvCacheTokens: 30_000,
};
const MIX: LengthMix = { inputTokens: 400, outputTokens: 60, inputVariation: 1, outputVariation: 1 };

/** Means of independent repetitions and the half width of their 99 % interval (Student, 9 degrees of freedom). */
function repeated(value: (seed: number) => number): { mean: number; margin: number } {
  const values = Array.from({ length: 10 }, (_, i) => value(100 + i));
  const mean = values.reduce((sum, one) => sum + one, 0) / values.length;
  const variance = values.reduce((sum, one) => sum + (one - mean) ** 2, 0) / (values.length - 1);
  return { mean, margin: 3.25 * Math.sqrt(variance / values.length) };
}

describe("queues with a known answer", () => {
  it.each([0.3, 0.6, 0.8])("M/D/1 at load %f: the mean wait of Pollaczek and Khinchine", (load) => {
    const serviceMs = 10;
    const wanted = (load * serviceMs) / (2 * (1 - load));
    const wait = repeated((seed) => {
      const options = { ratePerSecond: (1000 * load) / serviceMs, requests: 20_000, seed };
      return simulateReplica(SINGLE, { inputTokens: 1, outputTokens: 1 }, options).metrics().ttftMs.meanMs - serviceMs;
    });
    expect(Math.abs(wait.mean - wanted)).toBeLessThan(wait.margin + 0.01 * wanted);
    expect(wait.margin).toBeLessThan(0.1 * wanted);
  });

  it("M/G/1 with log-normal prompts: the mean wait of Pollaczek and Khinchine", () => {
    const profile = { ...SINGLE, baseMs: 1, perPromptTokenMs: 0.02 };
    const variation = 0.8;
    const load = 0.6;
    const serviceMs = 1 + 0.02 * 1000;
    const square = serviceMs ** 2 + (0.02 * 1000 * variation) ** 2;
    const wanted = ((load / serviceMs) * square) / (2 * (1 - load));
    const wait = repeated((seed) => {
      const options = { ratePerSecond: (1000 * load) / serviceMs, requests: 20_000, seed };
      const mix = { inputTokens: 1000, outputTokens: 1, inputVariation: variation };
      return simulateReplica(profile, mix, options).metrics().ttftMs.meanMs - serviceMs;
    });
    expect(Math.abs(wait.mean - wanted)).toBeLessThan(wait.margin + 0.01 * wanted);
    expect(wait.margin).toBeLessThan(0.15 * wanted);
  });

  it("M/M/1, made of geometric answers: mean and 95th percentile of the time in the system", () => {
    // Answers of mean 60 tokens of 1 ms with variation 1 (log-normal has no memoryless form: samples of an exponential instead).
    const samples = Array.from(
      { length: 2000 },
      (_, i) => [1, Math.max(1, Math.round(-60 * Math.log(1 - (i + 0.5) / 2000)))] as const,
    );
    const meanMs = samples.reduce((sum, [, output]) => sum + output, 0) / samples.length;
    const profile = { ...SINGLE, baseMs: 1, perSequenceMs: 0 };
    const load = 0.5;
    const mix = { inputTokens: 1, outputTokens: 60, samples };
    const runs = new Map<number, { meanMs: number; p95Ms: number }>();
    const run = (seed: number) => {
      const options = { ratePerSecond: (1000 * load) / meanMs, requests: 5000, seed };
      const found = runs.get(seed) ?? simulateReplica(profile, mix, options).metrics().endToEndMs;
      runs.set(seed, found);
      return found;
    };
    const mean = repeated((seed) => run(seed).meanMs);
    expect(Math.abs(mean.mean - meanMs / (1 - load))).toBeLessThan(mean.margin + 0.01 * meanMs);
    const p95 = repeated((seed) => run(seed).p95Ms);
    const wanted = (meanMs / (1 - load)) * Math.log(20);
    expect(Math.abs(p95.mean - wanted)).toBeLessThan(p95.margin + 0.01 * wanted);
    expect(p95.margin).toBeLessThan(0.1 * wanted);
  });

  it("D/D/1 below its capacity: nobody waits", () => {
    const options = { ratePerSecond: 99, requests: 500, seed: 1, arrivals: { kind: "deterministic" } as const };
    const { ttftMs, busyShare } = simulateReplica(SINGLE, { inputTokens: 1, outputTokens: 1 }, options).metrics();
    expect(ttftMs.p99Ms).toBeCloseTo(10, 6);
    expect(busyShare).toBeCloseTo(0.99, 2);
  });

  it("M/D/1 loss (no waiting room, batch 1): the blocking of Erlang", () => {
    const load = 0.8;
    const lost = repeated((seed) => {
      const options = { ratePerSecond: 80, requests: 5000, seed };
      const profile = { ...SINGLE, maxQueueSize: 0 };
      return simulateReplica(profile, { inputTokens: 1, outputTokens: 1 }, options).metrics().queueFull / 5000;
    });
    expect(Math.abs(lost.mean - load / (1 + load))).toBeLessThan(lost.margin);
    expect(lost.margin).toBeLessThan(0.02);
  });
});

describe("laws of every queue", () => {
  it.each([2, 5, 8])("Little's law at %f requests per second", (ratePerSecond) => {
    const metrics = simulateReplica(BUSY, MIX, { ratePerSecond, requests: 8000, seed: 3 }).metrics();
    const wanted = (metrics.requestsPerSecond * metrics.endToEndMs.meanMs) / 1000;
    expect(Math.abs(metrics.present / wanted - 1)).toBeLessThan(0.03);
  });

  it("ends every request once and counts every token", () => {
    const profile = { ...BUSY, kvCacheTokens: 6000, maxQueueSize: 20 };
    const timesMs = Array.from({ length: 2000 }, (_, i) => i * 70);
    const arrivals = { kind: "given", timesMs } as const;
    const run = simulateReplica(profile, MIX, { ratePerSecond: 0, requests: 2000, warmup: 0, seed: 4, arrivals });
    const metrics = run.metrics();
    const { finished, queueFull, tooLarge, outputTokens, preemptions } = metrics;
    expect(finished + queueFull + tooLarge).toBe(2000);
    expect(run.record.gaps.count).toBe(outputTokens - finished);
    expect(metrics.peakKvTokens).toBeLessThanOrEqual(6000);
    for (const count of [finished, queueFull, preemptions]) expect(count).toBeGreaterThan(20);
  });

  it("is late with more load, and never busier than it has work", () => {
    const drawn = [1, 3, 6, 9, 12, 15].map((ratePerSecond) =>
      simulateReplica(BUSY, MIX, { ratePerSecond, requests: 6000, seed: 5, balanced: true }).metrics(),
    );
    for (const [i, metrics] of drawn.slice(1).entries()) {
      const before = drawn[i]!;
      for (const kind of ["ttftMs", "itlMs", "endToEndMs"] as const)
        expect(metrics[kind].p95Ms).toBeGreaterThanOrEqual(before[kind].p95Ms);
      expect(metrics.busyShare).toBeGreaterThanOrEqual(before.busyShare);
      expect(metrics.busyShare).toBeLessThanOrEqual(1 + 1e-9);
    }
  });
});

describe("a replica that always has work", () => {
  it("finishes fixed requests, computed in one go, at batch / time of a round", () => {
    // A full batch of 8 computes its prompts in one iteration and decodes 49 times together.
    const profile = {
      ...SINGLE,
      perPromptTokenMs: 0.1,
      perContextTokenMs: 0.002,
      maxBatchSize: 8,
      maxBatchedTokens: 8000,
    };
    const prompts = 10 + 0.1 * 8 * 100;
    const context = 8 * (49 * 100 + (49 * 50) / 2);
    const roundMs = prompts + 49 * (10 + 8) + 0.002 * context;
    const drawn = drawRequests({ inputTokens: 100, outputTokens: 50 }, { count: 4000, seed: 1 });
    expect(saturatedRate(profile, drawn) / (8000 / roundMs)).toBeCloseTo(1, 3);
  });

  it("has twice the rate with half the time of an iteration, and with a second stage of a pipeline", () => {
    const drawn = drawRequests(MIX, { count: 4000, seed: 2, balanced: true });
    const profile = { ...BUSY, kvCacheTokens: undefined, perContextTokenMs: 0 };
    const one = saturatedRate(profile, drawn);
    const tensorParallelSize = { measured: 1, used: 2, serialShare: 0 };
    expect(saturatedRate({ ...profile, tensorParallelSize }, drawn) / one).toBeCloseTo(2, 6);
    const stages = { ...profile, maxBatchSize: 64, pipelineParallelSize: 2 };
    // Micro-batches of unequal times leave gaps between the stages.
    const gain = saturatedRate(stages, drawn) / one;
    expect(gain).toBeGreaterThan(1.6);
    expect(gain).toBeLessThan(2);
  });
});
