import { describe, expect, test } from "vitest";
import type { PlacementProblem, Variant } from "../../src/index.ts";
import { bag, node, problem, shaped, upTo, variant, workload } from "../support/build.ts";
import { shuffled } from "../support/shuffle.ts";
import { attainmentsOf, optimum, planOf, replicasOf } from "../support/solved.ts";

/** Each workload has a cheap variant with `override` and a dear one. */
function overridden(count: number, override: Partial<Variant>, dear: Partial<Variant> = {}): PlacementProblem {
  return problem({
    pools: [bag("h100", 100), bag("l40s", 100)],
    workloads: upTo(count).map((i) =>
      workload(`w${i}`, 2, [
        variant(`w${i}-l40s`, "l40s", 1, 1, { costPerHour: 1, currentReplicas: 2, ...override }),
        variant(`w${i}-h100`, "h100", 1, 1, { costPerHour: 5, ...dear }),
      ]),
    ),
  });
}

describe("case 15: an override to 0 or false", () => {
  test("case 15: an override to 0 or false: maxReplicas 0 drains the variant", async () => {
    const plan = await optimum(overridden(1, { maxReplicas: 0 }));
    expect(replicasOf(plan)).toEqual({ "w0-l40s": 0, "w0-h100": 2 });
    expect(attainmentsOf(plan)).toEqual({ w0: 1 });
  });

  for (const count of [2, 3, 6])
    test(`case 15: an override to 0 or false: maxReplicas 0 on the cheap variants of ${count} workloads`, async () => {
      const plan = await optimum(shuffled(overridden(count, { maxReplicas: 0 }), count));
      for (const i of upTo(count)) expect(replicasOf(plan)).toMatchObject({ [`w${i}-l40s`]: 0, [`w${i}-h100`]: 2 });
    });

  test("case 15: an override to 0 or false: maxReplicas 0 everywhere serves nothing and says so", async () => {
    const plan = await optimum(overridden(1, { maxReplicas: 0 }, { maxReplicas: 0 }));
    expect(replicasOf(plan)).toEqual({ "w0-l40s": 0, "w0-h100": 0 });
    expect(planOf(plan, "w0").reason?.code).toBe("MaxReplicas");
    expect(plan.classes[0]!.level).toBe(1);
  });

  test("case 15: an override to 0 or false: minReplicas 0 lets a variant go, above 0 keeps it", async () => {
    expect(replicasOf(await optimum(overridden(1, {}, { minReplicas: 0 })))).toMatchObject({ "w0-h100": 0 });
    expect(replicasOf(await optimum(overridden(1, {}, { minReplicas: 1 })))).toEqual({ "w0-l40s": 1, "w0-h100": 1 });
  });

  test("case 15: an override to 0 or false: a cost of 0 is free, not unknown", async () => {
    const plan = await optimum(overridden(1, {}, { costPerHour: 0 }));
    expect(replicasOf(plan)).toEqual({ "w0-l40s": 0, "w0-h100": 2 });
  });

  test("case 15: an override to 0 or false: movable false pins what a node holds", async () => {
    const asked = (movable: boolean) =>
      problem({
        pools: [shaped("h100", node(8, 2, { holds: { "small-h100": 1 } }))],
        workloads: [
          workload("small", 2, [variant("small-h100", "h100", 4, 1, { currentReplicas: 2, minReplicas: 2, movable })]),
          workload("wide", 1, [variant("wide-h100", "h100", 8, 1)]),
        ],
      });
    expect(attainmentsOf(await optimum(asked(false)))).toEqual({ small: 1, wide: 0 });
    expect(attainmentsOf(await optimum(asked(true)))).toEqual({ small: 1, wide: 1 });
  });
});
