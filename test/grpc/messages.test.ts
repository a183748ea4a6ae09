import type { Plan } from "@apportion/solver";
import { expect, test } from "vitest";
import { planFromMessage } from "../../src/adapters/grpc/plan-from-message.ts";
import { planToMessage } from "../../src/adapters/grpc/plan-to-message.ts";
import { problemFromMessage } from "../../src/adapters/grpc/problem-from-message.ts";
import * as planMessages from "../../src/gen/apportion/v1/plan.ts";
import { PlacementProblem } from "../../src/gen/apportion/v1/problem.ts";

/** Every field of a plan, optional ones too. */
const alone: Plan = {
  apiVersion: "apportion.dev/v1",
  kind: "PlacementPlan",
  status: "infeasible",
  objective: { name: "penalty", primal: 12.5, bound: 11, gap: 0.12 },
  classes: [
    { priority: -3, rule: "proportional", level: 0.5, levelBound: 0.6, ladder: [{ rung: 1e-9, reached: 2, bound: 1 }] },
  ],
  workloads: [
    {
      name: "w",
      attainment: 0.5,
      reason: {
        code: "TradedForOthers",
        sentence: "w gets 50 %",
        binding: [{ key: "pool/p/size/8", used: 8, capacity: 8, heldBy: [{ priority: 0, amount: 8 }] }],
        cure: { pool: "p", nodes: 2, devicesPerNode: 8, attainment: 1 },
      },
      variants: [{ name: "v", replicas: 3, servedByType: { short: 1.5, __proto__x: 2 } }],
    },
    {
      name: "x",
      attainment: 0,
      reason: { code: "NoVariantFits", sentence: "nothing fits", binding: [], cure: null },
      variants: [{ name: "y", replicas: 0 }],
    },
    { name: "z", attainment: 1, variants: [] },
  ],
  pools: [
    {
      name: "p",
      usedDevices: 3e9,
      freeDevices: 1,
      rows: [{ size: 8, used: 3e9, capacity: 4e9, shadowPrice: 0.25, shadowPriceUnit: "attainment" }],
      fits: "packing",
      packing: [{ row: 1, count: 2, replicas: { v: 1 } }],
    },
    {
      name: "bag",
      usedDevices: 0,
      freeDevices: 2,
      rows: [{ size: 0, used: 0, capacity: 2, shadowPrice: 0, shadowPriceUnit: "costPerHour" }],
      fits: "rows",
    },
  ],
  conflicts: [
    { rule: "Guarantee", pool: "", workloads: ["w"], variants: ["v"], asked: 12, available: 8 },
    { rule: "MinReplicas", pool: "p", workloads: [], variants: ["v"], asked: 12, available: 8 },
  ],
  guarantees: [],
  certificate: [
    {
      stage: "cost",
      method: "dual",
      sense: "min",
      reached: 2,
      bound: 1,
      prices: [{ row: "pool/p/size/8", price: 0.5 }],
    },
    { stage: "class/0/total", method: "search", sense: "max", reached: 2, bound: 3 },
    { stage: "class/1/F(0.5)", method: "trivial", sense: "min", reached: 0, bound: 0 },
  ],
  engine: "highs",
  elapsedMs: 12.25,
  stoppedAt: "cost#3",
};

test("a plan keeps every field on its way through a message", () => {
  const plan: Plan = {
    ...alone,
    guarantees: [{ tenant: "t", plan: alone, floors: [{ workload: "w", attainment: 0.5 }] }],
  };
  const bytes = planMessages.Plan.encode(planToMessage(plan)).finish();
  const violations: [] = [];
  expect(planFromMessage(planMessages.Plan.decode(bytes), violations)).toEqual(plan);
  expect(violations).toEqual([]);
});

