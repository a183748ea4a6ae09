import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { behaved, behaviorRange, withinTolerance } from "../../src/guard/behavior.ts";
import { recordedVariant } from "../../src/guard/memory.ts";
import type { Behavior, BehaviorPolicy, ScalingRules } from "../../src/snapshot/world/types.ts";
import { FREE, NOW, remembered } from "./world.ts";

/** The published words and arithmetic: KEP-853, `autoscaling/v2` HPAScalingRules, KEP-4951 for tolerance. */

const rules = (changes: Partial<ScalingRules>): ScalingRules => ({ ...FREE.scaleUp, ...changes });
const up = (changes: Partial<ScalingRules>): Behavior => ({ ...FREE, scaleUp: rules(changes) });
const down = (changes: Partial<ScalingRules>): Behavior => ({ ...FREE, scaleDown: rules(changes) });
const pods = (value: number, periodSeconds = 60): BehaviorPolicy => ({ type: "Pods", value, periodSeconds });
const percent = (value: number, periodSeconds = 60): BehaviorPolicy => ({ type: "Percent", value, periodSeconds });
const ago = (seconds: number, replicas: number) => ({ atMs: NOW - seconds * 1000, replicas });
const event = (seconds: number, change: number) => ({ atMs: NOW - seconds * 1000, change });

interface Row {
  name: string;
  behavior: Behavior;
  current: number;
  recommended: number;
  recommendations?: { atMs: number; replicas: number }[];
  scaleEvents?: { atMs: number; change: number }[];
  result: number;
}

