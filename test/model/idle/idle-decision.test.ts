import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { idleTimeForShare, lateOfColdStart, probabilityOfArrival } from "../../../src/model/idle/cold-starts.ts";
import { idleDecision } from "../../../src/model/idle/idle-decision.ts";
import type { IdleQuestion, IdleVariant } from "../../../src/model/idle/types.ts";

const NOW = 1_760_000_000_000;
const MINUTE = 60_000;

const slow: IdleVariant = { name: "slow", startMs: 100_000, costPerHour: 1, capacityPerSecond: 10, available: true };

function question(changes: Partial<IdleQuestion> = {}): IdleQuestion {
  return {
    nowMs: NOW,
    currentReplicas: 1,
    lastRequestAtMs: NOW - 30 * MINUTE,
    variants: [slow],
    slo: { percentile: 0.95, deadlineMs: 2000 },
    policy: { mode: "auto", idleSeconds: 300, keepWarmProbability: 0.5 },
    ...changes,
  };
}

const perHour = (rate: number, upper = rate) => ({
  ratePerSecond: rate / 3600,
  upperPerSecond: upper / 3600,
  model: "seasonal",
});
const always = { mode: "always", idleSeconds: 300, keepWarmProbability: 0.5 } as const;
const never = { ...always, mode: "never" } as const;
const unused = { mode: "auto", idleSeconds: 300, unusedSeconds: 1800, keepWarmProbability: 0.5 } as const;

describe("on the way down", () => {
  const cases: [string, Partial<IdleQuestion>, 0 | 1, RegExp][] = [
    ["a request waits", { waitingRequests: 2, policy: always }, 1, /^2 requests wait$/],
    ["its owner forbids it", { policy: never }, 1, /^it is never to go to zero$/],
    [
      "not idle for long enough",
      { lastRequestAtMs: NOW - MINUTE, policy: always },
      1,
      /^idle for 60 s, at least 300 s before zero$/,
    ],
    ["only just ready", { readySinceMs: NOW - MINUTE, policy: always }, 1, /^idle for 60 s/],
    ["its owner takes the cold start", { policy: always }, 0, /^idle for 30 min: its owner takes the cold start$/],
    [
      "the last request is not known",
      { lastRequestAtMs: undefined, policy: always },
      1,
      /^it is not known when its last request came$/,
    ],
    ["the last request is in the future", { lastRequestAtMs: NOW + 1 }, 1, /^it is not known/],
    [
      "the start is inside the deadline",
      { slo: { percentile: 0.95, deadlineMs: 130_000, warmMs: 20_000 } },
      0,
      /^idle for 30 min; slow takes 100 s to start: inside the 110 s that a request may wait$/,
    ],
    [
      "with what a warm replica takes it is not",
      { slo: { percentile: 0.95, deadlineMs: 110_000, warmMs: 20_000 } },
      1,
      /neither what is to come nor what came is known/,
    ],
    ["no target", { slo: { percentile: 0.95 } }, 0, /^idle for 30 min; it has no target for waiting$/],
    ["nobody knows what comes", {}, 1, /^neither what is to come nor what came is known$/],
    [
      "nothing can be started again",
      { variants: [{ ...slow, available: false }] },
      1,
      /^it could not be woken again: no variant can be started now$/,
    ],
    ["unused for long enough", { policy: unused }, 0, /^unused for 30 min, limit 30 min$/],
    [
      "a request is likely within the start",
      { forecast: perHour(6, 12) },
      1,
      /^kept warm: slow takes 100 s to start, and a request within that has a probability of 28.35 %$/,
    ],
    [
      "one in ten minutes, idle for longer than most gaps are",
      { forecast: perHour(6, 6), lastRequestAtMs: NOW - 40 * MINUTE },
      0,
      /^idle for 40 min; slow takes 100 s to start; at 0.1\/min \(seasonal\) 95 % of requests stay in time$/,
    ],
    [
      "one in an hour: not yet",
      { forecast: perHour(1) },
      1,
      /^slow takes 100 s to start; at 1\/h \(seasonal\) 95 % of requests stay in time only after 3 h idle, now 30 min$/,
    ],
    [
      "nothing expected: every request would be a first one",
      { forecast: perHour(0) },
      1,
      /stay in time at no idle time$/,
    ],
    [
      "late ones fit in the budget",
      { history: { requests: 1000, coldMisses: 48, wakeRatePerSecond: 0.001 } },
      0,
      /^slow takes 100 s to start and makes about 2 late; 48 of 1,000 were, 5 % may be$/,
    ],
    [
      "the budget is used",
      { history: { requests: 1000, coldMisses: 49, wakeRatePerSecond: 0.001 } },
      1,
      /49 of 1,000 were/,
    ],
    [
      "a burst on waking is not in the budget",
      { history: { requests: 1000, coldMisses: 0, wakeRatePerSecond: 3 } },
      1,
      /makes about 421 late/,
    ],
  ];
  test.each(cases)("%s", (_, changes, minReplicas, reason) => {
    const decision = idleDecision(question(changes));
    expect(decision.reason).toMatch(reason);
    expect(decision).toMatchObject({ minReplicas, mayBeZero: minReplicas === 0 });
  });
});

