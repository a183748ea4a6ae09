import { describe, expect, test } from "vitest";
import type { PlacementProblem } from "../../src/index.ts";
import { node, problem, shaped, variant, workload } from "../support/build.ts";
import { shuffled } from "../support/shuffle.ts";
import { attainmentsOf, optimum, replicasOf } from "../support/solved.ts";

const TYPES = ["a100", "h100", "l40s", "mi300x"];

/** Class 10 holds `devices` of each of `types` accelerators; class 1 has a variant on each and asks for `asked` replicas in all. */
function acrossTypes(types: number, devices: number, asked: number): PlacementProblem {
  const pools = TYPES.slice(0, types);
  return problem({
    pools: pools.map((p) => shaped(p, node(devices))),
    workloads: [
      workload(
        "batch",
        types * devices,
        pools.map((p) => variant(`batch-${p}`, p, 1, 1, { currentReplicas: devices, minReplicas: 1 })),
        {
          priority: 10,
        },
      ),
      workload(
        "urgent",
        asked,
        pools.map((p) => variant(`urgent-${p}`, p, 1, 1)),
        { priority: 1 },
      ),
    ],
  });
}

describe("case 7: reclaim across types", () => {
  test("case 7: reclaim across types: class 1 with variants on two accelerators displaces class 10 on both", async () => {
    const plan = await optimum(acrossTypes(2, 4, 6));
    expect(replicasOf(plan)).toEqual({ "batch-a100": 1, "batch-h100": 1, "urgent-a100": 3, "urgent-h100": 3 });
  });

  test("case 7: reclaim across types: class 10 with variants on two accelerators gives way where class 1 can run", async () => {
    const asked = problem({
      pools: [shaped("h100", node(8)), shaped("l40s", node(4))],
      workloads: [
        workload(
          "batch",
          6,
          [
            variant("batch-h100", "h100", 1, 1, { currentReplicas: 6 }),
            variant("batch-l40s", "l40s", 1, 1, { startCost: 5 }),
          ],
          { priority: 10 },
        ),
        workload("urgent", 6, [variant("urgent-h100", "h100", 1, 1, { startCost: 5 })], { priority: 1 }),
      ],
    });
    const plan = await optimum(asked);
    expect(replicasOf(plan)).toEqual({ "batch-h100": 2, "batch-l40s": 4, "urgent-h100": 6 });
    expect(attainmentsOf(plan)).toEqual({ batch: 1, urgent: 1 });
  });

  for (const [types, devices, asked] of [
    [2, 8, 14],
    [3, 4, 9],
    [4, 3, 8],
  ] as const)
    test(`case 7: reclaim across types: ${asked} replicas out of ${types} accelerators of ${devices}, floors kept`, async () => {
      const plan = await optimum(shuffled(acrossTypes(types, devices, asked), types));
      expect(attainmentsOf(plan).urgent).toBe(1);
      for (const pool of TYPES.slice(0, types)) expect(replicasOf(plan)[`batch-${pool}`]).toBe(1);
    });
});
