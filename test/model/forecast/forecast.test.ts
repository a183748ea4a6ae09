import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { forecastDemand } from "../../../src/model/forecast/forecast.ts";
import { observeDemand } from "../../../src/model/forecast/observe.ts";
import type { DemandState } from "../../../src/model/forecast/types.ts";
import { ASK, forecastAfter, noisy, observed, START_MS, STEP_MS } from "./streams.ts";

const ARRIVALS = new URL("../../fixtures/azure-llm-2023/code-arrivals.csv", import.meta.url);

/** The trace's rate over the last minute, every 15 s. */
function traceRates(): number[] {
  const counts: number[] = [];
  for (const line of readFileSync(ARRIVALS, "utf8").trim().split("\n").slice(1)) {
    const [second, requests] = line.split(",").map(Number) as [number, number];
    counts[second] = requests;
  }
  const rates: number[] = [];
  for (let end = 60; end <= counts.length; end += 15) {
    let sum = 0;
    for (let second = end - 60; second < end; second++) sum += counts[second] ?? 0;
    rates.push(sum / 60);
  }
  return rates;
}

function loss(came: number, said: number, q: number): number {
  return Math.max(q * (came - said), (q - 1) * (came - said));
}

test("the trace that the forecasts are judged on is the whole one", () => {
  const rates = traceRates();
  expect(rates).toHaveLength(226);
  const total = readFileSync(ARRIVALS, "utf8")
    .match(/,\d+/g)!
    .reduce((sum, count) => sum + Number(count.slice(1)), 0);
  expect(total).toBe(8_819);
});

test.each([
  [0.5, 0.95],
  [0.9, 0.9],
  [0.95, 0.9],
])("held-out half of a production trace, quantile %d: the loss is below %d of the last value's", (quantile, most) => {
  const rates = traceRates();
  const asks = [60_000, 120_000, 180_000].map((horizonMs) => ({ horizonMs, quantile }));
  let state: DemandState | undefined;
  let [ours, last] = [0, 0];
  for (let i = 0; i + 12 < rates.length; i++) {
    const atMs = START_MS + i * 15_000;
    state = observeDemand(state, { atMs, ratePerSecond: rates[i]! }, { stepMs: 15_000, asks });
    if (i < rates.length / 2) continue;
    for (const { horizonMs } of asks) {
      const steps = horizonMs / 15_000;
      ours += loss(rates[i + steps]!, forecastDemand(state, { atMs, horizonMs, quantile })!.value.quantile, quantile);
      const changes = rates.slice(steps, i + 1).map((rate, k) => rate - rates[k]!);
      changes.sort((a, b) => a - b);
      const change = changes[Math.min(changes.length - 1, Math.ceil(quantile * (changes.length + 1)) - 1)]!;
      last += loss(rates[i + steps]!, Math.max(0, rates[i]! + change), quantile);
    }
  }
  expect(ours / last).toBeLessThan(most);
});

describe("coverage", () => {
  test.each([0.9, 0.95])(
    "noise about a mean: %d is covered, and the count is what an independent one says",
    (quantile) => {
      const rates = noisy(1_000, () => 20, 0.2);
      let state: DemandState | undefined;
      const given: number[] = [];
      let held = 0;
      rates.forEach((ratePerSecond, i) => {
        state = observeDemand(state, { atMs: START_MS + i * STEP_MS, ratePerSecond }, { asks: [{ ...ASK, quantile }] });
        given.push(state.asks[0]!.value.pending.at(-1) ?? Number.NaN);
        // What was given four steps ago, after the step before it had been closed.
        if (i >= 400 && rates[i]! <= given[i - 3]!) held += 1;
      });
      expect(held / 600).toBeGreaterThan(quantile - 0.03);
      expect(held / 600).toBeLessThan(quantile + 0.03);
      const { coverage } = forecastAfter(state!, { ...ASK, quantile }).value;
      expect(coverage.asked).toBe(quantile);
      expect(coverage.samples).toBeGreaterThan(500);
      expect(Math.abs(coverage.measured - held / 600)).toBeLessThan(0.02);
    },
  );

  test("not asked for before: forecast all the same, nothing measured", () => {
    const { value } = forecastAfter(observed(noisy(100, () => 20)));
    expect(value.coverage).toEqual({ asked: 0.9, measured: Number.NaN, samples: 0 });
    expect(value.quantile).toBeGreaterThan(value.median);
  });

  test("a horizon that changes keeps what was learned", () => {
    const state = observed(
      noisy(400, () => 20),
      { asks: [ASK] },
    );
    const next = { horizonMs: 130_000, quantile: 0.9 };
    const changed = observeDemand(state, { atMs: state.openAtMs, ratePerSecond: 20 }, { asks: [next] });
    expect(changed.asks).toHaveLength(1);
    expect(changed.asks[0]!.value).toEqual({ ...state.asks[0]!.value, pending: [] });
    expect(forecastAfter(changed, next).value.coverage.samples).toBeGreaterThan(300);
  });

  test("no more than three asks are followed, each once", () => {
    const asks = [1, 1, 2, 3, 4].map((minutes) => ({ horizonMs: minutes * 60_000, quantile: 0.9 }));
    expect(observed([1, 2], { asks }).asks.map(({ steps }) => steps)).toEqual([2, 4, 6]);
  });
});

