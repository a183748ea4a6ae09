import { describe, expect, test } from "vitest";
import type { PlacementProblem, Quota } from "../../src/index.ts";
import { node, problem, shaped, upTo, variant, workload } from "../support/build.ts";
import { shuffled } from "../support/shuffle.ts";
import { optimum, planOf, replicasOf } from "../support/solved.ts";

/** One workload of 8 replicas for each quota (tenants `t0` …), in falling priority, and one without tenant behind them. */
function limited(devices: number, quotas: Omit<Quota, "tenant" | "guaranteedDevices">[]): PlacementProblem {
  const one = (name: string, priority: number, tenant?: string) =>
    workload(name, 8, [variant(`${name}-h100`, "h100", 1, 1, { costPerHour: 3 })], {
      priority,
      ...(tenant ? { tenant } : {}),
    });
  return problem({
    pools: [shaped("h100", node(devices))],
    quotas: quotas.map((q, i) => ({ tenant: `t${i}`, guaranteedDevices: 0, ...q })),
    workloads: [...upTo(quotas.length).map((i) => one(`w${i}`, i, `t${i}`)), one("free", 100)],
  });
}

describe("case 16: quota and physical inventory together", () => {
  test("case 16: quota and physical inventory together: both bind, each with its reason", async () => {
    const plan = await optimum(limited(10, [{ pool: "h100", maxDevices: 4 }]));
    expect(replicasOf(plan)).toEqual({ "w0-h100": 4, "free-h100": 6 });
    expect(planOf(plan, "w0").reason).toMatchObject({
      code: "QuotaReached",
      sentence: "w0 gets 50 %: quota t0 is used up (4 of 4 devices)",
      binding: [{ key: "quota/t0/h100/devices", used: 4, capacity: 4 }],
    });
    expect(planOf(plan, "free").reason).toMatchObject({ code: "PoolFull", binding: [{ key: "pool/h100/size/1" }] });
  });

  for (const [devices, maxima, expected] of [
    [12, [2, 3], [2, 3, 7]],
    [7, [5, 5], [5, 2, 0]],
    [20, [6, 4, 1], [6, 4, 1, 8]],
  ] as const)
    test(`case 16: quota and physical inventory together: ${devices} devices, maxima ${maxima.join(", ")}`, async () => {
      const plan = await optimum(
        shuffled(
          limited(
            devices,
            maxima.map((maxDevices) => ({ maxDevices })),
          ),
          devices,
        ),
      );
      const counts = replicasOf(plan);
      expect([...maxima.map((_, i) => counts[`w${i}-h100`]), counts["free-h100"]]).toEqual(expected);
    });

  test("case 16: quota and physical inventory together: a maximum of cost per hour", async () => {
    const plan = await optimum(limited(12, [{ maxCostPerHour: 10 }]));
    expect(replicasOf(plan)).toEqual({ "w0-h100": 3, "free-h100": 8 });
    expect(planOf(plan, "w0").reason?.sentence).toBe("w0 gets 37.5 %: quota t0 is used up (9 of 10 cost per hour)");
  });

  test("case 16: quota and physical inventory together: a maximum of 0 is a maximum", async () => {
    const plan = await optimum(limited(12, [{ pool: "h100", maxDevices: 0 }]));
    expect(replicasOf(plan)).toEqual({ "w0-h100": 0, "free-h100": 8 });
  });

  test("case 16: quota and physical inventory together: a cohort bounds the tenants below it", async () => {
    const asked = limited(20, [
      { maxDevices: 6, cohort: "low" },
      { maxDevices: 6, cohort: "low" },
    ]);
    asked.cohorts = [
      { name: "low", parent: "top" },
      { name: "top", pool: "h100", maxDevices: 9 },
    ];
    const plan = await optimum(asked);
    expect(replicasOf(plan)).toEqual({ "w0-h100": 6, "w1-h100": 3, "free-h100": 8 });
    expect(planOf(plan, "w1").reason?.sentence).toBe("w1 gets 37.5 %: cohort top is used up (9 of 9 devices)");
  });
});
