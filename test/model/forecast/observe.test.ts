import { describe, expect, test } from "vitest";
import { forecastDemand } from "../../../src/model/forecast/forecast.ts";
import { observeDemand, RECENT_STEPS } from "../../../src/model/forecast/observe.ts";
import { parseDemandState } from "../../../src/model/forecast/parse-demand-state.ts";
import type { DemandState } from "../../../src/model/forecast/types.ts";
import { walk } from "../../../src/model/forecast/walk.ts";
import { ASK, forecastAfter, noisy, observed, randomOf, START_MS, STEP_MS } from "./streams.ts";

describe("steps", () => {
  test("observations of one step are averaged", () => {
    let state: DemandState | undefined;
    for (const [second, ratePerSecond] of [
      [0, 1],
      [10, 2],
      [29, 6],
      [31, 5],
    ] as const) {
      state = observeDemand(state, { atMs: START_MS + second * 1000, ratePerSecond });
    }
    expect(state).toMatchObject({ recent: [3], openMean: 5, openCount: 1, openAtMs: START_MS + STEP_MS });
  });

  test("steps without observation stay empty; late ones are left out", () => {
    let state = observed([1, 2]);
    state = observeDemand(state, { atMs: START_MS + 4 * STEP_MS, ratePerSecond: 3 });
    expect(state.recent).toEqual([1, 2, null, null]);
    const late = observeDemand(state, { atMs: START_MS + 3 * STEP_MS, ratePerSecond: 900 });
    expect(late).toEqual(state);
  });

  test("no more than the recent steps are kept, and what leaves them lives on in the levels", () => {
    const rates = noisy(400, () => 20);
    const state = observed(rates);
    expect(state.recent).toHaveLength(RECENT_STEPS);
    // Independent: exponential means over the whole history.
    let [fast, slow] = [rates[0]!, rates[0]!];
    rates.slice(1).forEach((rate, i) => {
      const share = 1 / (i + 2);
      fast += Math.max(1 - 2 ** -0.5, share) * (rate - fast);
      slow += Math.max(1 - 2 ** (-1 / 30), share) * (rate - slow);
    });
    const last = walk(state).levels.at(-1)!;
    expect(last.fast / fast).toBeCloseTo(1, 2);
    expect(last.slow / slow).toBeCloseTo(1, 2);
  });

  test.each([Number.NaN, -1, Number.POSITIVE_INFINITY, 1e300])("a rate of %d changes nothing", (ratePerSecond) => {
    const state = observed([1, 2, 3]);
    expect(observeDemand(state, { atMs: state.openAtMs + STEP_MS, ratePerSecond })).toEqual(state);
    const first = observeDemand(undefined, { atMs: START_MS, ratePerSecond });
    expect(forecastDemand(first, { atMs: START_MS, ...ASK })).toBeUndefined();
  });

  test.each([Number.NaN, Number.POSITIVE_INFINITY, 1e300])("a time of %d changes nothing", (atMs) => {
    const state = observed([1, 2, 3]);
    expect(observeDemand(state, { atMs, ratePerSecond: 5 })).toEqual(state);
  });

  test("a long gap: levels are a first guess, two new steps outweigh them", () => {
    const state = observed(
      noisy(300, () => 50),
      { asks: [ASK] },
    );
    const later = observed([2, 2, 2, 2], { asks: [ASK] }, state, state.openAtMs + 1e12);
    expect(later.recent).toHaveLength(3);
    expect(forecastAfter(later).value.median).toBeLessThan(15);
  });

  test("a clock that was set back: the recent steps start anew", () => {
    const state = observed(
      noisy(100, () => 50),
      { asks: [ASK] },
    );
    const later = observed(
      noisy(30, () => 5),
      { asks: [ASK] },
      state,
      START_MS - 1e9,
    );
    expect(later.recent).toHaveLength(29);
    expect(forecastAfter(later).value.median).toBeLessThan(10);
  });

  test("another step length starts anew, but for the profile", () => {
    const state = observed(noisy(3_000, () => 50));
    const other = observeDemand(state, { atMs: state.openAtMs + STEP_MS, ratePerSecond: 7 }, { stepMs: 15_000 });
    expect(other).toMatchObject({ stepMs: 15_000, recent: [], openMean: 7, levels: null });
    expect(other.season).toEqual(state.season);
  });

  test.each([Number.NaN, 0, -5, Number.POSITIVE_INFINITY])("a step length of %d is made usable", (stepMs) => {
    const state = observeDemand(undefined, { atMs: START_MS, ratePerSecond: 1 }, { stepMs });
    expect(state.stepMs).toBeGreaterThanOrEqual(1_000);
    expect(state.stepMs).toBeLessThanOrEqual(3_600_000);
  });
});

