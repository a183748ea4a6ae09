import { describe, expect, test } from "vitest";
import { iterationEstimate, iterationTime } from "../../../src/model/learning/estimate.ts";
import { explainLearning, learningEvent } from "../../../src/model/learning/explain.ts";
import { frozen, unfrozen } from "../../../src/model/learning/freeze.ts";
import { observeIteration } from "../../../src/model/learning/iteration.ts";
import { learnedProfile } from "../../../src/model/learning/learned-profile.ts";
import { statedTimes } from "../../../src/model/learning/stated.ts";
import type { IterationSample, IterationTimes, LearningState } from "../../../src/model/learning/types.ts";
import { START_MS, STATED, STEP_MS, sampleOf, variedSamples } from "./samples.ts";

const STATED_TIMES = statedTimes(STATED);
const TRUTH: IterationTimes = [14, 0.3, 0.05, 0.00005];

function learnedFrom(samples: Iterable<IterationSample>, from?: LearningState): LearningState {
  let state = from;
  for (const sample of samples) state = observeIteration(state, sample, STATED_TIMES);
  return state!;
}

/** All samples at once, by elimination: an independent way to the same estimate while nothing is forgotten or clipped. */
function ridge(samples: readonly IterationSample[], variance: (sample: IterationSample) => number): number[] {
  const { times, deviations } = STATED_TIMES;
  const rows = samples.map((sample) => {
    const seen = (sample.batch + 1) / sample.batch;
    const factors = [1, sample.batch * seen, sample.promptTokensPerIteration!, sample.contextTokens * seen];
    return { factors, y: sample.itlMs, w: 1 / variance(sample) };
  });
  const a = times.map((_, i) =>
    times.map((_, j) => {
      const prior = i === j ? 1 / deviations[i]! ** 2 : 0;
      return prior + rows.reduce((sum, { factors, w }) => sum + w * factors[i]! * factors[j]!, 0);
    }),
  );
  const b = times.map(
    (time, i) => time / deviations[i]! ** 2 + rows.reduce((sum, { factors, y, w }) => sum + w * factors[i]! * y, 0),
  );
  // Gauss–Jordan.
  for (let k = 0; k < 4; k++) {
    const pivot = a[k]![k]!;
    for (let j = 0; j < 4; j++) a[k]![j]! /= pivot;
    b[k]! /= pivot;
    for (let i = 0; i < 4; i++) {
      if (i === k) continue;
      const share = a[i]![k]!;
      for (let j = 0; j < 4; j++) a[i]![j]! -= share * a[k]![j]!;
      b[i]! -= share * b[k]!;
    }
  }
  return b;
}

