import { describe, expect, it } from "vitest";
import { simulatePair } from "../../src/simulation/simulate-pair.ts";
import { simulateReplica } from "../../src/simulation/simulate-replica.ts";
import type { ContinuousProfile } from "../../src/snapshot/continuous-profile.ts";

const PROFILE: ContinuousProfile = {
  dialect: "continuous",
  baseMs: 12,
  perSequenceMs: 0.2,
  perPromptTokenMs: 0.06,
  perContextTokenMs: 1e-5,
  maxBatchSize: 64,
  maxBatchedTokens: 2048,
  chunkedPrefill: true,
  kvCacheTokens: 200_000,
  kvTransfer: { baseMs: 5, perTokenMs: 0.01 },
};
const MIX = { inputTokens: 1000, outputTokens: 80, inputVariation: 0.8, outputVariation: 0.8 };
const OPTIONS = { ratePerSecond: 6, requests: 4000, seed: 1, balanced: true };

describe("prefill and decode apart", () => {
  it("takes prompt, transfer and steps where nothing else runs", () => {
    const fixed = { inputTokens: 1000, outputTokens: 11 };
    const { ttftMs, itlMs, endToEndMs } = simulatePair(PROFILE, PROFILE, fixed, {
      ...OPTIONS,
      ratePerSecond: 0.01,
      requests: 50,
    }).metrics();
    const first = 12 + 60 + 5 + 10;
    expect(ttftMs.p99Ms).toBeCloseTo(first, 6);
    expect(itlMs.p50Ms).toBeCloseTo(12.2 + 1e-5 * 1005, 6);
    expect(endToEndMs.p50Ms).toBeCloseTo(first + 10 * 12.2 + 1e-5 * (10 * 1000 + 55), 6);
  });

  it("keeps prompts out of the gaps between tokens", () => {
    const apart = simulatePair(PROFILE, PROFILE, MIX, OPTIONS).metrics();
    const together = simulateReplica(PROFILE, MIX, OPTIONS).metrics();
    expect(together.itlMs.p95Ms).toBeGreaterThan(2 * apart.itlMs.p95Ms);
    expect(apart.finished).toBe(4000);
  });

  it("is what each role gives alone: TTFT of the prefill role, gaps of the decode role", () => {
    const pair = simulatePair(PROFILE, PROFILE, MIX, OPTIONS).metrics();
    const prefill = simulateReplica(PROFILE, MIX, { ...OPTIONS, role: "prefill" }).metrics();
    const decode = simulateReplica(PROFILE, MIX, { ...OPTIONS, role: "decode" }).metrics();
    expect(Math.abs(pair.ttftMs.p95Ms / prefill.ttftMs.p95Ms - 1)).toBeLessThan(0.02);
    expect(Math.abs(pair.itlMs.meanMs / decode.itlMs.meanMs - 1)).toBeLessThan(0.02);
    expect(decode.ttftMs.p50Ms).toBeNaN();
    expect(prefill.itlMs.p50Ms).toBeNaN();
  });
});