describe("its file", () => {
  const asks = [60_000, 120_000, 600_000].map((horizonMs) => ({ horizonMs, quantile: 0.95 }));
  const week = () =>
    observed(
      noisy(8 * 2_880, (i) => 1_000 * (1.5 + Math.sin((2 * Math.PI * i) / 2_880))),
      {},
    );

  test("what was written is read, and is about 2 KB after a week", () => {
    const state = observed(
      noisy(60, () => 1_234.5),
      { asks },
      week(),
      START_MS + 8 * 2_880 * STEP_MS,
    );
    const text = JSON.stringify(state);
    expect(parseDemandState(JSON.parse(text))).toEqual(state);
    expect(text.length).toBeLessThan(3_300);
    const oneAsk = observed(
      noisy(60, () => 1_234.5),
      { asks: asks.slice(0, 1) },
      state,
      state.openAtMs + STEP_MS,
    );
    expect(JSON.stringify(oneAsk).length).toBeLessThan(2_400);
  });

  test("forecasts go on the same from the file as from memory", () => {
    let state = observed(
      noisy(200, () => 20),
      { asks },
    );
    let read = parseDemandState(JSON.parse(JSON.stringify(state)));
    const more = noisy(20, () => 25, 0.3, 5);
    const from = state.openAtMs + STEP_MS;
    state = observed(more, { asks }, state, from);
    read = observed(more, { asks }, read, from);
    expect(JSON.stringify(read)).toBe(JSON.stringify(state));
  });

  test.each([
    ["another version", { version: 2 }],
    ["no step", { stepMs: 0 }],
    ["a negative rate", { recent: [1, -1] }],
    ["a text", { recent: ["1"] }],
    ["endless", { recent: new Array(5_000).fill(1) }],
    ["half a level", { levels: { seen: 1 } }],
    ["no season", { season: null }],
    ["no list of asks", { asks: {} }],
    ["an ask without track", { asks: [{ steps: 1, quantile: 0.5 }] }],
    ["a quantile of 1", { asks: [{ ...observed([1], { asks }).asks[0], quantile: 1 }] }],
  ])("%s: not read", (_, changes) => {
    expect(parseDemandState({ ...observed([1, 2, 3], { asks }), ...changes })).toBeUndefined();
  });

  test.each([undefined, null, 3, "state", []])("%s: not read", (data) => {
    expect(parseDemandState(data)).toBeUndefined();
  });
});

test("whatever comes in whatever order: forecasts are finite, ordered and not negative", () => {
  const random = randomOf(3);
  let state: DemandState | undefined;
  const odd = [Number.NaN, -1, 0, 1e12, 1e-9, Number.POSITIVE_INFINITY];
  for (let i = 0; i < 400; i++) {
    const jump = random() < 0.03 ? (random() - 0.5) * 10 ** (4 + 9 * random()) : 0;
    const atMs = Math.round((state?.openAtMs ?? START_MS) + jump + random() * 2 * STEP_MS);
    const ratePerSecond = random() < 0.1 ? odd[Math.floor(random() * odd.length)]! : 10 ** (6 * random() - 3);
    state = observeDemand(state, { atMs, ratePerSecond }, { stepMs: STEP_MS, asks: [ASK] });
    const forecast = forecastDemand(state, {
      atMs: state.openAtMs,
      horizonMs: random() * 1e6,
      quantile: 0.5 + random() / 2,
    });
    if (forecast === undefined) continue;
    for (const { median, quantile, lower, upper } of [forecast.value, forecast.peak]) {
      for (const value of [median, quantile, lower, upper]) expect(Number.isFinite(value)).toBe(true);
      expect(lower).toBeGreaterThanOrEqual(0);
      expect(median).toBeGreaterThanOrEqual(lower);
      expect(quantile).toBeGreaterThanOrEqual(median);
      expect(upper).toBeGreaterThanOrEqual(quantile);
    }
    expect(parseDemandState(JSON.parse(JSON.stringify(state)))).toEqual(state);
  }
});
