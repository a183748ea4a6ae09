import { describe, expect, it } from "vitest";
import { proofsOf } from "../../bench/proofs.ts";
import { contradiction, improve, lacksOf, type References } from "../../bench/references.ts";
import { envelope, gapAt, gapOf, timeTo } from "../../bench/trajectory.ts";
import type { Progress } from "../../src/index.ts";
import type { Plan } from "../../src/plan/types.ts";
import { bag, problem, workload } from "../support/build.ts";

describe("runs over time", () => {
  const points = [
    { ms: 1, plan: 200, bound: null },
    { ms: 5, plan: 100, bound: 80 },
    { ms: 9, plan: 110, bound: 99.5 },
  ];

  it("keep the best plan and bound", () => {
    expect(envelope(points).at(-1)).toEqual({ ms: 9, plan: 100, bound: 99.5 });
    expect(gapAt(points, 4)).toBeNull();
    expect(gapAt(points, 6)).toBeCloseTo(0.2);
    expect(timeTo(points, 0.01)).toBe(9);
    expect(timeTo(points, 0.001)).toBeNull();
  });

  it("have no negative gap", () => {
    expect(gapOf({ plan: 1, bound: 1.0000001 })).toBe(0);
  });
});

describe("what a gap lacks", () => {
  it("is the plan's, the bound's and nobody's part, which add up", () => {
    const known = { plan: 95, planFrom: "long", bound: 90, boundFrom: "long" };
    const lacks = lacksOf({ plan: 100, bound: 80 }, known)!;
    expect(lacks).toEqual({ plan: 0.05, bound: 0.1, open: 0.05 });
    expect(lacksOf({ plan: 90, bound: 90 }, known)).toEqual({ plan: 0, bound: 0, open: 0 });
  });

  it("is unknown without a reference", () => {
    expect(lacksOf({ plan: 100, bound: 80 })).toBeUndefined();
  });

  it("improves from whoever is better", () => {
    const references: References = {};
    improve(references, "a", { plan: 10, bound: null }, "no bound");
    expect(references).toEqual({});
    improve(references, "a", { plan: 10, bound: 5 }, "first");
    improve(references, "a", { plan: 11, bound: 6 }, "second");
    expect(references.a).toEqual({ plan: 10, planFrom: "first", bound: 6, boundFrom: "second" });
    expect(contradiction(references.a, { plan: 5.9, bound: 1 })).toMatch(/below the bound of second/);
    expect(contradiction(references.a, { plan: 12, bound: 10.1 })).toMatch(/above the plan of first/);
    expect(contradiction(references.a, { plan: 6, bound: 6 })).toBeUndefined();
  });
});

describe("proofs of classes", () => {
  const world = problem({
    pools: [bag("p", 1)],
    workloads: [workload("a", 1, [], { weight: 2 }), workload("b", 1, [], { weight: 4 })],
  });
  const rung = (t: number, reached: number, bound: number) => ({ rung: t, reached, bound });
  const planOf = (...ladder: ReturnType<typeof rung>[]) =>
    ({
      classes: [{ priority: 0, rule: "max-min", level: 0, levelBound: 1, ladder }],
      certificate: [...ladder.map((r) => ({ stage: `class/0/F(${r.rung})` })), { stage: "cost" }],
    }) as unknown as Plan;
  const event = (stage: string, elapsedMs: number, bound: number): Progress => ({
    stage,
    elapsedMs,
    bound,
    incumbent: 1,
    gap: 1,
  });

  it("date the lowest level by the first rung that somebody must miss", () => {
    const plan = planOf(rung(0.5, 0, 0), rung(1, 2, 1));
    const events = [event("class/0/F(0.5)", 3, 0), event("class/0/F(1)", 7, 0), event("cost", 9, 0)];
    expect(proofsOf(world, plan, events, 20)).toEqual([{ priority: 0, levelMs: 9, openWeight: 1, openShare: 1 / 3 }]);
    events.splice(2, 0, event("class/0/F(1)", 8, 1));
    expect(proofsOf(world, plan, events, 20)[0]!.levelMs).toBe(8);
  });

  it("call a level open where the rung that is missed need not be", () => {
    const plan = planOf(rung(0.5, 0, 0), rung(0.75, 1, 0), rung(1, 2, 2));
    expect(proofsOf(world, plan, [], 20)[0]!.levelMs).toBeNull();
  });

  it("take a class that is served in full for proved when its last rung is", () => {
    expect(proofsOf(world, planOf(rung(1, 0, 0)), [event("cost", 4, 0)], 20)[0]!.levelMs).toBe(4);
    expect(proofsOf(world, planOf(rung(1, 0, 0)), [], 20)[0]!.levelMs).toBe(20);
  });
});
