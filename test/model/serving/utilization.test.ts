import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { demandOf } from "../../../src/model/serving/demand-of.ts";
import type { UtilizationMetric } from "../../../src/snapshot/serving.ts";
import type { PodSample } from "../../../src/snapshot/serving-signals.ts";
import { context, known, NOW, publishedDemand, utilization, variant } from "./fixtures.ts";
import { DOCUMENTED, MISSING, SCALE_DOWN, SCALE_UP, TOLERANCE } from "./published.ts";

describe("counts of a HorizontalPodAutoscaler", () => {
  test.each([...DOCUMENTED, ...SCALE_UP, ...SCALE_DOWN, ...TOLERANCE, ...MISSING])("$name", (row) => {
    const demand = known(publishedDemand(row));
    expect(demand.replicas).toBe(row.expected);
    expect(Math.ceil(demand.demandPerSecond)).toBe(row.expected);
    expect(demand.capacities.get("v")).toBe(1);
  });

  test("missing pods that would turn a way down into a way up: no change", () => {
    const cpu = { levels: [400], requests: [1000, 1000, 1000, 1000], target: 50 };
    expect(known(publishedDemand({ name: "", current: 4, expected: 4, cpu })).replicas).toBe(4);
  });

  test("utilization is cut to whole percent: 33.3 % against 30 % is within 10 %", () => {
    const cpu = { levels: [333, 333, 333], requests: [1000, 1000, 1000], target: 30 };
    expect(known(publishedDemand({ name: "", current: 3, expected: 3, cpu })).replicas).toBe(3);
  });

  test("what is too many to say is the most that can be said", () => {
    const demand = known(publishedDemand({ name: "", current: 3, expected: 0, value: { level: 9e18, target: 1 } }));
    expect(demand.replicas).toBe(2_147_483_647);
  });

  test("from zero: as many as the metric says, without a tolerance", () => {
    const value = publishedDemand({ name: "", current: 0, expected: 3, value: { level: 2050, target: 1000 } });
    expect(known(value).replicas).toBe(3);
    const average = publishedDemand({ name: "", current: 0, expected: 1, averageValue: { level: 1, target: 1000 } });
    expect(known(average).replicas).toBe(1);
    const none = publishedDemand({ name: "", current: 0, expected: 0, averageValue: { level: 0, target: 1000 } });
    expect(known(none).replicas).toBe(0);
  });
});

describe("which pods count", () => {
  const young = NOW - 60_000;
  const old = NOW - 600_000;
  const cases: [string, Partial<PodSample>, { atMs?: number; windowMs?: number }, "counts" | "unready"][] = [
    ["no condition yet", { ready: undefined, startedAtMs: NOW }, {}, "unready"],
    ["no start time", { startedAtMs: undefined }, {}, "unready"],
    [
      "young, a whole window since",
      { startedAtMs: young, readyChangedAtMs: NOW - 30_000 },
      { windowMs: 30_000 },
      "counts",
    ],
    [
      "young, part of a window since",
      { startedAtMs: young, readyChangedAtMs: NOW - 30_000 },
      { windowMs: 60_000 },
      "unready",
    ],
    [
      "unready since soon after its start",
      { ready: false, startedAtMs: old, readyChangedAtMs: old + 6000 },
      {},
      "unready",
    ],
    ["old, with an old sample", { startedAtMs: old, readyChangedAtMs: old }, { atMs: NOW - 120_000 }, "counts"],
    ["unready, ready before", { ready: false, startedAtMs: old, readyChangedAtMs: old + 60_000 }, {}, "counts"],
  ];
  test.each(cases)("%s", (_, changes, sample, expected) => {
    const cpu: UtilizationMetric = {
      type: "Resource",
      name: "cpu",
      target: { type: "Utilization", averageUtilization: 50 },
    };
    const pod: PodSample = {
      name: "p",
      variant: "v",
      phase: "Running",
      terminating: false,
      ready: true,
      readyChangedAtMs: 0,
      startedAtMs: 0,
      requests: { cpu: 1 },
      ...changes,
    };
    const podMetrics = [{ metric: "cpu", pod: "p", value: 1, atMs: NOW, windowMs: 0, ...sample }];
    const one = context(variant({ askedReplicas: 1, readyReplicas: 1 }));
    const demand = demandOf(utilization({ metrics: [cpu] }), { pods: [pod], podMetrics }, one);
    if (expected === "counts") expect(known(demand).replicas).toBe(2);
    else expect(demand).toMatchObject({ quality: "unknown", reason: "no ready pod has the metric cpu" });
  });
});

