import { describe, expect, test } from "vitest";
import { parseSaturation } from "../../../src/model/learning/parse-saturation.ts";
import {
  observeSaturation,
  type SaturationLimits,
  type SaturationSample,
  type SaturationState,
} from "../../../src/model/learning/saturation.ts";
import { capacityFromSaturation } from "../../../src/model/learning/saturation-capacity.ts";
import { randomOf, START_MS, STEP_MS } from "./samples.ts";

/**
 * 200 tokens a request, iterations of 20 ms + 0.5 ms · batch, 1 % of the cache for each sequence: batch = 4·r / (1 − 0.1·r), saturated
 * (80 %) where 0.04·r = 0.8·(1 − 0.1·r), at 6.67/s.
 */
const CAPACITY = 0.8 / 0.12;
function replica(ratePerSecond: number, i: number, noise = 0): SaturationSample {
  const served = Math.min(ratePerSecond, 9);
  const load = ((0.04 * served) / (1 - 0.1 * served)) * (1 + noise);
  return {
    atMs: START_MS + i * STEP_MS,
    ratePerSecond: served,
    kvCacheUtilization: Math.min(1, load),
    queueLength: ratePerSecond > 9 ? 20 : 0,
    sinceReadyMs: 600_000,
  };
}

function seenAt(rates: readonly number[], limits: SaturationLimits = {}): SaturationState | undefined {
  const random = randomOf(7);
  let state: SaturationState | undefined;
  rates.forEach((rate, i) => {
    state = observeSaturation(state, replica(rate, i, 0.1 * (random() - 0.5)), limits);
  });
  return state;
}

function perSecond(state: SaturationState | undefined): number {
  const capacity = capacityFromSaturation(state);
  if (!capacity.ok) throw new Error(capacity.reason);
  expect(capacity.confidence).toBeGreaterThanOrEqual(0);
  expect(capacity.confidence).toBeLessThanOrEqual(1);
  return capacity.perSecond;
}

const ramp = (from: number, to: number, count: number) =>
  Array.from({ length: count }, (_, i) => from + ((to - from) * i) / Math.max(1, count - 1));

describe("capacity without a profile", () => {
  test("nothing seen: none is claimed", () => {
    expect(capacityFromSaturation(undefined)).toEqual({
      ok: false,
      reason: "no replica has told rate and saturation yet",
    });
  });

  test("few samples: what was served well, no more", () => {
    expect(perSecond(seenAt([1, 2, 1.5]))).toBeCloseTo(2, 2);
  });

  test("low load only: beyond what was seen, but not far, and below the truth", () => {
    const capacity = perSecond(seenAt(ramp(0.5, 2, 200)));
    expect(capacity).toBeGreaterThan(2.2);
    expect(capacity).toBeLessThan(4.01);
  });

  test("loads up to half of the capacity: within a tenth of the truth, and reason and confidence say so", () => {
    const state = seenAt(ramp(0.5, 4.5, 300));
    expect(Math.abs(perSecond(state) / CAPACITY - 1)).toBeLessThan(0.1);
    expect(capacityFromSaturation(state)).toMatchObject({
      reason: expect.stringMatching(/^the load that grows with the rate reaches saturation at [67]\.\d+ requests\/s$/),
    });
  });

  test("the more was seen, the nearer and the surer", () => {
    const few = capacityFromSaturation(seenAt(ramp(0.5, 3, 20)));
    const many = capacityFromSaturation(seenAt(ramp(0.5, 6.5, 400)));
    if (!few.ok || !many.ok) throw new Error("no capacity");
    expect(Math.abs(many.perSecond - CAPACITY)).toBeLessThan(Math.abs(few.perSecond - CAPACITY));
    expect(many.confidence).toBeGreaterThan(few.confidence + 0.2);
    expect(many.confidence).toBeGreaterThan(0.8);
  });

  test("a linear load needs no curve: its capacity is not underrated by more than a tenth", () => {
    let state: SaturationState | undefined;
    for (let i = 0; i < 200; i++) {
      const rate = 1 + (i % 40) / 10;
      state = observeSaturation(state, { ...replica(rate, i), kvCacheUtilization: 0.1 * rate });
    }
    expect(perSecond(state)).toBeGreaterThan(7.2);
    expect(perSecond(state)).toBeLessThan(8.1);
  });

  test("saturated replicas bound it: the queue grows, and what they served is the most", () => {
    const state = seenAt([...ramp(1, 2, 50), ...ramp(10, 12, 10)]);
    expect(perSecond(state)).toBeLessThanOrEqual(9);
    const early = seenAt([...ramp(1, 2, 50)], { attainment: 0.9 });
    const missing = [0, 1, 2, 3].reduce<SaturationState | undefined>(
      (state, i) => observeSaturation(state, { ...replica(2.4, 50 + i), attainment: 0.5 }),
      early,
    );
    expect(perSecond(missing)).toBeCloseTo(2.4, 1);
  });

  test("only ever saturated: what it served", () => {
    expect(perSecond(seenAt(ramp(10, 12, 10)))).toBeCloseTo(9, 5);
  });

  test("a full batch is saturation, too", () => {
    const batch = (rate: number, i: number) => ({ ...replica(rate, i), kvCacheUtilization: 0.05, running: 8 * rate });
    let state: SaturationState | undefined;
    for (let i = 0; i < 200; i++) state = observeSaturation(state, batch(1 + (i % 20) / 10, i), { maxBatchSize: 32 });
    expect(Math.abs(perSecond(state) - 4)).toBeLessThan(0.5);
  });

  test("a replica that became slower: what was learned follows within an hour of samples", () => {
    const before = seenAt(ramp(0.5, 6, 300));
    let state = before;
    for (let i = 0; i < 2_500; i++) {
      const rate = 0.5 + (i % 30) / 10;
      state = observeSaturation(state, { ...replica(rate, 300 + i), kvCacheUtilization: Math.min(1, 0.2 * rate) });
    }
    expect(perSecond(before)).toBeGreaterThan(6);
    expect(perSecond(state)).toBeLessThan(5);
  });
});

