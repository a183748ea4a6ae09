import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import type { PlacementProblem, Variant } from "../../src/index.ts";
import { bag, node, problem, shaped, variant, workload } from "../support/build.ts";
import { attainmentsOf, optimum, solved } from "../support/solved.ts";

/** Small problems on which a property once failed: each stands for a way to go wrong, so it stays. */

/** A variant that serves `long` requests at half the rate of `short` ones. */
function typed(name: string, pool: string, devices: number, rate: number, extra: Partial<Variant> = {}): Variant {
  const { capacityPerSecond: _, ...rest } = variant(name, pool, devices, rate, extra);
  return { ...rest, capacityByType: { long: rate / 2, short: rate } };
}

const mixed = (demand: number) => ({
  requestTypes: [
    { name: "long", demandPerSecond: demand / 4 },
    { name: "short", demandPerSecond: (3 * demand) / 4 },
  ],
});

test("found: weights far apart where nothing can run: no rung lies inside the tolerance of the one before", async () => {
  const plan = await optimum(
    problem({
      pools: [bag("p", 0)],
      workloads: [
        workload("idle", 0, [variant("idle-p", "p", 1, 1)]),
        workload("light", 1, [variant("light-p", "p", 1, 1)]),
        workload("heavy", 1, [typed("heavy-p", "p", 1, 1)], { weight: 3, ...mixed(1) }),
      ],
    }),
  );
  expect(attainmentsOf(plan)).toEqual({ idle: 1, light: 0, heavy: 0 });
});

test("found: dominant shares are shares of the inventory, whatever a quota leaves", async () => {
  const plan = await optimum(
    problem({
      pools: [bag("p", 2)],
      classes: [{ priority: 0, rule: "dominant-share" }],
      quotas: [{ tenant: "t", guaranteedDevices: 0, maxDevices: 0 }],
      workloads: [
        workload("barred", 1, [variant("barred-p", "p", 1, 1)], { tenant: "t" }),
        workload("free", 1, [variant("free-p", "p", 1, 1)]),
      ],
    }),
  );
  expect(attainmentsOf(plan)).toEqual({ barred: 0, free: 1 });
});

test("found: a total of split request types is kept in spite of rounding", async () => {
  const plan = await optimum(
    problem({
      pools: [shaped("p", node(2))],
      classes: [{ priority: 0, rule: "total" }],
      workloads: [workload("w", 8.25, [typed("w-p", "p", 1, 1.75, { startCost: 1 })], mixed(8.25))],
    }),
  );
  expect(plan.workloads[0]!.attainment).toBeCloseTo(28 / 82.5, 9);
});

test("found: request types that nothing may serve, under rule proportional", async () => {
  const plan = await optimum(
    problem({
      pools: [bag("p", 1)],
      classes: [{ priority: 0, rule: "proportional" }],
      workloads: [workload("w", 1, [typed("w-p", "p", 1, 1, { maxReplicas: 0 })], mixed(1))],
    }),
  );
  expect(plan.classes[0]!.ladder).toEqual([{ rung: 1e-9, reached: 1, bound: 1 }]);
});

test("found: floors that were cut are measured on the finished plan", async () => {
  const asked = problem({
    pools: [bag("p", 8)],
    workloads: [4, 6].map((minReplicas, i) =>
      workload(`w${i}`, 100, [variant(`w${i}-p`, "p", 1, 1, { minReplicas })], { priority: i }),
    ),
  });
  for (const options of [{ timeLimitMs: 0 }, { engine: "heuristic" }, { engine: "price" }] as const) {
    const plan = await solved(asked, options);
    expect(plan.workloads.map((w) => w.variants[0]!.replicas)).toEqual([4, 4]);
    expect(plan.certificate[0]).toMatchObject({ stage: "floors/0", reached: 0 });
    expect(plan.certificate[1]).toMatchObject({ stage: "floors/1", reached: 2 });
  }
});

test("found: guarantees that do not fit keep what they can beside a replica that can never start", async () => {
  const plan = await solved(
    problem({
      pools: [shaped("p", node(7))],
      quotas: [
        { tenant: "a", pool: "p", guaranteedDevices: 2 },
        { tenant: "b", pool: "p", guaranteedDevices: 8 },
      ],
      workloads: [
        workload("a", 11.75, [variant("a-p", "p", 1, 1.25, { maxReplicas: 1 })], { tenant: "a" }),
        workload("b", 1, [variant("b-p", "p", 8, 1)], { tenant: "b" }),
      ],
    }),
  );
  expect(plan.workloads[0]!.attainment).toBeCloseTo(1.25 / 11.75, 9);
  expect(plan.conflicts).toMatchObject([{ rule: "Guarantee", workloads: ["b"], asked: 1, available: 0 }]);
});

test("found: a cure reaches what the bounds allow, not more", async () => {
  const plan = await solved(
    problem({ pools: [bag("p", 0)], workloads: [workload("w", 2, [variant("w-p", "p", 1, 1, { maxReplicas: 1 })])] }),
    { cures: true },
  );
  expect(plan.workloads[0]!.reason?.cure).toEqual({ pool: "p", nodes: 1, devicesPerNode: 1, attainment: 0.5 });
});

test("found: an engine that takes its start for the optimum", async () => {
  const text = readFileSync(new URL("../fixtures/wrong-optimum-from-start.json", import.meta.url), "utf8");
  const plan = await solved(JSON.parse(text) as PlacementProblem);
  const broken = plan.certificate.find((c) => c.stage === "floors/0/guarantees");
  expect(broken?.reached).toBeCloseTo(0.5556, 4);
});
