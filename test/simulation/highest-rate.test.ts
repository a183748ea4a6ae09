import { describe, expect, it } from "vitest";
import { highestRate } from "../../src/simulation/highest-rate.ts";
import { simulateReplica } from "../../src/simulation/simulate-replica.ts";
import type { ContinuousProfile } from "../../src/snapshot/continuous-profile.ts";
import { configurations } from "./configurations.ts";
import { unloadedPercentiles } from "./unloaded.ts";

const SINGLE: ContinuousProfile = {
  dialect: "continuous",
  baseMs: 10,
  perSequenceMs: 0,
  perPromptTokenMs: 0,
  perContextTokenMs: 0,
  maxBatchSize: 1,
  maxBatchedTokens: 100,
  chunkedPrefill: true,
};
const ONE = { inputTokens: 1, outputTokens: 1 };

describe("the highest rate", () => {
  it("of M/M/1 is where the percentile of its exponential time in the system meets the target", () => {
    // P(T > t) = exp(−(μ − λ)·t): the 90th percentile is 50 ms at λ = μ − ln 10 / 0.05 s. Answers take 10 ms in the mean, in steps of 0.25 ms.
    const samples = Array.from(
      { length: 3000 },
      (_, i) => [1, Math.max(1, Math.round(-40 * Math.log(1 - (i + 0.5) / 3000)))] as const,
    );
    const meanMs = samples.reduce((sum, [, output]) => sum + output, 0) / samples.length / 4;
    const profile = { ...SINGLE, baseMs: 0.25 };
    const targets = { percentile: 0.9, endToEndMs: 50 };
    const found = highestRate(profile, { ...ONE, samples }, targets, { seed: 1, requests: 6000, replications: 4 });
    const wanted = 1000 / meanMs - Math.log(10) / 0.05;
    expect(found.lowPerSecond).toBeLessThan(wanted);
    expect(found.highPerSecond).toBeGreaterThan(wanted);
    expect(found.highPerSecond - found.lowPerSecond).toBeLessThan(0.15 * wanted);
  });

  it("meets the targets, and a little more does not", () => {
    for (const { profile, mix, targets } of configurations(6, 31)) {
      const options = { seed: 3, requests: 1000, warmup: 100 };
      const { lowPerSecond, highPerSecond, saturatedPerSecond } = highestRate(profile, mix, targets, options);
      const at = (ratePerSecond: number) =>
        simulateReplica(profile, mix, { ...options, ratePerSecond, balanced: true }).attainment(targets).met;
      expect(lowPerSecond).toBeLessThanOrEqual(saturatedPerSecond);
      if (lowPerSecond > 0) expect(at(lowPerSecond)).toBe(true);
      if (highPerSecond < saturatedPerSecond) expect(at(highPerSecond)).toBe(false);
    }
  });

  it("is the saturation where no target minds, and 0 where none is met", () => {
    const idle = highestRate(SINGLE, ONE, { percentile: 0.5, itlMs: 1000 }, { seed: 1, requests: 300 });
    expect(idle.ratePerSecond).toBeCloseTo(100, 6);
    const none = highestRate(SINGLE, ONE, { percentile: 0.5, ttftMs: 9.9 }, { seed: 1, requests: 300 });
    expect(none.ratePerSecond).toBe(0);
  });
});

describe("configurations", () => {
  it("are the same for the same seed, differ for others, and more of them begin with the fewer", () => {
    expect(configurations(3, 1)).toEqual(configurations(5, 1).slice(0, 3));
    expect(configurations(3, 1)).not.toEqual(configurations(3, 2));
  });

  it("have targets that a request alone meets", () => {
    for (const { profile, mix, targets } of configurations(50, 8)) {
      const unloaded = unloadedPercentiles(profile, mix, targets.percentile);
      for (const kind of ["ttftMs", "itlMs", "tpotMs", "endToEndMs"] as const) {
        const asked = targets[kind];
        if (asked !== undefined) expect(asked).toBeGreaterThan(1.29 * unloaded[kind]);
      }
    }
  });
});
