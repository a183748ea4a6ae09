import { describe, expect, test } from "vitest";
import type { NodeRow, PlacementProblem, Plan } from "../../src/index.ts";
import { node, problem, shaped, upTo, variant, workload } from "../support/build.ts";
import { shuffled } from "../support/shuffle.ts";
import { optimum, planOf, replicasOf } from "../support/solved.ts";

/** `count` workloads, each of which wants `asked` groups of `members` members with `size` devices. */
function groups(nodes: NodeRow[], members: number, size: number, asked: number, count = 1): PlacementProblem {
  return problem({
    pools: [shaped("h100", ...nodes)],
    workloads: upTo(count).map((i) =>
      workload(`g${i}`, asked, [variant(`g${i}-h100`, "h100", size, 1, { nodesPerReplica: members, costPerHour: 1 })]),
    ),
  });
}

/** Members by node as the packing shows them: one list for each node that runs something. */
function membersByNode(plan: Plan): number[] {
  return plan.pools[0]!.packing!.flatMap((p) =>
    upTo(p.count).map(() => Object.values(p.replicas).reduce((a, b) => a + b, 0)),
  );
}

describe("case 21: multi-node groups", () => {
  test("case 21: multi-node groups: three nodes hold one group of two, the third stays idle", async () => {
    const plan = await optimum(groups([node(8, 3)], 2, 8, 2));
    expect(replicasOf(plan)).toEqual({ "g0-h100": 1 });
    expect(plan.pools[0]).toMatchObject({ usedDevices: 16, freeDevices: 8, fits: "packing" });
    expect(membersByNode(plan)).toEqual([1, 1]);
    expect(planOf(plan, "g0").reason?.code).toBe("PoolFull");
  });

  for (const [nodes, members, fit] of [
    [4, 2, 2],
    [7, 3, 2],
    [11, 4, 2],
    [9, 2, 4],
  ] as const)
    test(`case 21: multi-node groups: ${nodes} nodes hold ${fit} groups of ${members}`, async () => {
      const plan = await optimum(groups([node(8, nodes)], members, 8, 9));
      expect(replicasOf(plan)).toEqual({ "g0-h100": fit });
      expect(plan.pools[0]!.usedDevices).toBe(fit * members * 8);
    });

  test("case 21: multi-node groups: one node as large as a group holds none, members go to different nodes", async () => {
    const plan = await optimum(groups([node(16)], 2, 8, 1));
    expect(replicasOf(plan)).toEqual({ "g0-h100": 0 });
    expect(planOf(plan, "g0").reason).toMatchObject({ code: "Fragmented" });
  });

  test("case 21: multi-node groups: two large nodes hold two groups side by side", async () => {
    const plan = await optimum(groups([node(16, 2)], 2, 8, 2));
    expect(replicasOf(plan)).toEqual({ "g0-h100": 2 });
    expect(membersByNode(plan)).toEqual([2, 2]);
  });

  test("case 21: multi-node groups: a large and a small node hold one group, not one and a half", async () => {
    const plan = await optimum(groups([node(16), node(8)], 2, 8, 2));
    expect(replicasOf(plan)).toEqual({ "g0-h100": 1 });
  });

  test("case 21: multi-node groups: all or nothing, the first by name", async () => {
    const plan = await optimum(shuffled(groups([node(8, 5)], 4, 8, 1, 3), 1));
    expect(replicasOf(plan)).toEqual({ "g0-h100": 1, "g1-h100": 0, "g2-h100": 0 });
  });

  test("case 21: multi-node groups: quotas count all members", async () => {
    const asked = groups([node(8, 8)], 2, 8, 4);
    asked.workloads[0]!.tenant = "t";
    asked.quotas = [{ tenant: "t", guaranteedDevices: 0, maxDevices: 40 }];
    const plan = await optimum(asked);
    expect(replicasOf(plan)).toEqual({ "g0-h100": 2 });
    expect(planOf(plan, "g0").reason?.code).toBe("QuotaReached");
  });

  test("case 21: multi-node groups: single replicas fill what groups leave", async () => {
    const asked = groups([node(8, 3)], 2, 8, 2);
    asked.workloads.push(workload("single", 4, [variant("single-h100", "h100", 4, 1)], { priority: 1 }));
    const plan = await optimum(asked);
    expect(replicasOf(plan)).toEqual({ "g0-h100": 1, "single-h100": 2 });
  });
});