describe("several metrics", () => {
  const external = (name: string, averageValue: number): UtilizationMetric => ({
    type: "External",
    name,
    target: { type: "AverageValue", averageValue },
  });
  const serving = utilization({ metrics: [external("a", 10), external("b", 10)] });
  const four = context(variant({ askedReplicas: 4, readyReplicas: 4 }));
  const asked = (values: [string, number][]) => demandOf(serving, { values: new Map(values) }, four);

  test("the largest counts", () => {
    const demand = known(
      asked([
        ["a", 70],
        ["b", 20],
      ]),
    );
    expect(demand).toMatchObject({ quality: "known", replicas: 7, mayShrink: true });
    expect(demand.reason).toBe("a is at 17.5 per replica, target 10: 7 replicas are asked for, 4 there are");
  });

  test("one is unknown: it may grow, and does not shrink", () => {
    expect(asked([["a", 70]])).toMatchObject({ quality: "partial", replicas: 7, mayShrink: false });
    expect(
      asked([
        ["a", 20],
        ["b", Number.NaN],
      ]),
    ).toEqual({
      quality: "unknown",
      reason: "External metric b is not known: it would shrink to 2 without that",
    });
    expect(asked([["a", -1]])).toMatchObject({ quality: "unknown" });
  });
});

describe("replicas of unlike capacity", () => {
  const concurrency = utilization({
    metrics: [{ type: "Pods", name: "running", target: { type: "AverageValue", averageValue: 10 } }],
  });
  const podsOf = (name: string, count: number, value: number) =>
    Array.from({ length: count }, (_, i) => ({
      pod: {
        name: `${name}-${i}`,
        variant: name,
        phase: "Running",
        terminating: false,
        ready: true,
        requests: {},
      } as const,
      sample: { metric: "running", pod: `${name}-${i}`, value, atMs: NOW, windowMs: 0 },
    }));

  test("a replica of capacity 3 is on target at three times the concurrency", () => {
    const all = [...podsOf("small", 2, 15), ...podsOf("large", 1, 45)];
    const demand = known(
      demandOf(
        concurrency,
        { pods: all.map(({ pod }) => pod), podMetrics: all.map(({ sample }) => sample) },
        context(
          variant({ name: "small", askedReplicas: 2, readyReplicas: 2 }),
          variant({ name: "large", askedReplicas: 1, readyReplicas: 1, relativeCapacity: 3 }),
        ),
      ),
    );
    expect(demand.demandPerSecond).toBeCloseTo(7.5, 9);
    expect([...demand.capacities]).toEqual([
      ["small", 1],
      ["large", 3],
    ]);
    expect(demand.replicas).toBeUndefined();
  });

  test("the demand is the load over the target, whatever mix of replicas carries it", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 20 }),
        fc.integer({ min: 0, max: 20 }),
        fc.integer({ min: 1, max: 8 }),
        fc.integer({ min: 1, max: 4000 }),
        (small, large, relativeCapacity, load) => {
          const units = small + large * relativeCapacity;
          const all = [
            ...podsOf("small", small, load / units),
            ...podsOf("large", large, (load / units) * relativeCapacity),
          ];
          const demand = known(
            demandOf(
              { ...concurrency, scaleUpTolerance: 0, scaleDownTolerance: 0 },
              { pods: all.map(({ pod }) => pod), podMetrics: all.map(({ sample }) => sample) },
              context(
                variant({ name: "small", askedReplicas: small, readyReplicas: small }),
                variant({ name: "large", askedReplicas: large, readyReplicas: large, relativeCapacity }),
              ),
            ),
          );
          // Thousandths of the metric are the algorithm's resolution.
          expect(Math.abs(demand.demandPerSecond - load / 10)).toBeLessThanOrEqual((units * 2) / 10_000 + 1e-9);
        },
      ),
      { seed: 7, numRuns: 300 },
    );
  });
});
