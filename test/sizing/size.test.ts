import fc from "fast-check";
import { describe, expect, it, test } from "vitest";
import { InputError } from "../../src/domain/input-error.ts";
import { capacityInsideSlo } from "../../src/model/capacity.ts";
import { SizingCache } from "../../src/model/sizing/cache.ts";
import { combinedLengths, withShapeOf } from "../../src/model/sizing/combined-lengths.ts";
import { LOAD_FEATURES, REPLICA_FEATURES } from "../../src/model/sizing/correction.ts";
import { CORRECTION_TREES, TREE_DEPTH } from "../../src/model/sizing/correction-trees.ts";
import { latencyAt, saturationPerSecond, sizeContinuous } from "../../src/model/sizing/size.ts";
import type { ContinuousProfile, LengthMix } from "../../src/snapshot/continuous-profile.ts";

const profile: ContinuousProfile = {
  dialect: "continuous",
  baseMs: 20,
  perSequenceMs: 0.4,
  perPromptTokenMs: 0.05,
  perContextTokenMs: 0,
  maxBatchSize: 64,
  maxBatchedTokens: 2048,
  chunkedPrefill: true,
};
const { ttftMs, itlMs, tpotMs, endToEndMs } = CORRECTION_TREES;
const LATENCY_TREES = [ttftMs, itlMs, tpotMs, endToEndMs];
const mix: LengthMix = { inputTokens: 500, outputTokens: 100 };

describe("a replica at next to no load, by hand", () => {
  // Alone: one iteration of 20 + 500·0.05 ms for the prompt, then 99 of 20.4 ms.
  const alone = { ttftMs: 45, itlMs: 20.4, tpotMs: 20.4, endToEndMs: 45 + 99 * 20.4 };
  const at = latencyAt(profile, mix, 0.5, 1e-4);
  it.each(["ttftMs", "itlMs", "tpotMs", "endToEndMs"] as const)("%s is that of a request alone", (name) => {
    expect(at[name]).toBeGreaterThan(alone[name] * 0.999);
    expect(at[name]).toBeLessThan(alone[name] * 1.01);
  });

  it.each(["ttftMs", "itlMs", "tpotMs", "endToEndMs"] as const)(
    "a target of %s below it is out of reach, and says the best",
    (name) => {
      const sized = sizeContinuous(profile, mix, { [name]: alone[name] * 0.97, percentile: 0.5 });
      if (sized.ok) throw new Error("sized");
      expect(sized.unreachable).toMatchObject({ target: name, askedMs: alone[name] * 0.97 });
      expect(sized.unreachable.bestMs / alone[name]).toBeCloseTo(1, 2);
    },
  );
});

test("saturation is where all places are taken: 64 of them, 99 steps of 20 + 0.4·n ms each", () => {
  // λ·(99·T + P) = 64 with T = (20 + 0.4·n)/(1 − λ·25 ms), P of one iteration and 25 ms, n = 64 − λ·P: solved by bisection here.
  let [low, high] = [0, 1];
  for (let i = 0; i < 60; i++) {
    const rate = (low + high) / 2;
    let n = 64;
    for (let k = 0; k < 50; k++) n = 64 - rate * (25 + 20 + 0.4 * n);
    const iteration = (20 + 0.4 * n) / (1 - rate * 25);
    if (rate * 25 < 1 && rate * (99 * iteration + 45 + 0.4 * n) < 64) low = rate;
    else high = rate;
  }
  expect(saturationPerSecond(profile, mix)).toBeCloseTo(low * 1000, 1);
});