const ROWS: Row[] = [
  { name: "no limits", behavior: FREE, current: 3, recommended: 40, result: 40 },
  { name: "pods up", behavior: up({ policies: [pods(4)] }), current: 3, recommended: 40, result: 7 },
  { name: "percent up", behavior: up({ policies: [percent(100)] }), current: 3, recommended: 40, result: 6 },
  {
    name: "percent up is rounded up",
    behavior: up({ policies: [percent(10)] }),
    current: 3,
    recommended: 9,
    result: 4,
  },
  {
    name: "Max takes the policy that lets most happen",
    behavior: up({ policies: [pods(4), percent(900)] }),
    current: 2,
    recommended: 99,
    result: 20,
  },
  {
    name: "Min takes the policy that lets least happen",
    behavior: up({ selectPolicy: "Min", policies: [pods(4), percent(900)] }),
    current: 2,
    recommended: 99,
    result: 6,
  },
  {
    name: "Disabled up",
    behavior: up({ selectPolicy: "Disabled", policies: [pods(9)] }),
    current: 2,
    recommended: 9,
    result: 2,
  },
  {
    name: "what was added in the period counts",
    behavior: up({ policies: [pods(4)] }),
    current: 5,
    recommended: 40,
    scaleEvents: [event(30, 3)],
    result: 6,
  },
  {
    name: "what was added before the period does not",
    behavior: up({ policies: [pods(4)] }),
    current: 5,
    recommended: 40,
    scaleEvents: [event(60, 3)],
    result: 9,
  },
  {
    name: "what was removed in the period gives room",
    behavior: up({ policies: [pods(4)] }),
    current: 5,
    recommended: 40,
    scaleEvents: [event(10, -2)],
    result: 11,
  },
  {
    name: "a limit below the current count does not take away",
    behavior: up({ policies: [pods(1)] }),
    current: 9,
    recommended: 40,
    scaleEvents: [event(10, 5)],
    result: 9,
  },
  { name: "pods down", behavior: down({ policies: [pods(4)] }), current: 10, recommended: 1, result: 6 },
  {
    name: "percent down is cut to whole replicas",
    behavior: down({ policies: [percent(10)] }),
    current: 5,
    recommended: 1,
    result: 4,
  },
  {
    name: "Max down takes the lower count",
    behavior: down({ policies: [pods(4), percent(10)] }),
    current: 80,
    recommended: 1,
    result: 72,
  },
  {
    name: "Min down takes the higher count",
    behavior: down({ selectPolicy: "Min", policies: [pods(4), percent(10)] }),
    current: 80,
    recommended: 1,
    result: 76,
  },
  { name: "Disabled down", behavior: down({ selectPolicy: "Disabled" }), current: 8, recommended: 1, result: 8 },
  { name: "all at once down", behavior: down({ policies: [percent(100, 15)] }), current: 8, recommended: 0, result: 0 },
  {
    name: "what was removed in the period counts",
    behavior: down({ policies: [pods(5)] }),
    current: 8,
    recommended: 1,
    scaleEvents: [event(20, -3)],
    result: 6,
  },
  {
    name: "down waits for the highest recommendation of its window",
    behavior: down({ stabilizationWindowSeconds: 300 }),
    current: 8,
    recommended: 2,
    recommendations: [ago(400, 9), ago(299, 5), ago(100, 3)],
    result: 5,
  },
  {
    name: "at the very edge of the window one is out",
    behavior: down({ stabilizationWindowSeconds: 300 }),
    current: 8,
    recommended: 2,
    recommendations: [ago(300, 5), ago(100, 3)],
    result: 3,
  },
  {
    name: "a higher recommendation than what runs does not raise on its own",
    behavior: down({ stabilizationWindowSeconds: 300 }),
    current: 4,
    recommended: 2,
    recommendations: [ago(100, 9)],
    result: 4,
  },
  {
    name: "up takes the lowest recommendation of its window",
    behavior: up({ stabilizationWindowSeconds: 60 }),
    current: 4,
    recommended: 10,
    recommendations: [ago(59, 6), ago(10, 9)],
    result: 6,
  },
  {
    name: "up never goes below what runs",
    behavior: up({ stabilizationWindowSeconds: 60 }),
    current: 4,
    recommended: 10,
    recommendations: [ago(30, 1)],
    result: 4,
  },
  {
    name: "the first recommendation of all is what runs",
    behavior: down({ stabilizationWindowSeconds: 300 }),
    current: 4,
    recommended: 1,
    result: 4,
  },
  {
    name: "both windows, then the rate",
    behavior: { scaleUp: rules({ stabilizationWindowSeconds: 60, policies: [pods(1)] }), scaleDown: FREE.scaleDown },
    current: 4,
    recommended: 10,
    recommendations: [ago(30, 8)],
    result: 5,
  },
  {
    name: "from zero one may start, whatever its percentage",
    behavior: up({ policies: [percent(50)] }),
    current: 0,
    recommended: 4,
    result: 1,
  },
  { name: "within tolerance up", behavior: up({ tolerance: 0.1 }), current: 10, recommended: 11, result: 10 },
  { name: "beyond tolerance up", behavior: up({ tolerance: 0.1 }), current: 10, recommended: 12, result: 12 },
  { name: "within tolerance down", behavior: down({ tolerance: 0.25 }), current: 8, recommended: 6, result: 8 },
  { name: "beyond tolerance down", behavior: down({ tolerance: 0.2 }), current: 8, recommended: 6, result: 6 },
  { name: "to zero is always a change", behavior: down({ tolerance: 1 }), current: 1, recommended: 0, result: 0 },
];

test.each(ROWS)("$name", ({ behavior, current, recommended, recommendations = [], scaleEvents = [], result }) => {
  expect(behaved(behavior, current, recommended, { recommendations, scaleEvents }, NOW)).toBe(result);
});

const anyRules: fc.Arbitrary<ScalingRules> = fc.record({
  stabilizationWindowSeconds: fc.constantFrom(0, 15, 60, 300),
  selectPolicy: fc.constantFrom("Max" as const, "Min" as const, "Disabled" as const),
  policies: fc.array(
    fc.record({
      type: fc.constantFrom("Pods" as const, "Percent" as const),
      value: fc.integer({ min: 1, max: 200 }),
      periodSeconds: fc.constantFrom(15, 60, 300),
    }),
    { minLength: 1, maxLength: 3 },
  ),
  tolerance: fc.constant(0),
});
const anyBehavior = fc.record({ scaleUp: anyRules, scaleDown: anyRules });
const count = fc.integer({ min: 0, max: 50 });
const seconds = fc.integer({ min: 0, max: 400 });
const anyHistory = fc.record({
  recommendations: fc.array(
    fc.tuple(seconds, count).map(([s, n]) => ago(s, n)),
    { minLength: 1, maxLength: 6 },
  ),
  scaleEvents: fc.array(
    fc.tuple(seconds, fc.integer({ min: -9, max: 9 })).map(([s, n]) => event(s, n)),
    { maxLength: 6 },
  ),
});

