import { describe, expect, it } from "vitest";
import { type Plan, parsePlan } from "../../src/index.ts";
import type { Input } from "../problem/inputs.ts";

/** A plan that has every field once. Its numbers mean nothing: the reader checks shapes. */
function soundPlan(): Plan {
  const bare: Plan = {
    apiVersion: "apportion.dev/v1",
    kind: "PlacementPlan",
    status: "optimal",
    objective: { name: "lexicographic", primal: 6, bound: 6, gap: 0 },
    classes: [{ priority: 0, rule: "max-min", level: 1, levelBound: 1, ladder: [{ rung: 0.5, reached: 0, bound: 0 }] }],
    workloads: [{ name: "w", attainment: 1, variants: [{ name: "v", replicas: 2, servedByType: { short: 1.5 } }] }],
    pools: [
      {
        name: "p",
        usedDevices: 4,
        freeDevices: 4,
        rows: [{ size: 2, used: 2, capacity: 4, shadowPrice: 0, shadowPriceUnit: "costPerHour" }],
        fits: "packing",
        packing: [{ row: 0, count: 1, replicas: { v: 2 } }],
      },
    ],
    conflicts: [{ rule: "MinReplicas", pool: "", workloads: ["w"], variants: ["v"], asked: 3, available: 2 }],
    guarantees: [],
    certificate: [
      {
        stage: "cost",
        method: "dual",
        sense: "min",
        reached: 6,
        bound: 6,
        prices: [{ row: "pool/p/size/2", price: 1 }],
      },
    ],
    engine: "highs",
    elapsedMs: 1.5,
    stoppedAt: "cost",
  };
  const workload = bare.workloads[0];
  if (workload) {
    workload.reason = {
      code: "PoolFull",
      sentence: "pool p is full",
      binding: [{ key: "pool/p/size/2", used: 4, capacity: 4, heldBy: [{ priority: 0, amount: 4 }] }],
      cure: { pool: "p", nodes: 1, devicesPerNode: 8, attainment: 1 },
    };
  }
  return { ...bare, guarantees: [{ tenant: "t", plan: bare, floors: [{ workload: "w", attainment: 0.5 }] }] };
}

describe("parsePlan", () => {
  it("returns a plan as it is", () => {
    expect(parsePlan(soundPlan())).toStrictEqual({ ok: true, plan: soundPlan() });
    expect(parsePlan(JSON.parse(JSON.stringify(soundPlan())))).toStrictEqual({ ok: true, plan: soundPlan() });
  });

  it("takes a cure that was looked for and not found", () => {
    const plan: Input = soundPlan();
    plan.workloads[0].reason.cure = null;
    expect(parsePlan(plan).ok).toBe(true);
  });

  it.each<[string, (plan: Input) => unknown, string]>([
    ["another kind", (p) => (p.kind = "PlacementProblem"), "kind"],
    ["unknown status", (p) => (p.status = "done"), "status"],
    ["missing list", (p) => delete p.certificate, "certificate"],
    ["missing objective", (p) => delete p.objective, "objective"],
    ["bound that is not finite", (p) => (p.objective.bound = Number.NEGATIVE_INFINITY), "objective.bound"],
    ["bound that JSON lost", (p) => (p.certificate[0].bound = null), "certificate[0].bound"],
    ["NaN attainment", (p) => (p.workloads[0].attainment = Number.NaN), "workloads[0].attainment"],
    ["half a replica", (p) => (p.workloads[0].variants[0].replicas = 1.5), "workloads[0].variants[0].replicas"],
    ["negative replicas", (p) => (p.workloads[0].variants[0].replicas = -1), "workloads[0].variants[0].replicas"],
    [
      "text as a split",
      (p) => (p.workloads[0].variants[0].servedByType.short = "1"),
      "workloads[0].variants[0].servedByType.short",
    ],
    ["half a node", (p) => (p.pools[0].packing[0].count = 0.5), "pools[0].packing[0].count"],
    ["price that is no number", (p) => (p.certificate[0].prices[0].price = "1"), "certificate[0].prices[0].price"],
    ["unknown field", (p) => (p.pools[0].usedDevice = 1), "pools[0].usedDevice"],
    ["guarantee of a guarantee", (p) => p.guarantees[0].plan.guarantees.push({}), "guarantees[0].plan.guarantees[0]"],
  ])("refuses %s", (_, breakIt, path) => {
    // Through JSON, because the guarantee shares its parts with the plan, and only one place is to break.
    const plan: Input = JSON.parse(JSON.stringify(soundPlan()));
    breakIt(plan);
    const result = parsePlan(plan);
    expect(result).toMatchObject({ ok: false, violations: [{ path }] });
    expect(result).toHaveProperty("violations.length", 1);
  });

  it("is not made to recurse by a file that nests plans", () => {
    let nested: Input = {};
    for (let depth = 0; depth < 20_000; depth++) nested = { guarantees: [{ plan: nested }] };
    expect(parsePlan(nested).ok).toBe(false);
  });
});
