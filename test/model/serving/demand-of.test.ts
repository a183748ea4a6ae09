import { describe, expect, test } from "vitest";
import { demandOf } from "../../../src/model/serving/demand-of.ts";
import type { BatchServing, LagServing, Serving } from "../../../src/snapshot/serving.ts";
import { context, known, NOW, variant } from "./fixtures.ts";

describe("token generation", () => {
  const llm: Serving = { kind: "llm" };
  const two = context(
    variant({ name: "a", capacityPerSecond: 3 }),
    variant({ name: "b", capacityPerSecond: 1.5 }),
    variant({ name: "c" }),
  );

  test("the request rate, or its forecast, against what sizing says", () => {
    const demand = known(demandOf(llm, { ratePerSecond: 12.5 }, two));
    expect(demand).toMatchObject({
      unit: "requests",
      demandPerSecond: 12.5,
      reason: "12.5/s arriving; one replica does 1.5/s to 3.0/s",
    });
    expect([...demand.capacities]).toEqual([
      ["a", 3],
      ["b", 1.5],
    ]);
    const ahead = demandOf(llm, { ratePerSecond: 12.5, rateQuantilePerSecond: 15 }, two);
    expect(ahead).toMatchObject({ demandPerSecond: 15, reason: "15.0/s forecast; one replica does 1.5/s to 3.0/s" });
  });

  test("without a rate or a capacity nothing is known", () => {
    expect(demandOf(llm, {}, two)).toEqual({ quality: "unknown", reason: "its request rate is not known" });
    expect(demandOf(llm, { ratePerSecond: 1 }, context(variant()))).toMatchObject({ quality: "unknown" });
  });
});

test("a fixed count", () => {
  const demand = known(demandOf({ kind: "fixed", replicas: 3 }, {}, context(variant({ relativeCapacity: 7 }))));
  expect(demand).toMatchObject({ demandPerSecond: 3, unit: "replicas", reason: "3 replicas are stated" });
  expect(demand.capacities.get("v")).toBe(1);
});

describe("lag", () => {
  const lag: LagServing = { kind: "lag", limitMs: 10_000, releaseShare: 0.5, maxGrowth: 2, idleSeconds: 600 };
  const running = (ready: number, asked = ready, rest = {}) =>
    context(variant({ readyReplicas: ready, askedReplicas: asked, ...rest }));
  const cases: [
    string,
    number | undefined,
    number | undefined,
    ReturnType<typeof running>,
    number | "unknown",
    string,
  ][] = [
    ["above: as much as above", 15_000, 0, running(4), 6, "lag 15 s, limit 10 s, 4 of 4 ready → 6 replicas asked"],
    ["little above: one more", 10_100, 0, running(4), 5, "lag 10.1 s, limit 10 s, 4 of 4 ready → 5 replicas asked"],
    [
      "far above: no more than twice",
      90_000,
      0,
      running(4),
      8,
      "lag 90 s, limit 10 s, 4 of 4 ready → 8 replicas asked",
    ],
    [
      "above, with more on the way: waits",
      15_000,
      0,
      running(4, 8),
      8,
      "lag 15 s, limit 10 s, 4 of 8 ready → 8 replicas asked",
    ],
    ["above, nothing ready yet", 15_000, 0, running(0, 2), 2, "lag 15 s, limit 10 s, 0 of 2 ready → 2 replicas asked"],
    ["below: held", 7000, 0, running(4), 4, "lag 7 s, limit 10 s, 4 of 4 ready: held → 4 replicas asked"],
    ["far below: one less", 4000, 0, running(4), 3, "lag 4 s, limit 10 s, 4 of 4 ready → 3 replicas asked"],
    [
      "far below, with more on the way",
      4000,
      0,
      running(3, 4),
      4,
      "lag 4 s, limit 10 s, 3 of 4 ready: held → 4 replicas asked",
    ],
    ["the last one stays", 0, 599, running(1), 1, "lag 0 ms, limit 10 s, 1 of 1 ready → 1 replica asked"],
    ["idle for long enough", 0, 600, running(3), 0, "idle for 10 min, limit 10 min → 0 replicas asked"],
    ["lag is no idleness", 100, 600, running(1), 1, "lag 100 ms, limit 10 s, 1 of 1 ready → 1 replica asked"],
    ["nobody knows of activity", 0, undefined, running(1), 1, "lag 0 ms, limit 10 s, 1 of 1 ready → 1 replica asked"],
    [
      "a clock that is ahead is no idleness",
      0,
      -50,
      running(1),
      1,
      "lag 0 ms, limit 10 s, 1 of 1 ready → 1 replica asked",
    ],
    ["lag unknown", undefined, 0, running(2), "unknown", "its lag is not known"],
    ["at zero, lag", 200, 900, running(0), 1, "lag 200 ms with nothing running → 1 replica asked"],
    ["at zero, none", 0, 5, running(0), 0, "no lag → 0 replicas asked"],
    ["at zero, activity", undefined, 5, running(0), 1, "last activity 5 s ago with nothing running → 1 replica asked"],
    ["at zero, nothing known", undefined, 900, running(0), "unknown", "its lag is not known"],
  ];
  test.each(cases)("%s", (_, lagMs, idleSeconds, now, expected, reason) => {
    const lastActivityAtMs = idleSeconds === undefined ? undefined : NOW - idleSeconds * 1000;
    const demand = demandOf(lag, { lagMs, lastActivityAtMs }, now);
    expect(demand.quality === "unknown" ? "unknown" : demand.demandPerSecond).toBe(expected);
    expect(demand.reason).toBe(reason);
  });

  test("steps are those of the smallest variant", () => {
    const now = context(
      variant({ name: "big", readyReplicas: 2, askedReplicas: 2, relativeCapacity: 4 }),
      variant({ name: "small", relativeCapacity: 0.5 }),
    );
    expect(demandOf(lag, { lagMs: 10_100 }, now)).toMatchObject({ demandPerSecond: 8.5 });
    expect(demandOf(lag, { lagMs: 100 }, now)).toMatchObject({ demandPerSecond: 7.5 });
  });
});