interface History {
  recommendations: { atMs: number; replicas: number }[];
  scaleEvents: { atMs: number; change: number }[];
}

/** The two steps in the order in which the KEP gives them: stabilize one recommendation, then limit its rate. */
function published(b: Behavior, current: number, r: number, history: History): number {
  const within = (s: number) =>
    history.recommendations.filter(({ atMs }) => atMs > NOW - s * 1000).map(({ replicas }) => replicas);
  const upTo = Math.min(r, ...within(b.scaleUp.stabilizationWindowSeconds));
  const downTo = Math.max(r, ...within(b.scaleDown.stabilizationWindowSeconds));
  let desired = current;
  if (desired < upTo) desired = upTo;
  if (desired > downTo) desired = downTo;
  if (desired === current) return current;
  const growing = desired > current;
  const scaling = growing ? b.scaleUp : b.scaleDown;
  if (scaling.selectPolicy === "Disabled") return current;
  const limits = scaling.policies.map(({ type, value, periodSeconds }) => {
    const events = history.scaleEvents.filter(({ atMs }) => atMs > NOW - periodSeconds * 1000);
    const start = current - events.reduce((sum, { change }) => sum + change, 0);
    if (type === "Pods") return growing ? start + value : start - value;
    return growing ? Math.ceil(start * (1 + value / 100)) : Math.trunc(start * (1 - value / 100));
  });
  const highest = growing === (scaling.selectPolicy === "Max");
  const limit = highest ? Math.max(...limits) : Math.min(...limits);
  return growing ? Math.min(desired, Math.max(current, limit)) : Math.max(desired, Math.min(current, limit), 0);
}

describe("the interval before the solve", () => {
  test("gives what the published steps give, for every recommendation", () => {
    fc.assert(
      fc.property(anyBehavior, fc.integer({ min: 1, max: 50 }), count, anyHistory, (b, current, r, history) => {
        expect(behaved(b, current, r, history, NOW)).toBe(published(b, current, r, history));
      }),
    );
  });

  test("always holds what runs now", () => {
    fc.assert(
      fc.property(anyBehavior, count, anyHistory, (b, current, history) => {
        const { min, max } = behaviorRange(b, current, history, NOW);
        expect(min).toBeLessThanOrEqual(current);
        expect(max).toBeGreaterThanOrEqual(current);
      }),
    );
  });
});

test("a tolerance is relative to what runs; zero of it lets every change count", () => {
  expect(withinTolerance(FREE, 10, 11)).toBe(false);
  expect(withinTolerance(up({ tolerance: 0.5 }), 0, 1)).toBe(false);
});

describe("what is recorded", () => {
  const behavior: Behavior = {
    scaleUp: rules({ policies: [pods(4, 60)] }),
    scaleDown: rules({ stabilizationWindowSeconds: 300 }),
  };

  test("recommendations of the window, changes of the period, the last recommendation whatever its age", () => {
    const memory = remembered({
      recommendations: [ago(500, 9), ago(400, 3)],
      scaleEvents: [event(90, 2), event(30, 1)],
    });
    const next = recordedVariant(memory, behavior, { asked: 3, recommended: 5, written: 5 }, NOW);
    expect(next.recommendations).toEqual([ago(0, 5)]);
    expect(next.scaleEvents).toEqual([event(30, 1), event(0, 2)]);
    expect(next.asked).toEqual({ replicas: 5, atMs: NOW });
    expect(recordedVariant(memory, behavior, { asked: 3 }, NOW).recommendations).toEqual([ago(400, 3)]);
  });

  test("a fall is carried out once the window is over, though every cycle in between was held back", () => {
    let memory = remembered({ recommendations: [{ atMs: NOW, replicas: 8 }] });
    let asked = 8;
    let at = NOW;
    const counts: number[] = [];
    for (let cycle = 0; cycle < 25; cycle++) {
      at += 15_000;
      const result = behaved(behavior, asked, 2, memory, at);
      memory = recordedVariant(memory, behavior, { asked, recommended: 2, written: result }, at);
      asked = result;
      counts.push(asked);
    }
    expect(counts.indexOf(2)).toBe(19);
    expect(counts.slice(0, 19).every((n) => n === 8)).toBe(true);
    expect(memory.recommendations).toHaveLength(1);
  });
});