test("a problem message becomes the document with the same fields", () => {
  const message = PlacementProblem.fromPartial({
    objective: "OBJECTIVE_PENALTY",
    pools: [
      {
        name: "p",
        nodes: [
          {
            freeDevices: 0,
            count: 2,
            taints: [{ key: "k", value: "x", effect: "TAINT_EFFECT_NO_EXECUTE" }],
            holds: [{ variant: "v", replicas: 1 }],
          },
        ],
      },
      { name: "bag", devices: 0 },
    ],
    classes: [{ priority: 0, rule: "RULE_DOMINANT_SHARE" }],
    quotas: [{ tenant: "t", pool: "p", guaranteedDevices: 0, maxDevices: 4, maxCostPerHour: 9, cohort: "c" }],
    cohorts: [{ name: "c", parent: "d", pool: "p", maxDevices: 0 }],
    sharedServers: [{ name: "s", pool: "p", devicesPerServer: 1, memoryGibPerServer: 80, variants: ["v"] }],
    workloads: [
      {
        name: "w",
        tenant: "t",
        priority: 0,
        weight: 0,
        demandPerSecond: 0,
        requestTypes: [{ name: "short", demandPerSecond: 1 }],
        shedPenalty: 0,
        variants: [
          {
            name: "v",
            pool: "p",
            role: "ROLE_PREFILL",
            devicesPerReplica: 1,
            nodesPerReplica: 2,
            capacityPerSecond: 0,
            capacityByType: [{ requestType: "short", requestsPerSecond: 3 }],
            costPerHour: 0,
            startCost: 0,
            currentReplicas: 0,
            minReplicas: 0,
            maxReplicas: 0,
            tolerations: [{ key: "k", operator: "TOLERATION_OPERATOR_EXISTS", effect: "TAINT_EFFECT_NO_EXECUTE" }],
            movable: false,
          },
        ],
      },
    ],
  });
  expect(problemFromMessage(PlacementProblem.decode(PlacementProblem.encode(message).finish()), [])).toEqual({
    apiVersion: "apportion.dev/v1",
    kind: "PlacementProblem",
    objective: "penalty",
    pools: [
      {
        name: "p",
        nodes: [{ freeDevices: 0, count: 2, taints: [{ key: "k", value: "x", effect: "NoExecute" }], holds: { v: 1 } }],
      },
      { name: "bag", devices: 0 },
    ],
    classes: [{ priority: 0, rule: "dominant-share" }],
    quotas: [{ tenant: "t", pool: "p", guaranteedDevices: 0, maxDevices: 4, maxCostPerHour: 9, cohort: "c" }],
    cohorts: [{ name: "c", parent: "d", pool: "p", maxDevices: 0 }],
    sharedServers: [{ name: "s", pool: "p", devicesPerServer: 1, memoryGibPerServer: 80, variants: ["v"] }],
    workloads: [
      {
        name: "w",
        tenant: "t",
        priority: 0,
        weight: 0,
        demandPerSecond: 0,
        requestTypes: [{ name: "short", demandPerSecond: 1 }],
        shedPenalty: 0,
        variants: [
          {
            name: "v",
            pool: "p",
            role: "prefill",
            devicesPerReplica: 1,
            nodesPerReplica: 2,
            capacityPerSecond: 0,
            capacityByType: { short: 3 },
            costPerHour: 0,
            startCost: 0,
            currentReplicas: 0,
            minReplicas: 0,
            maxReplicas: 0,
            tolerations: [{ key: "k", operator: "Exists", effect: "NoExecute" }],
            movable: false,
          },
        ],
      },
    ],
  });
});

test("what is not set is left out, so that the defaults of the format apply", () => {
  const message = PlacementProblem.fromPartial({
    pools: [{ name: "p" }],
    workloads: [{ name: "w", variants: [{ name: "v", pool: "p" }] }],
  });
  expect(problemFromMessage(message, [])).toEqual({
    apiVersion: "apportion.dev/v1",
    kind: "PlacementProblem",
    pools: [{ name: "p" }],
    workloads: [{ name: "w", variants: [{ name: "v", pool: "p" }] }],
  });
});

test("a name such as __proto__ is a name like any other", () => {
  const message = PlacementProblem.fromPartial({
    pools: [{ name: "p", nodes: [{ freeDevices: 1, count: 1, holds: [{ variant: "__proto__", replicas: 1 }] }] }],
  });
  const { pools } = problemFromMessage(message, []) as { pools: { nodes: { holds: object }[] }[] };
  expect(Object.entries(pools[0]?.nodes[0]?.holds ?? {})).toEqual([["__proto__", 1]]);
});
