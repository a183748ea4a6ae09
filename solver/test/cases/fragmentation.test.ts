import { describe, expect, test } from "vitest";
import type { PlacementProblem } from "../../src/index.ts";
import { node, problem, shaped, variant, workload } from "../support/build.ts";
import { shuffled } from "../support/shuffle.ts";
import { optimum, planOf, replicasOf } from "../support/solved.ts";

/** `nodes` nodes of 8, on each of which replicas of `size` hold 4 devices; an 8-GPU replica wants to start. */
function split(nodes: number, size: number, movable: boolean): PlacementProblem {
  const held = 4 / size;
  return problem({
    pools: [shaped("h100", node(8, nodes, { holds: { "small-h100": held } }))],
    workloads: [
      workload("small", held * nodes, [
        variant("small-h100", "h100", size, 1, { currentReplicas: held * nodes, movable }),
      ]),
      workload("wide", 1, [variant("wide-h100", "h100", 8, 1)], { priority: 1 }),
    ],
  });
}

describe("case 11: fragmentation", () => {
  test("case 11: fragmentation: 4 free on each of two nodes start no 8-GPU replica, and the plan says why", async () => {
    const plan = await optimum(split(2, 4, false));
    expect(replicasOf(plan)).toEqual({ "small-h100": 2, "wide-h100": 0 });
    expect(plan.pools[0]).toMatchObject({ usedDevices: 8, freeDevices: 8, fits: "packing" });
    expect(planOf(plan, "wide").reason).toMatchObject({
      code: "Fragmented",
      sentence: "wide gets 0 %: h100 has 8 free devices but wide-h100 needs 8 on one node",
    });
  });

  for (const [nodes, size] of [
    [3, 4],
    [2, 2],
    [4, 1],
    [5, 2],
  ] as const) {
    test(`case 11: fragmentation: ${nodes} nodes half full of replicas of ${size} that stay`, async () => {
      const plan = await optimum(shuffled(split(nodes, size, false), nodes));
      expect(replicasOf(plan)["wide-h100"]).toBe(0);
      expect(planOf(plan, "wide").reason?.code).toBe("Fragmented");
      expect(plan.pools[0]!.packing).toEqual([{ row: 0, count: nodes, replicas: { "small-h100": 4 / size } }]);
    });

    test(`case 11: fragmentation: ${nodes} nodes half full of replicas of ${size} that may move`, async () => {
      const plan = await optimum(shuffled(split(nodes, size, true), nodes));
      expect(replicasOf(plan)).toEqual({ "small-h100": (4 / size) * nodes, "wide-h100": 1 });
    });
  }

  test("case 11: fragmentation: a held replica that a higher class displaces stops, it does not move", async () => {
    const asked = split(3, 4, false);
    asked.workloads[1]!.priority = -1;
    const plan = await optimum(asked);
    expect(replicasOf(plan)).toEqual({ "small-h100": 2, "wide-h100": 1 });
    const packing = plan.pools[0]!.packing!;
    expect(packing).toHaveLength(2);
    expect(packing).toContainEqual({ row: 0, count: 2, replicas: { "small-h100": 1 } });
    expect(packing).toContainEqual({ row: 0, count: 1, replicas: { "wide-h100": 1 } });
  });

  test("case 11: fragmentation: free devices that never were on one node hold no replica either", async () => {
    const plan = await optimum(
      problem({
        pools: [shaped("h100", node(4, 2))],
        workloads: [workload("wide", 1, [variant("wide-h100", "h100", 8, 1)])],
      }),
    );
    expect(replicasOf(plan)).toEqual({ "wide-h100": 0 });
    expect(planOf(plan, "wide").reason).toMatchObject({
      code: "NoVariantFits",
      sentence: "wide gets 0 %: h100 can never hold a replica of wide-h100 (8 devices)",
    });
  });
});