describe("learning from samples", () => {
  test("nothing learned: as stated", () => {
    const state = learnedFrom([sampleOf(TRUTH, { batch: 0, promptTokens: 0, contextTokens: 0 }, 0)]);
    expect(iterationEstimate(state).times).toEqual(STATED_TIMES.times);
    expect(explainLearning(state)[0]).toBe(
      "as stated, nothing learned yet; iteration time 10 ms ± 9.8 + 0.2 ms ± 0.196 per sequence + 0.03 ms ± 0.0294 per prompt token + 0.0001 ms ± 0.000098 per token of context",
    );
  });

  test("loads that vary: the truth inside the intervals, and close", () => {
    const state = learnedFrom(variedSamples(TRUTH, 400));
    const { times, halfWidths, learnedShares } = iterationEstimate(state);
    times.forEach((time, i) => {
      expect(Math.abs(time - TRUTH[i]!)).toBeLessThan(1.5 * halfWidths[i]!);
      expect(Math.abs(time - TRUTH[i]!)).toBeLessThan(0.05 * TRUTH[i]!);
      expect(learnedShares[i]).toBeGreaterThan(0.98);
    });
    expect(state.noise.itl).toBeGreaterThan(0.015);
    expect(state.noise.itl).toBeLessThan(0.025);
    expect(learnedProfile(state, STATED)).toMatchObject({
      baseMs: times[0],
      perContextTokenMs: times[3],
      maxBatchSize: 256,
    });
  });

  test("few samples: as least squares with the stated profile as a prior says", () => {
    const samples = [...variedSamples(TRUTH, 6, { noise: 0, seed: 3 })];
    const noises: number[] = [];
    let state: LearningState | undefined;
    for (const sample of samples) {
      // The variance that the fold is about to use: relative to its own expectation.
      const seen = (sample.batch + 1) / sample.batch;
      const factors: IterationTimes = [
        1,
        sample.batch * seen,
        sample.promptTokensPerIteration!,
        sample.contextTokens * seen,
      ];
      const expected = state === undefined ? dot(factors, STATED_TIMES.times) : iterationTime(state, factors).ms;
      noises.push(((state?.noise.itl ?? 0.1) * expected) ** 2 * (55 / 50));
      state = observeIteration(state, sample, STATED_TIMES);
    }
    const expected = ridge(samples, (sample) => noises[samples.indexOf(sample)]!);
    iterationEstimate(state!).times.forEach((time, i) => {
      expect(Math.abs(time / expected[i]! - 1)).toBeLessThan(0.03);
    });
  });

  test("a direction that samples do not excite stays as stated", () => {
    const at = { batch: 10, promptTokens: 0, contextTokens: 0 };
    const state = learnedFrom(Array.from({ length: 200 }, (_, i) => sampleOf(TRUTH, at, i)));
    const { times, learnedShares } = iterationEstimate(state);
    expect(times[2]).toBe(STATED.perPromptTokenMs);
    expect(times[3]).toBe(STATED.perContextTokenMs);
    expect(learnedShares[2]).toBe(0);
    expect(iterationTime(state, [1, 11, 0, 0]).ms).toBeCloseTo(14 + 0.3 * 11, 1);
    expect(explainLearning(state)[2]).toBe(
      "the samples say next to nothing about: per sequence, per prompt token, per token of context; there the stated profile stays",
    );
  });

  test("no time is ever negative", () => {
    const state = learnedFrom(variedSamples([20, 0, 0, 0], 300, { noise: 0.1 }));
    for (const time of iterationEstimate(state).times) expect(time).toBeGreaterThanOrEqual(0);
    const flat = { batch: 30, promptTokens: 100, contextTokens: 30_000 };
    expect(iterationTime(state, [1, flat.batch, flat.promptTokens, flat.contextTokens]).ms).toBeCloseTo(20, 0);
  });

  test("TTFT where prompts hardly wait tells the time of a prompt token", () => {
    const at = { batch: 10, promptTokens: 0, contextTokens: 0 };
    const tokens = 2_000;
    const samples = Array.from({ length: 200 }, (_, i) => {
      const sample = sampleOf(TRUTH, at, i);
      const ttftMs = 0.5 * sample.itlMs * (1 - Math.exp(-10)) + TRUTH[0] + TRUTH[1] * 10 + TRUTH[2] * tokens;
      return { ...sample, ttftMs, promptTokensPerRequest: tokens, waiting: 0 };
    });
    expect(iterationEstimate(learnedFrom(samples)).times[2]).toBeCloseTo(TRUTH[2], 3);
    const queueing = samples.map((sample) => ({ ...sample, waiting: 3 }));
    expect(iterationEstimate(learnedFrom(queueing)).times[2]).toBe(STATED.perPromptTokenMs);
  });
});

describe("samples that should not count", () => {
  const good = [...variedSamples(TRUTH, 200)];

  test.each([
    ["cold", { sinceReadyMs: 59_000, itlMs: 500 }],
    ["of unknown age", { sinceReadyMs: Number.NaN, itlMs: 500 }],
    ["of no request", { requests: 0, itlMs: 500 }],
    ["of NaN requests", { requests: Number.NaN }],
    ["without batch", { batch: 0 }],
    ["negative", { itlMs: -3 }],
    ["zero", { itlMs: 0 }],
    ["not a number", { itlMs: Number.NaN }],
    ["endless", { contextTokens: Number.POSITIVE_INFINITY }],
    ["huge", { promptTokensPerIteration: 1e300 }],
    ["at no time", { atMs: Number.NaN }],
  ])("%s", (_, changes) => {
    const state = learnedFrom(good);
    expect(observeIteration(state, { ...good[0]!, ...changes }, STATED_TIMES)).toEqual(state);
    expect(observeIteration(undefined, { ...good[0]!, ...changes }, STATED_TIMES).samples).toBe(0);
  });

  test("half warm: counts for less than warm", () => {
    const off = { ...good[0]!, itlMs: good[0]!.itlMs * 1.05 };
    const from = learnedFrom(good.slice(0, 20));
    const moved = (sinceReadyMs: number) =>
      Math.abs(
        iterationTime(observeIteration(from, { ...off, sinceReadyMs }, STATED_TIMES), [1, 10, 0, 0]).ms -
          iterationTime(from, [1, 10, 0, 0]).ms,
      );
    expect(moved(70_000)).toBeLessThan(0.5 * moved(3_600_000));
  });

  test("one outlier in ten moves the estimate by less than a tenth of what it moves a mean", () => {
    const spoilt = good.map((sample, i) => (i % 10 === 9 ? { ...sample, itlMs: sample.itlMs * 3 } : sample));
    const at: IterationTimes = [1, 30, 200, 50_000];
    const expected = TRUTH.reduce((sum, time, i) => sum + time * at[i]!, 0);
    const learned = learnedFrom(spoilt);
    expect(Math.abs(iterationTime(learned, at).ms / expected - 1)).toBeLessThan(0.04);
  });
});

