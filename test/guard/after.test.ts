import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type AfterInput, decide, heldDecision } from "../../src/guard/after.ts";
import { recommendationBounds } from "../../src/guard/bounds.ts";
import { observedWorld } from "../../src/guard/memory.ts";
import { worldToSnapshot } from "../../src/plan/world-to-snapshot.ts";
import type { Policy, World } from "../../src/snapshot/world/types.ts";
import { demand, gold, NOW, node, pod, policy, target, variant, world } from "./world.ts";

/** Three variants on four nodes of 8: `a` and `b` of class 0, `c` of class 5; replicas of 4 devices. */
function fleet(asked: Record<"a" | "b" | "c", number>, changes: Partial<World> = {}): World {
  const names = ["a", "b", "c"] as const;
  const all = names.flatMap((name) => Array.from({ length: asked[name] }, (_, i) => ({ name, pod: `${name}${i}` })));
  return world({
    inventory: { known: true, nodes: ["n1", "n2", "n3", "n4"].map((name) => node(name)) },
    pods: all.map(({ name, pod: id }, i) => pod(name, id, { node: `n${1 + Math.floor(i / 2)}` })),
    targets: names.map((name) => target(name, { specReplicas: asked[name] })),
    variants: names.map((name) => variant(name, name === "c" ? { serviceClass: "silver" } : {})),
    classes: [gold(), gold({ name: "silver", priority: 5 })],
    demands: names.map((name) => demand(name, 9)),
    ...changes,
  });
}

function inputOf(w: World, plan: Record<string, number>, changes: Partial<Policy> = {}): AfterInput {
  const { world: observed, states, resolved } = observedWorld(w);
  const bounds = recommendationBounds(observed, states, resolved);
  const snapshot = worldToSnapshot(observed, states, resolved, bounds);
  if (snapshot === undefined) throw new Error("nothing to plan");
  return {
    policy: policy(changes),
    memory: observed.memory,
    revision: 8,
    nowMs: NOW,
    bounds,
    snapshot,
    plan: {
      replicas: new Map(Object.entries(plan).map(([name, count]) => [`ns/${name}`, count])),
      conflicting: new Set(),
    },
  };
}

const counts = (input: AfterInput) => {
  const { counts } = decide(input);
  return [counts["ns/a"], counts["ns/b"], counts["ns/c"]];
};

