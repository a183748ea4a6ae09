import { describe, expect, test } from "vitest";
import type { PlacementProblem } from "../../src/index.ts";
import { node, problem, shaped, variant, workload } from "../support/build.ts";
import { optimum, replicasOf } from "../support/solved.ts";

/** One workload for each scale: all need `replicas` devices, and count their demand and capacity in other units. */
function differingUnits(scales: number[], replicas: number, devices: number): PlacementProblem {
  return problem({
    pools: [shaped("h100", node(devices))],
    workloads: scales.map((scale, i) =>
      workload(`w${i}`, replicas * scale, [variant(`w${i}-h100`, "h100", 1, scale, { costPerHour: 1 })]),
    ),
  });
}

describe("case 4: scale invariance", () => {
  test("case 4: scale invariance: ten times more tokens do not count ten times more", async () => {
    const plan = await optimum(differingUnits([1, 10], 8, 8));
    expect(replicasOf(plan)).toEqual({ "w0-h100": 4, "w1-h100": 4 });
    expect(plan.classes[0]!.level).toBe(0.5);
  });

  for (const [scales, replicas, devices, each] of [
    [[10, 1], 8, 8, 4],
    [[1, 10, 100], 8, 12, 4],
    [[0.01, 1000, 3, 7], 6, 12, 3],
    [[1e-4, 1e4], 4, 6, 3],
  ] as const)
    test(`case 4: scale invariance: units ${scales.join(", ")}`, async () => {
      const plan = await optimum(differingUnits([...scales], replicas, devices));
      expect(Object.values(replicasOf(plan))).toEqual(scales.map(() => each));
    });
});
