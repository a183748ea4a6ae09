import { describe, expect, test } from "vitest";
import type { PlacementProblem } from "../../src/index.ts";
import { node, problem, shaped, upTo, variant, workload } from "../support/build.ts";
import { shuffled } from "../support/shuffle.ts";
import { attainmentsOf, optimum, planOf, replicasOf } from "../support/solved.ts";

/** Class 10 holds all `devices`, each of its workloads with a floor of one replica; class 1 asks for `asked` replicas. */
function displaced(devices: number, low: number, asked: number): PlacementProblem {
  const each = devices / low;
  return problem({
    pools: [shaped("h100", node(devices))],
    workloads: [
      workload("urgent", asked, [variant("urgent-h100", "h100", 1, 1, { costPerHour: 2, startCost: 9 })], {
        priority: 1,
      }),
      ...upTo(low).map((i) =>
        workload(
          `batch${i}`,
          each,
          [variant(`batch${i}-h100`, "h100", 1, 1, { costPerHour: 2, currentReplicas: each, minReplicas: 1 })],
          { priority: 10, weight: 100 },
        ),
      ),
    ],
  });
}

describe("case 6: priority", () => {
  test("case 6: priority: class 1 is served first, class 10 degrades to its floor", async () => {
    const plan = await optimum(displaced(8, 1, 7));
    expect(replicasOf(plan)).toEqual({ "batch0-h100": 1, "urgent-h100": 7 });
    expect(plan.classes.map((c) => [c.priority, c.level])).toEqual([
      [1, 1],
      [10, 0.125],
    ]);
    expect(planOf(plan, "batch0").reason?.sentence).toBe("batch0 gets 12.5 %: h100 is full of class 1");
  });

  test("case 6: priority: floors of class 10 are kept even where class 1 stays short", async () => {
    const plan = await optimum(displaced(8, 4, 8));
    expect(attainmentsOf(plan)).toMatchObject({ urgent: 0.5, batch0: 0.5, batch3: 0.5 });
  });

  for (const [devices, low, asked] of [
    [8, 2, 4],
    [12, 3, 6],
    [16, 4, 9],
    [24, 6, 18],
  ] as const)
    test(`case 6: priority: ${asked} of ${devices} devices go up, ${low} workloads of class 10 share what is left`, async () => {
      const plan = await optimum(shuffled(displaced(devices, low, asked), devices));
      const counts = replicasOf(plan);
      expect(counts["urgent-h100"]).toBe(asked);
      const left = upTo(low).map((i) => counts[`batch${i}-h100`]!);
      expect(left.reduce((a, b) => a + b)).toBe(devices - asked);
      expect(Math.max(...left) - Math.min(...left)).toBeLessThanOrEqual(1);
      expect(Math.min(...left)).toBeGreaterThanOrEqual(1);
    });

  test("case 6: priority: no weight and no number of lower workloads outweighs a higher class", async () => {
    const many = displaced(16, 8, 16);
    for (const w of many.workloads) for (const v of w.variants) v.minReplicas = 0;
    const plan = await optimum(many);
    expect(attainmentsOf(plan)).toMatchObject({ urgent: 1, batch0: 0, batch7: 0 });
  });
});