describe("batch", () => {
  const batch: BatchServing = { kind: "batch", deadlineAtMs: NOW + 3_600_000, lateSeconds: 1800 };
  const worker = (changes = {}) => context(variant({ serviceSeconds: 10, ...changes }));
  const asked = (remainingItems: number, now = worker(), serving = batch) =>
    known(demandOf(serving, { remainingItems }, now));

  test("what is left over the time that is left", () => {
    expect(asked(7200)).toMatchObject({
      unit: "items",
      demandPerSecond: 2,
      reason: "7,200 items left, 1 h to the deadline → 2.0/s asked; one replica does 0.1/s",
    });
    expect(asked(0)).toMatchObject({ demandPerSecond: 0, urgency: 0 });
  });

  test("replicas that are there do their part while new ones start", () => {
    // 10 ready do 1/s for 3,600 s; 3,600 more items in 3,000 s
    const demand = asked(7200, worker({ readyReplicas: 10, askedReplicas: 10, startMs: 600_000 }));
    expect(demand.demandPerSecond).toBeCloseTo(1 + 3600 / 3000, 9);
    expect(demand.urgency).toBe(2);
    expect(demand.reason).toBe(
      "7,200 items left, 1 h to the deadline, 10 min to start → 2.2/s asked; one replica does 0.1/s",
    );
    // Those 12 on their way are enough: nothing more is asked for.
    const later = asked(
      7200,
      worker({ readyReplicas: 10, askedReplicas: 22, comingInMs: Array(12).fill(600_000), startMs: 600_000 }),
    );
    expect(later.demandPerSecond).toBeCloseTo(2.2, 9);
    expect(later.urgency).toBeCloseTo(1, 9);
  });

  test("a deadline that is past, or too near for a start, is said", () => {
    const past = asked(3600, worker(), { ...batch, deadlineAtMs: NOW - 60_000 });
    expect(past.demandPerSecond).toBeCloseTo(2, 9);
    expect(past.infeasible).toBe("the deadline was 60 s ago: what is left is asked for within 30 min");
    const near = asked(3600, worker({ startMs: 300_000 }), { ...batch, deadlineAtMs: NOW + 200_000 });
    expect(near.demandPerSecond).toBeCloseTo(2, 9);
    expect(near.infeasible).toBe(
      "new replicas need 300 s to start: too long for the deadline; what is left is asked for within 30 min",
    );
    expect(asked(0, worker(), { ...batch, deadlineAtMs: NOW - 60_000 }).infeasible).toBeUndefined();
  });

  test("the deadline may be told with the work", () => {
    const told = demandOf(
      { kind: "batch", lateSeconds: 60 },
      { remainingItems: 100, deadlineAtMs: NOW + 50_000 },
      worker(),
    );
    expect(told).toMatchObject({ demandPerSecond: 2 });
    expect(demandOf({ kind: "batch", lateSeconds: 60 }, { remainingItems: 100 }, worker())).toEqual({
      quality: "unknown",
      reason: "its deadline is not known",
    });
    expect(demandOf(batch, {}, worker())).toMatchObject({ quality: "unknown" });
  });
});