describe("budgets of change", () => {
  test("without a budget the plan is carried out", () => {
    expect(counts(inputOf(fleet({ a: 1, b: 1, c: 2 }), { a: 3, b: 2, c: 1 }))).toEqual([3, 2, 1]);
  });

  test("starts go to the most important class first, ties by name", () => {
    const w = fleet({ a: 1, b: 1, c: 1 });
    expect(counts(inputOf(w, { a: 2, b: 3, c: 3 }, { maxStartsPerCycle: 2 }))).toEqual([2, 2, 1]);
    expect(counts(inputOf(w, { a: 2, b: 3, c: 3 }, { maxStartsPerCycle: 0 }))).toEqual([1, 1, 1]);
  });

  test("stops are taken from the least important class first", () => {
    const input = inputOf(fleet({ a: 2, b: 2, c: 3 }), { a: 1, b: 2, c: 1 }, { maxStopsPerCycle: 2 });
    expect(counts(input)).toEqual([2, 2, 1]);
    expect(decide(input).variantNotes["ns/a"]?.map(({ code }) => code)).toEqual(["StopBudget"]);
  });

  test("what relies on stops that were cut does not start", () => {
    // 8 of 8 places are taken: a can only grow into those of c.
    const input = inputOf(fleet({ a: 2, b: 2, c: 4 }), { a: 5, b: 2, c: 1 }, { maxStopsPerCycle: 0 });
    expect(counts(input)).toEqual([2, 2, 4]);
    expect(decide(input).variantNotes["ns/a"]?.map(({ code }) => code)).toEqual(["WaitsForStops"]);
  });

  test("the place of one that stops goes to one as large that starts, and so it goes on cycle by cycle", () => {
    expect(counts(inputOf(fleet({ a: 2, b: 2, c: 4 }), { a: 5, b: 2, c: 1 }, { maxStopsPerCycle: 1 }))).toEqual([
      3, 2, 3,
    ]);
  });

  test("what is to be replaced goes on serving where its replacement waits", () => {
    const w = fleet({ a: 3, b: 0, c: 0 });
    const same = { ...w, variants: w.variants.map((v) => (v.name === "b" ? { ...v, workload: "ns/a" } : v)) };
    expect(counts(inputOf(same, { a: 0, b: 3, c: 0 }, { maxStartsPerCycle: 0 }))).toEqual([3, 0, 0]);
  });

  test("under a quota, who keeps what was to stop starts nothing", () => {
    const w = fleet({ a: 1, b: 1, c: 0 });
    const tenants = { ...w, variants: w.variants.map((v) => ({ ...v, tenant: "t" })) };
    const limited = { ...tenants, policy: policy({ quotas: [{ tenant: "t", guaranteedDevices: 0, maxDevices: 8 }] }) };
    expect(counts(inputOf(limited, { a: 0, b: 2, c: 0 }, { maxStopsPerCycle: 0 }))).toEqual([1, 1, 0]);
  });

  test("nothing is stopped on missing data, even where the solver found no room for it", () => {
    const w = fleet({ a: 2, b: 2, c: 4 });
    const stale = { ...w, demands: w.demands.map((d) => (d.workload === "ns/c" ? { ...d, reportedAtMs: 0 } : d)) };
    const input = inputOf(stale, { a: 4, b: 2, c: 2 });
    input.plan = { ...input.plan, conflicting: new Set(["ns/c"]) };
    expect(counts(input)).toEqual([2, 2, 4]);
  });

  test("partly stale demand keeps its replicas, and who was to take their place waits", () => {
    const w = fleet({ a: 2, b: 2, c: 4 });
    const stale = demand("c", 0, { source: "other", reportedAtMs: 0 });
    const input = inputOf({ ...w, demands: [...w.demands, stale] }, { a: 4, b: 2, c: 2 });
    input.plan = { ...input.plan, conflicting: new Set(["ns/c"]) };
    expect(counts(input)).toEqual([2, 2, 4]);
    expect(decide(input).variantNotes["ns/c"]?.map(({ code }) => code)).toEqual(["NeverShrinkOnMissingData"]);
  });

  test("every cut keeps to the budget, between what is and what was planned, inside the nodes", () => {
    const n = fc.integer({ min: 0, max: 4 });
    const three = fc.record({ a: n, b: n, c: n }).filter(({ a, b, c }) => a + b + c <= 8);
    const budget = fc.option(fc.integer({ min: 0, max: 5 }), { nil: undefined });
    fc.assert(
      fc.property(three, three, budget, budget, (now, plan, maxStartsPerCycle, maxStopsPerCycle) => {
        const input = inputOf(fleet(now), plan, { maxStartsPerCycle, maxStopsPerCycle });
        const result = decide(input);
        let [starts, stops, used] = [0, 0, 0];
        for (const name of ["a", "b", "c"] as const) {
          const count = result.counts[`ns/${name}`]!;
          expect(count).toBeGreaterThanOrEqual(Math.min(now[name], plan[name]));
          expect(count).toBeLessThanOrEqual(Math.max(now[name], plan[name]));
          starts += Math.max(0, count - now[name]);
          stops += Math.max(0, now[name] - count);
          used += count;
        }
        expect(starts).toBeLessThanOrEqual(maxStartsPerCycle ?? 99);
        expect(stops).toBeLessThanOrEqual(maxStopsPerCycle ?? 99);
        expect(used).toBeLessThanOrEqual(8);
        expect(decide(input)).toEqual(result);
      }),
    );
  });
});