describe("at zero", () => {
  const atZero = (changes: Partial<IdleQuestion>) => idleDecision(question({ currentReplicas: 0, ...changes }));

  test("it stays, even where the way down would not be allowed now", () => {
    const still = { minReplicas: 0, reason: "at zero, and nothing waits" };
    expect(atZero({})).toMatchObject(still);
    expect(atZero({ forecast: perHour(0) })).toMatchObject(still);
    expect(atZero({ lastRequestAtMs: undefined })).toMatchObject(still);
    expect(atZero({ history: { requests: 10, coldMisses: 5 } })).toMatchObject(still);
  });

  test("a likely request within the start time brings it back, by half of that it is kept: it does not flap", () => {
    // 1 − e^(−λ·100 s): 0.5 at 24.95/h, 0.25 at 10.36/h
    expect(atZero({ forecast: perHour(5, 25) })).toEqual({
      mayBeZero: false,
      minReplicas: 1,
      reason:
        "a request within the 100 s that slow takes to start has a probability of 50.06 % (seasonal): it is started ahead",
    });
    const between = { forecast: perHour(5, 15) };
    expect(atZero(between).minReplicas).toBe(0);
    expect(idleDecision(question(between)).minReplicas).toBe(1);
  });

  test("but not where the start is inside the deadline, or its owner takes the cold starts", () => {
    expect(atZero({ forecast: perHour(500), slo: { percentile: 0.95, deadlineMs: 200_000 } }).minReplicas).toBe(0);
    expect(atZero({ forecast: perHour(500), policy: always }).minReplicas).toBe(0);
    expect(atZero({ policy: never }).minReplicas).toBe(1);
    expect(atZero({ waitingRequests: 1, policy: always }).minReplicas).toBe(1);
  });
});

test("formulas of cold starts", () => {
  expect(probabilityOfArrival(0.01, 100_000)).toBeCloseTo(1 - Math.exp(-1), 12);
  expect(lateOfColdStart(0.5, 100_000, 120_000, 10)).toBe(0);
  // 80 s beyond the deadline, 5 % load: 1 + 0.5·80/0.95
  expect(lateOfColdStart(0.5, 100_000, 20_000, 10)).toBeCloseTo(43.105, 3);
  const needed = idleTimeForShare(0.001, 100_000, 1.1, 0.05) / 1000;
  expect(1.1 / (0.1 + Math.exp(0.001 * needed))).toBeCloseTo(0.05, 12);
  expect(idleTimeForShare(0.001, 100_000, 0, 0.05)).toBe(0);
});

test("whatever is asked with, there is one answer with a sentence, and data that is not a number never lets go", () => {
  const anyNumber = fc.oneof(
    fc.constantFrom(Number.NaN, Number.POSITIVE_INFINITY, -1, 0, 1e-300, 1e300, NOW, undefined),
    fc.double({ min: 0, max: 1e6, noNaN: true }),
  );
  const number = anyNumber.map((value) => value as number);
  const anyQuestion = fc.record({
    nowMs: fc.constant(NOW),
    currentReplicas: fc.nat(3),
    waitingRequests: anyNumber,
    lastRequestAtMs: anyNumber,
    readySinceMs: anyNumber,
    variants: fc.array(
      fc.record({
        name: fc.constantFrom("a", "b"),
        startMs: number,
        costPerHour: number,
        capacityPerSecond: number,
        available: fc.boolean(),
      }),
      { maxLength: 3 },
    ),
    slo: fc.record({ percentile: fc.constantFrom(0.5, 0.95, Number.NaN), deadlineMs: anyNumber, warmMs: anyNumber }),
    policy: fc.record({
      mode: fc.constantFrom("never" as const, "auto" as const, "always" as const),
      idleSeconds: fc.constantFrom(0, 300),
      keepWarmProbability: fc.constant(0.5),
    }),
    forecast: fc.option(
      fc.record({
        ratePerSecond: number,
        lowerPerSecond: anyNumber,
        upperPerSecond: anyNumber,
        model: fc.constant("m"),
      }),
      { nil: undefined },
    ),
    history: fc.option(fc.record({ requests: number, coldMisses: number, wakeRatePerSecond: anyNumber }), {
      nil: undefined,
    }),
  });
  fc.assert(
    fc.property(anyQuestion, (asked) => {
      const decision = idleDecision(asked);
      expect(decision.minReplicas).toBe(decision.mayBeZero ? 0 : 1);
      expect(decision.reason).toMatch(/\S/);
      expect(decision.reason).not.toMatch(/NaN|Infinity|undefined/);
      if (asked.currentReplicas > 0 && !((asked.lastRequestAtMs ?? -1) >= 0)) expect(decision.mayBeZero).toBe(false);
    }),
    { seed: 13, numRuns: 2000 },
  );
});