describe("shapes of demand", () => {
  test("one observation: as unsure as a Poisson stream at least", () => {
    const { value, peak } = forecastAfter(observed([4]));
    expect(value.median).toBeCloseTo(4, 5);
    expect(value.quantile).toBeGreaterThan(4 + 1.28 * Math.sqrt(4 / 30));
    expect(peak.quantile).toBeGreaterThanOrEqual(value.quantile - 1e-9);
  });

  test("a constant: itself", () => {
    const { value, peak, shifted } = forecastAfter(observed(noisy(200, () => 5, 0)));
    expect([value.median, value.quantile, value.lower, value.upper, peak.quantile]).toEqual([5, 5, 5, 5, 5]);
    expect(shifted).toBe(false);
  });

  test("nothing for hours: nothing", () => {
    expect(forecastAfter(observed(noisy(200, () => 0))).peak.quantile).toBe(0);
  });

  test("a ramp: the forecast is ahead of the last value", () => {
    const rates = noisy(200, (i) => 10 + 0.5 * i, 0.02);
    const ask = { horizonMs: 600_000, quantile: 0.9 };
    const { value } = forecastAfter(observed(rates, { asks: [ask] }), ask);
    expect(value.median).toBeGreaterThan(rates.at(-1)! + 0.5 * 10);
    expect(value.median).toBeLessThan(rates.at(-1)! + 0.5 * 25);
  });

  test("a burst: noticed at once, and left to fast models", () => {
    const rates = [...noisy(300, () => 8), ...noisy(3, () => 40)];
    const { value, shifted } = forecastAfter(observed(rates, { asks: [ASK] }));
    expect(shifted).toBe(true);
    expect(["last value", "fast mean", "trend"]).toContain(value.model);
    expect(value.quantile).toBeGreaterThan(30);
  });

  test("the peak until the horizon is no lower than what comes at it", () => {
    const { value, peak } = forecastAfter(
      observed(
        noisy(400, () => 20, 0.3),
        { asks: [ASK] },
      ),
    );
    expect(peak.median).toBeGreaterThan(value.median);
    expect(peak.quantile).toBeGreaterThan(value.quantile - 0.5);
  });
});

describe("time of day and of week", () => {
  const FIVE_MINUTES = 300_000;
  const ask = { horizonMs: 600_000, quantile: 0.9 };
  /** 2 requests/s, and 30 from 9:00 to 18:00 with half an hour's ramp to either side, on five days of seven. */
  const office = (step: number) => {
    const hour = (step % 288) / 12;
    const share = Math.min(1, Math.max(0, (hour - 9) * 2)) * Math.min(1, Math.max(0, (18 - hour) * 2));
    return 2 + (Math.floor(step / 288) % 7 < 5 ? 28 * share : 0);
  };
  /** What is said at 9:00 of a day: for 9:10, when 11.3 requests/s come on a working day. */
  const atNine = (day: number) => {
    let state: DemandState | undefined;
    noisy(day * 288 + 109, office, 0.05).forEach((ratePerSecond, i) => {
      const atMs = START_MS + i * FIVE_MINUTES;
      state = observeDemand(state, { atMs, ratePerSecond }, { stepMs: FIVE_MINUTES, asks: [ask] });
    });
    return forecastAfter(state!, ask).value;
  };

  test("on the fifth day the morning is expected before it comes", () => {
    const { quantile, model } = atNine(4);
    expect(model).toBe("daily profile");
    expect(quantile).toBeGreaterThan(4);
    expect(atNine(0).quantile).toBeLessThan(3);
  });
});

test("time that has passed since the last observation makes the horizon longer", () => {
  const state = observed(noisy(200, (i) => 10 + 0.5 * i, 0.02));
  const at = (afterMs: number) => forecastDemand(state, { atMs: state.openAtMs + afterMs, ...ASK })!.value.median;
  expect(at(300_000)).toBeGreaterThan(at(0) + 2);
  expect(at(300_000)).toBeCloseTo(
    forecastDemand(state, { atMs: state.openAtMs, horizonMs: 420_000, quantile: 0.9 })!.value.median,
    9,
  );
});
