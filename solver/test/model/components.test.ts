import { expect, test } from "vitest";
import { componentsOf } from "../../src/model/components.ts";
import { compile } from "../../src/model/instance.ts";
import { bag, problem, variant, workload } from "../support/build.ts";

const short = [bag("a", 3), bag("b", 3)];
/** Two workloads that each want more of their pool than there is. */
const apart = [
  workload("m", 10, [variant("m-a", "a", 1, 1)], { tenant: "t" }),
  workload("n", 10, [variant("n-b", "b", 1, 1)], { tenant: "t" }),
];

function parts(p: Parameters<typeof problem>[0]): number[][] {
  return componentsOf(compile(problem(p))).map((c) => c.workloads);
}

test("workloads of pools that nobody joins are parts of their own", () => {
  expect(parts({ pools: short, workloads: apart })).toEqual([[0], [1]]);
});

test("a workload that can run on both pools joins them", () => {
  const both = workload("o", 10, [variant("o-a", "a", 1, 1), variant("o-b", "b", 1, 1)]);
  expect(parts({ pools: short, workloads: [...apart, both] })).toEqual([[0, 1, 2]]);
});

test("a quota that binds joins the pools of its tenant, one that cannot bind does not", () => {
  const quotas = (maxDevices: number) => [{ tenant: "t", guaranteedDevices: 0, maxDevices }];
  expect(parts({ pools: short, workloads: apart, quotas: quotas(5) })).toEqual([[0, 1]]);
  expect(parts({ pools: short, workloads: apart, quotas: quotas(6) })).toEqual([[0], [1]]);
});

test("a limit on a tenant's cost joins", () => {
  const dear = apart.map((w) => ({ ...w, variants: w.variants.map((v) => ({ ...v, costPerHour: 1 })) }));
  const quotas = [{ tenant: "t", guaranteedDevices: 0, maxCostPerHour: 4 }];
  expect(parts({ pools: short, workloads: dear, quotas })).toEqual([[0, 1]]);
});

test("a pool with room for all joins nobody", () => {
  expect(
    parts({
      pools: [bag("a", 30)],
      workloads: apart.map((w) => ({ ...w, variants: [variant(`${w.name}-v`, "a", 1, 1)] })),
    }),
  ).toEqual([[0], [1]]);
});
