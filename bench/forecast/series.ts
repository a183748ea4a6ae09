import { readFileSync } from "node:fs";

/** Rates at a fixed step, requests/s, and the share at their end that forecasts are judged on. */
export interface Series {
  name: string;
  stepMs: number;
  rates: number[];
  heldOut: number;
}

const ARRIVALS = new URL("../../test/fixtures/azure-llm-2023/code-arrivals.csv", import.meta.url);
const DAY_STEPS = 2_880;

/** Arrivals of the trace in each second. */
function arrivals(): number[] {
  const perSecond: number[] = [];
  for (const line of readFileSync(ARRIVALS, "utf8").trim().split("\n").slice(1)) {
    const [second, requests] = line.split(",").map(Number) as [number, number];
    perSecond[second] = requests;
  }
  return Array.from(perSecond, (count) => count ?? 0);
}

/** The trace's rate over windows of `windowSeconds`, one every `stepSeconds`. */
function azure(windowSeconds: number, stepSeconds: number): number[] {
  const perSecond = arrivals();
  const rates: number[] = [];
  for (let end = windowSeconds; end <= perSecond.length; end += stepSeconds) {
    rates.push(perSecond.slice(end - windowSeconds, end).reduce((sum, count) => sum + count, 0) / windowSeconds);
  }
  return rates;
}

/** Made streams: a mean and the noise of arrivals with 1.5 times the variance of a Poisson stream, over steps of 30 s. */
function made(name: string, steps: number, heldOut: number, mean: (step: number) => number): Series {
  const random = generator(1);
  const rates = Array.from({ length: steps }, (_, i) => {
    const normal = Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
    return Math.max(0, mean(i) + normal * Math.sqrt((1.5 * mean(i)) / 30));
  });
  return { name, stepMs: 30_000, rates, heldOut };
}

export function allSeries(): Series[] {
  const isWeekend = (i: number) => Math.floor(i / DAY_STEPS) % 7 >= 5;
  const day = (i: number) => 20 * (1 + 0.8 * Math.sin((2 * Math.PI * i) / DAY_STEPS));
  /** Office hours: from 2 to 30 requests/s within ten minutes, on five days of seven. */
  const office = (i: number) => {
    const hour = (i % DAY_STEPS) / 120;
    const share = Math.min(1, Math.max(0, (hour - 9) * 6)) * Math.min(1, Math.max(0, (18 - hour) * 6));
    return 2 + (isWeekend(i) ? 0 : 28 * share);
  };
  return [
    { name: "Azure code, rate over 15 s, every 15 s", stepMs: 15_000, rates: azure(15, 15), heldOut: 0.5 },
    { name: "Azure code, rate over 60 s, every 15 s", stepMs: 15_000, rates: azure(60, 15), heldOut: 0.5 },
    made("day and night (sine, 4 to 36/s)", 4 * DAY_STEPS, 0.25, day),
    made("office hours (2 to 30/s in 10 min)", 8 * DAY_STEPS, 0.125, office),
    made("bursts (8/s, for 20 min of 200 min 40/s)", 2_000, 0.5, (i) => (i % 400 >= 340 && i % 400 < 380 ? 40 : 8)),
    made("ramps (5 to 77/s in 2 h, then down at once)", 960, 0.5, (i) => 5 + (i % 240) * 0.3),
  ];
}

/** mulberry32: a run can be repeated. */
function generator(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}