describe("whatever is asked", () => {
  const profiles = fc.record({
    baseMs: fc.double({ min: 1, max: 50, noNaN: true }),
    perSequenceMs: fc.double({ min: 0, max: 1, noNaN: true }),
    perPromptTokenMs: fc.double({ min: 0, max: 0.5, noNaN: true }),
    perContextTokenMs: fc.double({ min: 0, max: 0.001, noNaN: true }),
    maxBatchSize: fc.integer({ min: 1, max: 256 }),
    maxBatchedTokens: fc.integer({ min: 256, max: 8192 }),
    chunkedPrefill: fc.boolean(),
    kvCacheTokens: fc.option(fc.integer({ min: 20_000, max: 1_000_000 }), { nil: undefined }),
  });
  const mixes = fc.record({
    inputTokens: fc.integer({ min: 1, max: 4000 }),
    outputTokens: fc.integer({ min: 1, max: 600 }),
    inputVariation: fc.constantFrom(0, 0.5, 1.5),
    outputVariation: fc.constantFrom(0, 0.5, 1.5),
    prefixCacheHitRate: fc.constantFrom(0, 0.5),
  });
  const roles = fc.constantFrom("both", "prefill", "decode" as const);

  it("capacity is above 0 and below saturation, or a reason with a finite best value; a looser target never gives less", () => {
    fc.assert(
      fc.property(profiles, mixes, roles, fc.integer({ min: 20, max: 5000 }), (numbers, lengths, role, target) => {
        const replica: ContinuousProfile = { dialect: "continuous", ...numbers };
        const targets = { ttftMs: target, itlMs: target / 4, tpotMs: target / 5, endToEndMs: target * 20 };
        const sized = sizeContinuous(replica, lengths, targets, role as "both");
        const looser = sizeContinuous(
          replica,
          lengths,
          { ...targets, ttftMs: target * 2, itlMs: target },
          role as "both",
        );
        if (!sized.ok) {
          expect(sized.unreachable.bestMs).toBeGreaterThan(sized.unreachable.askedMs * 0.999);
          expect(Number.isFinite(sized.unreachable.bestMs)).toBe(true);
          return;
        }
        expect(sized.capacityPerSecond).toBeGreaterThan(0);
        expect(sized.capacityPerSecond).toBeLessThan(saturationPerSecond(replica, lengths, role as "both"));
        expect(looser.ok).toBe(true);
        // Corrections rise with what they depend on a target through; the search ends within 0.3 %.
        if (looser.ok) expect(looser.capacityPerSecond).toBeGreaterThanOrEqual(sized.capacityPerSecond * 0.99);
      }),
      { seed: 11, numRuns: 150 },
    );
  });
});

test("trees say no less as what they know of a target rises, whatever the replica", () => {
  const count = LOAD_FEATURES.length + REPLICA_FEATURES.length;
  for (const { features, thresholds, leaves } of LATENCY_TREES) {
    expect(leaves.length).toBeGreaterThan(0);
    expect(thresholds.length).toBe(features.length);
    expect(Math.max(...features)).toBeLessThan(count);
    const splits = 2 ** TREE_DEPTH - 1;
    for (let split = 0, leaf = 0; leaf < leaves.length; split += splits, leaf += splits + 1) {
      const under = (node: number): number[] =>
        node >= splits ? [leaves[leaf + node - splits]!] : [...under(2 * node + 1), ...under(2 * node + 2)];
      for (let node = 0; node < splits; node++) {
        if (features[split + node]! >= LOAD_FEATURES.length || thresholds[split + node] === Number.POSITIVE_INFINITY)
          continue;
        expect(Math.max(...under(2 * node + 1))).toBeLessThanOrEqual(Math.min(...under(2 * node + 2)) + 1e-9);
      }
    }
  }
});

