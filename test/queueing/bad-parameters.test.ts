import { expect, test } from "vitest";
import { InputError } from "../../src/domain/input-error.ts";
import { analyze } from "../../src/model/queueing/analyzer.ts";
import { size } from "../../src/model/queueing/size.ts";
import type { ProfileD1, ProfileD3 } from "../../src/snapshot/profile.ts";

const D3: ProfileD3 = {
  dialect: "D3",
  alphaMs: 20.58,
  betaMs: 0.041,
  gammaMs: 0.00128,
  maxBatchSize: 8,
  maxQueueSize: 0,
  maxNumTokens: 8192,
};
const D1: ProfileD1 = {
  dialect: "D1",
  decodeAlphaMs: 20,
  decodeBetaMs: 0.4,
  prefillGammaMs: 5,
  prefillDeltaMs: 0.01,
  maxBatchSize: 4,
  maxQueueSize: 40,
};
const MIX = { inputTokens: 100, outputTokens: 50 };

test.each([
  ["alphaMs", { alphaMs: Number.NaN }],
  ["betaMs", { betaMs: -1 }],
  ["gammaMs", { gammaMs: Number.POSITIVE_INFINITY }],
  ["alphaMs", { alphaMs: 1e308 }],
  ["maxBatchSize", { maxBatchSize: 0 }],
  ["maxBatchSize", { maxBatchSize: 1.5 }],
  ["maxBatchSize", { maxBatchSize: 1e9 }],
  ["maxQueueSize", { maxQueueSize: -1 }],
  ["maxNumTokens", { maxNumTokens: 0 }],
  ["alphaMs, betaMs, gammaMs", { alphaMs: 0, betaMs: 0, gammaMs: 0 }],
])("a profile with a bad %s is refused by name", (path, change) => {
  expect(paths(() => analyze({ ...D3, ...change }, MIX, 1))).toEqual([path]);
});

test("all that is wrong is said at once", () => {
  const call = () =>
    size(
      { ...D3, alphaMs: -1, maxBatchSize: 0 },
      { inputTokens: -5, outputTokens: 0 },
      { ttftMs: Number.NaN, tps: -2 },
    );
  expect(paths(call)).toEqual(["alphaMs", "maxBatchSize", "inputTokens", "outputTokens", "ttftMs", "tps"]);
});

test("a request that takes no time is refused", () => {
  const profile = { ...D1, prefillGammaMs: 0, prefillDeltaMs: 0 };
  expect(paths(() => analyze(profile, { inputTokens: 10, outputTokens: 1 }, 1))).toEqual(["inputTokens, outputTokens"]);
});

test.each([0, -1, Number.NaN, Number.POSITIVE_INFINITY])("a rate of %s is refused", (rate) => {
  expect(paths(() => analyze(D3, MIX, rate))).toEqual(["ratePerSecond"]);
});

test("D1 refuses overload and says up to where it answers, D3 counts what it blocks", () => {
  expect(() => analyze(D1, MIX, 1000)).toThrow(/ratePerSecond is 1000: at most \d/);
  const overloaded = analyze(D3, MIX, 1000);
  expect(overloaded.throughputPerSecond).toBeLessThan(20);
  expect(overloaded.utilization).toBeCloseTo(1, 1);
});

test("an unreachable target is named with the best that the replica does", () => {
  const result = size(D3, MIX, { itlMs: 1 });
  expect(result).toMatchObject({ ok: false, unreachable: { target: "itlMs", askedMs: 1 } });
  expect(!result.ok && result.unreachable.bestMs).toBeGreaterThan(20);
});

test("long queues under overload stay finite", () => {
  const metrics = analyze({ ...D3, maxQueueSize: 200_000 }, MIX, 1e6);
  expect(Number.isFinite(metrics.responseMs)).toBe(true);
  expect(metrics.throughputPerSecond).toBeGreaterThan(0);
});

function paths(call: () => unknown): string[] {
  try {
    call();
  } catch (error) {
    if (error instanceof InputError) return error.violations.map((violation) => violation.path);
    throw error;
  }
  throw new Error("nothing was refused");
}
