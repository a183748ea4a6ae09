import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { IdleVariant } from "../../../src/model/idle/types.ts";
import { type WakeUpQuestion, wakeUpVariant } from "../../../src/model/idle/wake-up.ts";

const variant = (
  name: string,
  startMs: number,
  costPerHour: number,
  changes: Partial<IdleVariant> = {},
): IdleVariant => ({
  name,
  startMs,
  costPerHour,
  capacityPerSecond: 10,
  available: true,
  ...changes,
});
const cheap = variant("cheap", 120_000, 1);
const quick = variant("quick", 20_000, 4);

function question(changes: Partial<WakeUpQuestion> = {}): WakeUpQuestion {
  return {
    variants: [cheap, quick],
    waiting: { count: 1, oldestMs: 0 },
    ratePerSecond: 0.01,
    stayMs: 600_000,
    slo: { percentile: 0.95, deadlineMs: 30_000 },
    ...changes,
  };
}

describe("one variant is woken", () => {
  const cases: [string, Partial<WakeUpQuestion>, string | undefined, RegExp][] = [
    [
      "the SLO first: the quick one is in time",
      {},
      "quick",
      /^quick: ready in 20 s, 0.69 for its stay; 1 cheaper one makes more requests late; the SLO is kept$/,
    ],
    [
      "then the cost: both are in time",
      { slo: { percentile: 0.95, deadlineMs: 200_000 } },
      "cheap",
      /^cheap: ready in 120 s, 0.2 for its stay; none that keeps the SLO as well is cheaper; the SLO is kept$/,
    ],
    ["without a deadline the cost", { slo: { percentile: 0.95 } }, "cheap", /the SLO is kept/],
    // Of 1 + 0.1·700 requests a twentieth is 3.5; late are 1 and 0.1·90/0.99.
    [
      "late ones that the percentile allows do not count",
      { ratePerSecond: 0.01, slo: { percentile: 0.5, deadlineMs: 30_000 } },
      "cheap",
      /the SLO is kept/,
    ],
    [
      "the only one that can be started",
      { variants: [cheap, { ...quick, available: false }] },
      "cheap",
      /it is the only one that can be started; about 2 requests will be late$/,
    ],
    ["what the plan chose", { plannedVariant: "cheap" }, "cheap", /^cheap: the plan chose it$/],
    [
      "what the plan chose cannot be started",
      { variants: [{ ...cheap, available: false }, quick], plannedVariant: "cheap" },
      "quick",
      /^quick/,
    ],
    [
      "waited for too long: the quick one saves more of them",
      { waiting: { count: 10, oldestMs: 15_000 } },
      "quick",
      /^quick/,
    ],
    // One replica of `small` does not do 8/s: two cost more than `cheap`.
    [
      "the replicas that the rate needs are paid for",
      {
        variants: [variant("small", 120_000, 0.6, { capacityPerSecond: 5 }), cheap],
        ratePerSecond: 8,
        slo: { percentile: 0.9 },
      },
      "cheap",
      /^cheap/,
    ],
    ["none there", { variants: [] }, undefined, /^it has no variant$/],
    [
      "none can be started",
      { variants: [{ ...cheap, available: false }] },
      undefined,
      /^no variant can be started now$/,
    ],
    [
      "nothing known of it",
      { variants: [{ ...cheap, startMs: Number.NaN }] },
      undefined,
      /known start time, cost and capacity$/,
    ],
  ];
  test.each(cases)("%s", (_, changes, expected, reason) => {
    const woken = wakeUpVariant(question(changes));
    expect(woken.variant?.name).toBe(expected);
    expect(woken.reason).toMatch(reason);
  });

  test("the same one, in whatever order they are listed; none dominates it in start and cost", () => {
    const anyVariant = fc
      .record({
        startMs: fc.integer({ min: 0, max: 300_000 }),
        costPerHour: fc.integer({ min: 1, max: 9 }),
        capacityPerSecond: fc.constantFrom(1, 5, 20),
      })
      .map((facts): Omit<IdleVariant, "name"> => ({ ...facts, available: true }));
    fc.assert(
      fc.property(
        fc.array(anyVariant, { minLength: 1, maxLength: 6 }),
        fc.record({
          waiting: fc.record({ count: fc.nat(50), oldestMs: fc.nat(60_000) }),
          ratePerSecond: fc.double({ min: 0, max: 30, noNaN: true }),
          stayMs: fc.nat(3_600_000),
          slo: fc.record({ percentile: fc.constantFrom(0.5, 0.95), deadlineMs: fc.nat(200_000) }),
        }),
        (facts, asked) => {
          const variants = facts.map((fact, i) => ({ name: `v${i}`, ...fact }));
          const { variant: woken } = wakeUpVariant({ ...asked, variants });
          expect(wakeUpVariant({ ...asked, variants: [...variants].reverse() }).variant).toEqual(woken);
          const better = variants.filter(
            (other) =>
              other.startMs < woken!.startMs &&
              other.costPerHour < woken!.costPerHour &&
              other.capacityPerSecond === woken!.capacityPerSecond,
          );
          expect(better).toEqual([]);
        },
      ),
      { seed: 17, numRuns: 500 },
    );
  });
});