describe("verification", () => {
  test("a plan above its bounds, or below them without a named conflict, holds", () => {
    const w = fleet({ a: 1, b: 1, c: 1 });
    const capped = { ...w, variants: w.variants.map((v) => ({ ...v, minReplicas: 1, maxReplicas: 2 })) };
    const above = decide(inputOf(capped, { a: 3, b: 1, c: 1 }));
    expect([above.act, above.held?.code, above.changes]).toEqual([false, "PlanOutsideBounds", []]);
    const below = inputOf(capped, { a: 0, b: 1, c: 1 });
    expect(decide(below).held?.code).toBe("PlanOutsideBounds");
    below.plan = { ...below.plan, conflicting: new Set(["ns/a"]) };
    expect(decide(below)).toMatchObject({ act: true, counts: { "ns/a": 0 } });
  });

  test("a held cycle writes nothing and keeps the last good plan", () => {
    const lastPlan = { revision: 3, atMs: NOW - 15_000, replicas: { "ns/a": 4 } };
    const input = inputOf(fleet({ a: 1, b: 1, c: 1 }), {});
    const held = heldDecision({ ...input.memory, lastPlan }, input.bounds, {
      code: "SolverFailed",
      sentence: "timeout",
    });
    expect(held).toMatchObject({ act: false, changes: [], counts: { "ns/a": 1 }, memory: { lastPlan } });
  });
});

describe("modes", () => {
  const grown = (changes: Partial<Policy>, memory = {}) => {
    const input = inputOf(fleet({ a: 1, b: 1, c: 1 }), { a: 2, b: 1, c: 1 }, changes);
    return decide({ ...input, memory: { ...input.memory, ...memory } });
  };
  const proposal = { revision: 5, atMs: NOW - 60_000, replicas: { "ns/a": 2, "ns/b": 1, "ns/c": 1 }, summary: "s" };

  test("observe and recommend plan and write nothing; act acts", () => {
    expect(grown({ mode: "observe" })).toMatchObject({ act: false, notes: [{ code: "ModeObserve" }] });
    expect(grown({ mode: "recommend" })).toMatchObject({ act: false, notes: [{ code: "ModeRecommend" }] });
    const changes = [{ variant: "ns/a", from: 1, to: 2 }];
    expect(grown({ mode: "act" })).toMatchObject({
      act: true,
      notes: [],
      changes,
      memory: { lastPlan: { revision: 8 } },
    });
  });

  test("approve: the plan waits, and keeps its revision while it does not change", () => {
    expect(grown({ mode: "approve" })).toMatchObject({
      act: false,
      notes: [{ code: "WaitsForApproval" }],
      memory: { proposal: { revision: 8, summary: "ns/a 1 → 2" } },
    });
    expect(grown({ mode: "approve" }, { proposal }).memory.proposal).toEqual(proposal);
    const other = { ...proposal, replicas: { ...proposal.replicas, "ns/a": 3 } };
    expect(grown({ mode: "approve" }, { proposal: other }).memory.proposal?.revision).toBe(8);
  });

  test("approve: what is approved is carried out, and then done with", () => {
    const approved = { proposal, approvedRevision: 5 };
    const going = grown({ mode: "approve" }, approved);
    expect(going).toMatchObject({ act: true, notes: [{ code: "Approved" }], counts: { "ns/a": 2 }, memory: approved });
    const input = inputOf(fleet({ a: 2, b: 1, c: 1 }), { a: 2, b: 1, c: 1 }, { mode: "approve" });
    const done = decide({ ...input, memory: { ...input.memory, ...approved } });
    expect(done).toMatchObject({ act: false, changes: [] });
    expect(done.memory.proposal).toBeUndefined();
    expect(done.memory.approvedRevision).toBeUndefined();
  });

  test("approve: another revision's approval approves nothing", () => {
    expect(grown({ mode: "approve" }, { proposal, approvedRevision: 4 }).act).toBe(false);
  });

  test("approve: what was approved fits into what is there now, or waits", () => {
    const big = { ...proposal, replicas: { "ns/a": 9, "ns/b": 1, "ns/c": 1 } };
    const { counts } = grown({ mode: "approve" }, { proposal: big, approvedRevision: 5 });
    expect(counts["ns/a"]).toBe(6);
  });
});
