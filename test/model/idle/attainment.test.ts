import { describe, expect, test } from "vitest";
import { idleDecision } from "../../../src/model/idle/idle-decision.ts";
import type { IdleDecision, IdleQuestion } from "../../../src/model/idle/types.ts";
import { exponential, seeded } from "../random.ts";
import { type IdleScenario, type Situation, simulateIdle } from "./simulation.ts";

const REQUESTS = 2000;

interface Drawn extends IdleScenario {
  percentile: number;
  startQuantile: number;
  ratePerSecond: number;
  idleSeconds: number;
}

/** Start times are log-normal, so that a quantile is known. */
function draw(random: () => number): Drawn {
  const between = (low: number, high: number) => low * (high / low) ** random();
  const percentile = [0.5, 0.9, 0.95, 0.99][Math.floor(random() * 4)]!;
  const ratePerSecond = between(1 / 20_000, 1 / 5);
  const medianStart = between(3, 400);
  const spread = 0.3 * random();
  const z = { 0.5: 0, 0.9: 1.2816, 0.95: 1.6449, 0.99: 2.3263 }[percentile]!;
  const arrivals: number[] = [];
  for (let at = 0; arrivals.length < REQUESTS; ) {
    at += exponential(random, 1 / ratePerSecond);
    arrivals.push(at);
  }
  return {
    arrivals,
    drawStart: () => medianStart * Math.exp(spread * normal(random)),
    deadlineSeconds: between(0.5, 300),
    capacityPerSecond: between(5, 50),
    cycleSeconds: Math.max(15, 0.25 / ratePerSecond),
    percentile,
    startQuantile: medianStart * Math.exp(spread * z),
    ratePerSecond,
    idleSeconds: between(15, 900),
  };
}

function normal(random: () => number): number {
  return Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
}

function question(run: Drawn, { history: _history, ...situation }: Situation): IdleQuestion {
  return {
    ...situation,
    variants: [
      {
        name: "v",
        startMs: run.startQuantile * 1000,
        costPerHour: 1,
        capacityPerSecond: run.capacityPerSecond,
        available: true,
      },
    ],
    slo: { percentile: run.percentile, deadlineMs: run.deadlineSeconds * 1000 },
    policy: { mode: "auto", idleSeconds: run.idleSeconds, keepWarmProbability: 0.5 },
    forecast: { ratePerSecond: run.ratePerSecond, model: "known" },
  };
}

/** The share of late requests above which a run is one that broke its SLO: late ones come in heaps, one for each cold start. */
function lateLimit({ percentile, ratePerSecond, startQuantile }: Drawn): number {
  const share = 1 - percentile;
  return share + 2.5 * Math.sqrt((share * (1 + ratePerSecond * startQuantile)) / REQUESTS);
}

/** Longer than they need: a million decisions on a machine that does much else. */
const TIMEOUT_MS = 240_000;

describe("requests that come at random", { timeout: TIMEOUT_MS }, () => {
  const random = seeded(42);
  const runs = Array.from({ length: 60 }, () => draw(random));
  const broken = (decide: (run: Drawn, situation: Situation) => IdleDecision) => {
    const results = runs.map((run) => ({ run, result: simulateIdle(run, (situation) => decide(run, situation)) }));
    return {
      count: results.filter(({ run, result }) => result.late / result.requests > lateLimit(run)).length,
      atZero: results.filter(({ result }) => result.coldStarts > 0).length,
      running: results.reduce((sum, { result }) => sum + result.runningShare, 0) / results.length,
    };
  };

  test("a known rate: where zero is allowed the percentile is kept", () => {
    const { count, atZero, running } = broken((run, situation) => idleDecision(question(run, situation)));
    expect(count).toBe(0);
    expect(atZero).toBeGreaterThan(15);
    expect(running).toBeLessThan(0.9);
  });

  test("what came and what was late: the percentile is kept", () => {
    const { count, atZero, running } = broken((run, situation) =>
      idleDecision({ ...question(run, situation), history: situation.history }),
    );
    expect(count).toBe(0);
    expect(atZero).toBeGreaterThan(15);
    expect(running).toBeLessThan(0.9);
  });

  test("an idle time alone, as it is commonly set, breaks it: the simulation would tell", () => {
    const { count } = broken((_, { nowMs, lastRequestAtMs }) => {
      const isZero = nowMs - lastRequestAtMs >= 300_000;
      return { mayBeZero: isZero, minReplicas: isZero ? 0 : 1, reason: "" };
    });
    expect(count).toBeGreaterThan(15);
  });
});

describe("requests by day, none at night", () => {
  /** Ten hours a day at one in ten seconds; the first request of a day is at its beginning. */
  const [DAYS, HOUR, RATE] = [8, 3600, 0.1];
  const random = seeded(7);
  const arrivals = Array.from({ length: DAYS }, (_, day) => {
    const today: number[] = [];
    for (let at = day * 24 * HOUR; at < (day * 24 + 10) * HOUR; at += exponential(random, 1 / RATE)) today.push(at);
    return today;
  }).flat();
  const office: Drawn = {
    arrivals,
    drawStart: () => 120,
    deadlineSeconds: 2,
    capacityPerSecond: 10,
    cycleSeconds: 15,
    percentile: 0.99,
    startQuantile: 120,
    ratePerSecond: RATE,
    idleSeconds: 600,
  };
  const wake = { wakeRatePerSecond: RATE };

  test("a cold start each morning is in the budget; the nights are free", () => {
    const run = simulateIdle(office, (situation) =>
      idleDecision({
        ...question(office, situation),
        forecast: undefined,
        history: { ...situation.history, ...wake },
      }),
    );
    expect(run.late / run.requests).toBeLessThanOrEqual(0.01);
    expect(run.coldStarts).toBe(DAYS - 1);
    expect(run.runningShare).toBeLessThan(0.5);
  });

  test("a stricter percentile has no room for it: it stays, unless a forecast starts it ahead", () => {
    const strict = { ...office, percentile: 0.999 };
    const blind = simulateIdle(strict, (situation) =>
      idleDecision({ ...question(strict, situation), forecast: undefined, history: { ...situation.history, ...wake } }),
    );
    expect(blind.coldStarts).toBe(0);
    expect(blind.runningShare).toBe(1);
    const decisions: number[] = [];
    const foreseen = simulateIdle(strict, (situation) => {
      const hour = (situation.nowMs / 1000 + strict.startQuantile + 60) % (24 * HOUR);
      const upperPerSecond = hour < 10 * HOUR ? RATE : 1e-7;
      const decision = idleDecision({
        ...question(strict, situation),
        policy: { mode: "auto", idleSeconds: 600, unusedSeconds: 3600, keepWarmProbability: 0.5 },
        forecast: { ratePerSecond: upperPerSecond, upperPerSecond, model: "seasonal" },
      });
      decisions.push(decision.minReplicas);
      return decision;
    });
    expect(foreseen.late).toBe(0);
    expect(foreseen.runningShare).toBeLessThan(0.55);
    const turns = decisions.filter((count, i) => i > 0 && count !== decisions[i - 1]).length;
    expect(turns).toBeLessThanOrEqual(2 * DAYS);
  });
});