test.each<[string, Partial<ContinuousProfile>, Partial<LengthMix>, object, string]>([
  ["NaN", { baseMs: Number.NaN }, {}, {}, "baseMs"],
  ["a negative time", { perSequenceMs: -1 }, {}, {}, "perSequenceMs"],
  ["an iteration of no time", { baseMs: 0 }, {}, {}, "baseMs"],
  ["infinity", { perPromptTokenMs: Number.POSITIVE_INFINITY }, {}, {}, "perPromptTokenMs"],
  ["half a sequence", { maxBatchSize: 1.5 }, {}, {}, "maxBatchSize"],
  ["no KV cache", { kvCacheTokens: 0 }, {}, {}, "kvCacheTokens"],
  ["no samples", {}, { samples: [] }, {}, "samples"],
  ["a sample of NaN", {}, { samples: [[Number.NaN, 5]] }, {}, "samples[0][0]"],
  ["more hits than tokens", {}, { prefixCacheHitRate: 1.2 }, {}, "prefixCacheHitRate"],
  ["a percentile of 100 %", {}, {}, { percentile: 1 }, "percentile"],
  ["a target of NaN", {}, {}, { ttftMs: Number.NaN }, "ttftMs"],
  ["a negative target", {}, {}, { endToEndMs: -5 }, "endToEndMs"],
])("%s never passes", (_what, wrong, wrongMix, targets, path) => {
  const size = () => sizeContinuous({ ...profile, ...wrong }, { ...mix, ...wrongMix }, targets);
  expect(size).toThrow(InputError);
  expect(size).toThrow(path);
  expect(capacityInsideSlo({ ...profile, ...wrong }, { ...mix, ...wrongMix }, targets)).toMatchObject({ ok: false });
});

test("targets that a profile of means cannot size are refused by name", () => {
  const means = { dialect: "D2" as const, alphaMs: 20, betaMs: 0.1, gammaMs: 0, maxBatchSize: 8, maxQueueSize: 0 };
  expect(capacityInsideSlo(means, mix, { ttftMs: 1000 }).ok).toBe(true);
  for (const slo of [{ percentile: 0.9 }, { tpotMs: 50 }, { endToEndMs: 5000 }])
    expect(capacityInsideSlo(means, mix, slo)).toMatchObject({
      ok: false,
      reason: expect.stringContaining("continuous"),
    });
  expect(capacityInsideSlo(means, mix, {}, "decode")).toMatchObject({
    ok: false,
    reason: expect.stringContaining("decode"),
  });
});

test("TTFT binds prefill with its transfer, ITL binds decode", () => {
  const moving = { ...profile, kvTransfer: { baseMs: 10, perTokenMs: 0.1 } };
  // Alone 45 ms, and 60 ms of transfer.
  expect(latencyAt(moving, mix, 0.5, 0.01, "prefill").ttftMs).toBeCloseTo(105, 0);
  expect(sizeContinuous(moving, mix, { ttftMs: 100, itlMs: 1000 }, "prefill").ok).toBe(false);
  expect(sizeContinuous(moving, mix, { ttftMs: 1, itlMs: 40 }, "decode")).toMatchObject({ ok: true, binding: "itlMs" });
});

test("a cache answers as sizing does, by values, and keeps to its limit", () => {
  const cache = new SizingCache(2);
  const direct = sizeContinuous(profile, mix, { ttftMs: 500 });
  const first = cache.capacity(profile, mix, { ttftMs: 500 });
  expect(first).toMatchObject({ ok: true, capacityPerSecond: direct.ok ? direct.capacityPerSecond : 0 });
  expect(cache.capacity({ ...profile }, { ...mix }, { ttftMs: 500 })).toBe(first);
  for (const ttftMs of [600, 700, 800]) cache.capacity(profile, mix, { ttftMs });
  expect(cache.size).toBe(2);
});

test("mixes of several sources together keep means and second moments", () => {
  const a = { inputTokens: 100, outputTokens: 10, prefixCacheHitRate: 0.5 };
  const b = { inputTokens: 300, outputTokens: 30, inputVariation: 1 };
  const both = combinedLengths([
    { weight: 1, mix: a },
    { weight: 3, mix: b },
  ]);
  expect(both).toMatchObject({ inputTokens: 250, outputTokens: 25, prefixCacheHitRate: 0.05 });
  expect(250 ** 2 * (1 + (both?.inputVariation ?? 0) ** 2)).toBeCloseTo((100 ** 2 + 3 * 2 * 300 ** 2) / 4, 6);
  expect(withShapeOf(a, b)).toMatchObject({ inputTokens: 100, inputVariation: 1, prefixCacheHitRate: 0.5 });
});
