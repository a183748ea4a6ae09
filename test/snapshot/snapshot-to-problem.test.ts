import { expect, test } from "vitest";
import { size } from "../../src/model/queueing/size.ts";
import { snapshotToProblem } from "../../src/plan/snapshot-to-problem.ts";
import { parseSnapshot } from "../../src/snapshot/codec.ts";
import { type Sample, sample, variant } from "./sample.ts";

function problemOf(file: Sample) {
  const result = parseSnapshot(file);
  if (!result.ok) throw new Error(JSON.stringify(result.violations));
  return { snapshot: result.value, ...snapshotToProblem(result.value) };
}

const workload0 = (file: Sample) => file.workloads[0] as Record<string, unknown>;

test("capacities come from profile, token mix and SLO; costs from the pool's price", () => {
  const { snapshot, problem, leftOut, unservable } = problemOf(sample());
  const workload = snapshot.workloads[0];
  const profile = workload?.variants[0]?.profile;
  if (profile === undefined || profile.dialect === "continuous" || workload?.tokenMix === undefined)
    throw new Error("no profile");
  const sized = size(profile, workload.tokenMix, workload.slo);
  expect(problem.workloads[0]?.variants[0]).toEqual({
    name: "chat-a100",
    pool: "a100",
    devicesPerReplica: 2,
    capacityPerSecond: sized.ok ? sized.size.capacityPerSecond : undefined,
    costPerHour: 7.34,
    currentReplicas: 1,
  });
  expect(problem.workloads[0]?.variants[1]?.costPerHour).toBeCloseTo(1.4, 12);
  expect(problem.quotas).toEqual(snapshot.quotas);
  expect(problem.cohorts).toEqual(snapshot.cohorts);
  expect(leftOut).toEqual([]);
  expect(unservable).toEqual([]);
});

test("a variant's own cost wins over the pool's price, even where it is 0", () => {
  const file = sample();
  variant(file, 0).costPerHour = 0;
  expect(problemOf(file).problem.workloads[0]?.variants[0]?.costPerHour).toBe(0);
});

test("a variant that cannot meet the SLO is left out with both numbers, and what it holds is free", () => {
  const file = sample();
  workload0(file).slo = { itlMs: 5 };
  variant(file, 0).minReplicas = 1;
  const { problem, leftOut } = problemOf(file);
  expect(problem.workloads[0]?.variants.map((entry) => entry.name)).toEqual(["chat-t4"]);
  expect(leftOut).toHaveLength(1);
  expect(leftOut[0]).toMatchObject({ workload: "chat", variant: "chat-a100" });
  expect(leftOut[0]?.reason).toMatch(/5 ms is asked, \d+(\.\d+)? ms is the best.*floor of 1 replicas is not kept/);
  expect(problem.pools[0]?.nodes).toEqual([{ freeDevices: 8, count: 4 }]);
});

test("a workload that nothing can serve stays visible by name and reason", () => {
  const file = sample();
  workload0(file).slo = { itlMs: 5 };
  file.workloads[0]?.variants.splice(1);
  const { problem, unservable } = problemOf(file);
  expect(problem.workloads).toEqual([]);
  expect(unservable).toMatchObject([{ workload: "chat", priority: 0, demandPerSecond: 3 }]);
  expect(unservable[0]?.reason).toContain("chat-a100: mean time between tokens");
});

test("minReplicas of a workload: no fewer replicas serve all of it, and no kind of replica is shut out", () => {
  const file = sample();
  workload0(file).minReplicas = 3;
  variant(file, 1).capacityPerSecond = 50;
  const capacities = problemOf(file).problem.workloads[0]?.variants.map((entry) => entry.capacityPerSecond ?? 0) ?? [];
  const most = Math.max(...capacities);
  const least = Math.min(...capacities);
  expect(2 * most).toBeLessThan(3);
  expect(2 * most + least).toBeCloseTo(3, 12);
});

test("minReplicas without demand is the floor of the cheapest variant", () => {
  const file = sample();
  Object.assign(workload0(file), { minReplicas: 2, demandPerSecond: 0 });
  const variants = problemOf(file).problem.workloads[0]?.variants;
  expect(variants?.map((entry) => entry.minReplicas ?? 0)).toEqual([0, 2]);
});

test("a tighter SLO never raises a capacity", () => {
  const capacity = (itlMs: number) => {
    const file = sample();
    workload0(file).slo = { itlMs };
    return problemOf(file).problem.workloads[0]?.variants[0]?.capacityPerSecond ?? 0;
  };
  const capacities = [30, 40, 50, 60, 80].map(capacity);
  expect([...capacities].sort((a, b) => a - b)).toEqual(capacities);
});