describe("versions", () => {
  test("stated, learned, drifted", () => {
    const before = learnedFrom(variedSamples(TRUTH, 300));
    expect(before.current).toEqual({ number: 2, sinceMs: START_MS + 29 * STEP_MS, reason: { kind: "learned" } });
    const slower = TRUTH.map((time) => time * 1.18) as IterationTimes;
    let state = before;
    let noticed = 0;
    const events: string[] = [];
    for (const sample of variedSamples(slower, 300, { seed: 2, from: 300 })) {
      const next = observeIteration(state, sample, STATED_TIMES);
      const event = learningEvent(state, next);
      if (event !== undefined) events.push(event);
      if (events.length === 0) noticed += 1;
      state = next;
    }
    expect(events).toHaveLength(1);
    expect(events[0]).toMatch(/^profile version 3: after drift of \+1[3-9] %$/);
    expect(noticed).toBeLessThan(10);
    iterationEstimate(state).times.forEach((time, i) => {
      expect(Math.abs(time / slower[i]! - 1)).toBeLessThan(0.05);
    });
    expect(explainLearning(state)[1]).toMatch(/^version 3 since 2026-01-05 15:1[7-9] UTC, after drift of \+1[3-9] %$/);
  });

  test("without a change none is noticed in 5,000 samples", () => {
    expect(learnedFrom(variedSamples(TRUTH, 5_000, { seed: 5 })).current.number).toBe(2);
  });

  test("another stated profile: learning starts anew", () => {
    const state = learnedFrom(variedSamples(TRUTH, 100));
    const [sample] = variedSamples(TRUTH, 1, { from: 100 });
    const next = observeIteration(state, sample!, statedTimes({ ...STATED, baseMs: 11 }));
    expect(next.samples).toBe(1);
    expect(next.current).toMatchObject({ number: 3, reason: { kind: "restated" } });
  });

  test("frozen: nothing changes until it ends", () => {
    const state = learnedFrom(variedSamples(TRUTH, 100));
    const held = frozen(state, START_MS, "benchmark");
    const after = learnedFrom(variedSamples([30, 1, 1, 1], 50, { from: 100 }), held);
    expect(after).toEqual(held);
    expect(explainLearning(after).at(-1)).toBe("frozen since 2026-01-05 14:02 UTC: benchmark");
    expect(unfrozen(after)).toEqual(state);
  });
});

test("times that repeat or go backwards forget nothing; a leap forgets much, never the stated profile", () => {
  const state = learnedFrom(variedSamples(TRUTH, 200));
  const [sample] = variedSamples(TRUTH, 1, { seed: 9 });
  const back = observeIteration(state, { ...sample!, atMs: START_MS - 1e12 }, STATED_TIMES);
  expect(back.information[0]).toBeGreaterThan(state.information[0]!);
  const leap = observeIteration(state, { ...sample!, atMs: START_MS + 1e13 }, STATED_TIMES);
  expect(leap.information[0]).toBeLessThan(0.2 * state.information[0]!);
  for (const i of [0, 2, 5, 9]) expect(leap.information[i]).toBeGreaterThanOrEqual(1);
});

function dot(a: readonly number[], b: readonly number[]): number {
  return a.reduce((sum, value, i) => sum + value * b[i]!, 0);
}
