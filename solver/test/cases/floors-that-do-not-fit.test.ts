import { describe, expect, test } from "vitest";
import type { PlacementProblem, Plan } from "../../src/index.ts";
import { bag, node, problem, shaped, variant, workload } from "../support/build.ts";
import { shuffled } from "../support/shuffle.ts";
import { replicasOf, solved } from "../support/solved.ts";

/** One workload for each floor, named and prioritised in order; replicas of `size` devices. */
function floors(devices: number, mins: number[], size = 1, nodes?: number): PlacementProblem {
  return problem({
    pools: [nodes === undefined ? bag("h100", devices) : shaped("h100", node(devices, nodes))],
    workloads: mins.map((minReplicas, i) =>
      workload(`w${i}`, 100, [variant(`w${i}-h100`, "h100", size, 1, { minReplicas })], { priority: i }),
    ),
  });
}

const counts = (plan: Plan) => Object.values(replicasOf(plan));

describe("case 17: floors that do not fit", () => {
  test("case 17: floors that do not fit: names, numbers, and the higher class keeps its floor", async () => {
    const plan = await solved(floors(8, [4, 6]));
    expect(plan.status).toBe("infeasible");
    expect(plan.conflicts).toEqual([
      { rule: "MinReplicas", pool: "h100", workloads: ["w1"], variants: ["w1-h100"], asked: 10, available: 8 },
    ]);
    expect(counts(plan)).toEqual([4, 4]);
  });

  for (const [devices, mins, kept] of [
    [10, [4, 4, 4], [4, 4, 2]],
    [5, [4, 4, 4], [4, 1, 0]],
    [3, [5, 1], [3, 0]],
    [20, [1, 2, 3, 4, 5, 6, 7], [1, 2, 3, 4, 5, 5, 0]],
  ] as const)
    test(`case 17: floors that do not fit: ${mins.join(" + ")} on ${devices}`, async () => {
      const plan = await solved(shuffled(floors(devices, [...mins]), devices));
      expect(plan.status).toBe("infeasible");
      expect(counts(plan)).toEqual(kept);
      const broken = mins.flatMap((min, i) => (kept[i]! < min ? [`w${i}`] : []));
      expect(plan.conflicts.flatMap((c) => c.workloads)).toEqual(broken);
      expect(plan.conflicts[0]).toMatchObject({ asked: mins.reduce((a: number, b) => a + b, 0), available: devices });
    });

  test("case 17: floors that do not fit: nodes are too small, not too few", async () => {
    const plan = await solved(floors(6, [2, 1], 4, 2));
    expect(plan.status).toBe("infeasible");
    expect(counts(plan)).toEqual([2, 0]);
    expect(plan.conflicts).toMatchObject([{ pool: "h100", variants: ["w1-h100"], asked: 12, available: 12 }]);
  });

  test("case 17: floors that do not fit: two pools, each with its own conflict", async () => {
    const asked = problem({
      pools: [bag("a", 2), bag("b", 2), bag("c", 9)],
      workloads: ["a", "b", "c"].map((pool) =>
        workload(`on-${pool}`, 9, [variant(`v-${pool}`, pool, 1, 1, { minReplicas: 3 })]),
      ),
    });
    const plan = await solved(asked);
    expect(plan.conflicts.map((c) => [c.pool, c.variants, c.asked, c.available])).toEqual([
      ["a", ["v-a"], 3, 2],
      ["b", ["v-b"], 3, 2],
    ]);
    expect(replicasOf(plan)).toEqual({ "v-a": 2, "v-b": 2, "v-c": 9 });
  });

  test("case 17: floors that do not fit: a floor above its tenant's quota", async () => {
    const asked = floors(8, [4, 2]);
    asked.workloads[0]!.tenant = "t";
    asked.quotas = [{ tenant: "t", guaranteedDevices: 0, maxDevices: 3 }];
    const plan = await solved(asked);
    expect(plan.status).toBe("infeasible");
    expect(plan.conflicts).toMatchObject([{ variants: ["w0-h100"] }]);
    expect(counts(plan)).toEqual([3, 5]);
  });

  test("case 17: floors that do not fit: floors that just fit are no conflict", async () => {
    const plan = await solved(floors(8, [3, 5]));
    expect([plan.status, plan.conflicts]).toEqual(["optimal", []]);
    expect(counts(plan)).toEqual([3, 5]);
  });
});
