import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { demandOf } from "../../../src/model/serving/demand-of.ts";
import { MAX_RATE } from "../../../src/snapshot/limits.ts";
import type { Serving } from "../../../src/snapshot/serving.ts";
import { context, known, NOW, utilization, variant } from "./fixtures.ts";

describe("whatever is measured", () => {
  const anyNumber = fc.oneof(
    fc.constantFrom(
      Number.NaN,
      Number.POSITIVE_INFINITY,
      Number.NEGATIVE_INFINITY,
      -1,
      -0,
      0,
      1e-300,
      1e18,
      1e300,
      undefined,
    ),
    fc.double(),
    fc.integer({ min: 0, max: 1000 }),
  );
  const anyServing: fc.Arbitrary<Serving> = fc.constantFrom<Serving>(
    { kind: "llm" },
    { kind: "fixed", replicas: 2 },
    { kind: "queue", drainSeconds: 30, quantile: 0.95, arrivalDispersion: 2, serviceVariation: 1 },
    { kind: "lag", limitMs: 1000, releaseShare: 0.5, maxGrowth: 2, idleSeconds: 60 },
    { kind: "batch", lateSeconds: 60 },
    utilization({
      metrics: [
        { type: "Resource", name: "cpu", target: { type: "Utilization", averageUtilization: 50 } },
        { type: "Pods", name: "qps", target: { type: "AverageValue", averageValue: 1 } },
        { type: "Object", name: "o", target: { type: "Value", value: 3 } },
        { type: "External", name: "e", target: { type: "AverageValue", averageValue: 3 } },
      ],
    }),
    utilization({ metrics: [] }),
  );
  const anyVariant = fc.record({
    name: fc.constantFrom("v", "w", "__proto__"),
    askedReplicas: anyNumber.map((value) => value as number),
    readyReplicas: anyNumber.map((value) => value as number),
    comingInMs: fc.array(
      anyNumber.map((value) => value as number),
      { maxLength: 3 },
    ),
    startMs: anyNumber.map((value) => value as number),
    relativeCapacity: anyNumber,
    serviceSeconds: anyNumber,
    concurrency: anyNumber,
    capacityPerSecond: anyNumber,
  });
  const anySignals = fc.record({
    ratePerSecond: anyNumber,
    rateQuantilePerSecond: anyNumber,
    backlog: anyNumber,
    oldestAgeMs: anyNumber,
    lagMs: anyNumber,
    lastActivityAtMs: anyNumber,
    remainingItems: anyNumber,
    deadlineAtMs: anyNumber,
    pods: fc.array(
      fc.record({
        name: fc.constantFrom("a", "b"),
        variant: fc.constantFrom("v", "w", "x"),
        phase: fc.constantFrom("Running" as const, "Pending" as const, "Failed" as const),
        terminating: fc.boolean(),
        ready: fc.option(fc.boolean(), { nil: undefined }),
        requests: anyNumber.map((cpu): Record<string, number> => (cpu === undefined ? {} : { cpu })),
      }),
      { maxLength: 4 },
    ),
    podMetrics: fc.array(
      fc.record({
        metric: fc.constantFrom("cpu", "qps"),
        pod: fc.constantFrom("a", "b", "c"),
        value: anyNumber.map((value) => value as number),
        atMs: anyNumber.map((value) => value as number),
        windowMs: fc.constant(0),
      }),
      { maxLength: 5 },
    ),
    values: fc
      .array(
        fc.tuple(
          fc.constantFrom("o", "e"),
          anyNumber.map((value) => value as number),
        ),
      )
      .map((pairs) => new Map(pairs)),
  });

  test("a demand is a rate that a plan takes and a sentence, or unknown", () => {
    let answered = 0;
    fc.assert(
      fc.property(
        anyServing,
        anySignals,
        fc.array(anyVariant, { maxLength: 3 }),
        anyNumber,
        (serving, signals, variants, nowMs) => {
          const demand = demandOf(serving, signals, { nowMs: nowMs ?? 0, variants });
          expect(demand.reason).toMatch(/\S/);
          expect(demand.reason).not.toMatch(/NaN|Infinity|undefined/);
          if (demand.quality === "unknown") return;
          answered++;
          expect(demand.demandPerSecond).toBeGreaterThanOrEqual(0);
          expect(demand.demandPerSecond).toBeLessThanOrEqual(MAX_RATE);
          for (const capacity of demand.capacities.values()) {
            expect(capacity).toBeGreaterThan(0);
            expect(capacity).toBeLessThanOrEqual(MAX_RATE);
          }
        },
      ),
      { seed: 5, numRuns: 3000 },
    );
    expect(answered).toBeGreaterThan(500);
  });

  test("more backlog, arrivals or remaining work never ask for less; more replicas never make it more urgent", () => {
    const amountOf = fc.double({ min: 0, max: 1e6, noNaN: true });
    const queue: Serving = {
      kind: "queue",
      drainSeconds: 60,
      quantile: 0.9,
      arrivalDispersion: 1,
      serviceVariation: 1,
    };
    fc.assert(
      fc.property(
        amountOf,
        amountOf,
        amountOf,
        fc.nat(50),
        fc.nat(300_000),
        (backlog, perSecond, more, ready, startMs) => {
          const now = context(variant({ readyReplicas: ready, askedReplicas: ready, startMs, serviceSeconds: 1 }));
          const rateOf = (serving: Serving, signals: object) => known(demandOf(serving, signals, now)).demandPerSecond;
          const base = rateOf(queue, { backlog, ratePerSecond: perSecond });
          expect(rateOf(queue, { backlog: backlog + more, ratePerSecond: perSecond })).toBeGreaterThanOrEqual(
            base * (1 - 1e-9),
          );
          expect(rateOf(queue, { backlog, ratePerSecond: perSecond + more })).toBeGreaterThanOrEqual(base * (1 - 1e-9));
          const batch: Serving = { kind: "batch", deadlineAtMs: NOW + 600_000, lateSeconds: 600 };
          const left = rateOf(batch, { remainingItems: backlog });
          expect(rateOf(batch, { remainingItems: backlog + more })).toBeGreaterThanOrEqual(left * (1 - 1e-9));
          const another = context(
            variant({ readyReplicas: ready + 1, askedReplicas: ready + 1, startMs, serviceSeconds: 1 }),
          );
          const urgencyOf = (at: typeof now) => known(demandOf(batch, { remainingItems: backlog }, at)).urgency ?? 0;
          expect(urgencyOf(another)).toBeLessThanOrEqual(urgencyOf(now));
        },
      ),
      { seed: 9, numRuns: 500 },
    );
  });
});