describe("samples that say nothing", () => {
  test.each([
    ["idle", { ratePerSecond: 0 }],
    ["negative", { ratePerSecond: -1 }],
    ["not a number", { ratePerSecond: Number.NaN }],
    ["endless", { ratePerSecond: Number.POSITIVE_INFINITY }],
    ["in percent", { kvCacheUtilization: 55 }],
    ["without cache use", { kvCacheUtilization: Number.NaN }],
    ["negative queue", { queueLength: -1 }],
    ["cold", { sinceReadyMs: 30_000 }],
    ["at no time", { atMs: Number.NaN }],
  ])("%s", (_, changes) => {
    const state = seenAt([1, 2, 3]);
    expect(observeSaturation(state, { ...replica(2, 9), ...changes })).toBe(state);
    expect(observeSaturation(undefined, { ...replica(2, 9), ...changes })).toBeUndefined();
  });

  test("times that leap either way keep the capacity finite", () => {
    let state = seenAt(ramp(1, 4, 50));
    for (const atMs of [START_MS - 1e13, START_MS + 1e13, START_MS]) {
      state = observeSaturation(state, { ...replica(3, 0), atMs });
    }
    expect(perSecond(state)).toBeGreaterThan(0);
    expect(perSecond(state)).toBeLessThan(20);
  });
});

describe("its file", () => {
  test("what was written is read", () => {
    const state = seenAt(ramp(1, 4, 500))!;
    const text = JSON.stringify(state);
    expect(parseSaturation(JSON.parse(text))).toEqual(state);
    expect(text.length).toBeLessThan(400);
  });

  test.each([
    ["nothing", null],
    ["a number", 3],
    ["another version", { version: 2 }],
    ["a lacking field", { variance: undefined }],
    ["a text", { samples: "3" }],
    ["a negative", { goodPerSecond: -1 }],
    ["no matrix", { information: [1, 2] }],
    ["an indefinite matrix", { information: [1, 2, 1] }],
    ["no unit", { unitPerSecond: 0 }],
  ])("%s: not read", (_, changes) => {
    const state = seenAt([1, 2])!;
    expect(
      parseSaturation(typeof changes === "object" && changes !== null ? { ...state, ...changes } : changes),
    ).toBeUndefined();
  });
});
