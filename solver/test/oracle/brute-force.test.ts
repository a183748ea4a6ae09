import { describe, expect, it } from "vitest";
import { entryOf, problemOf, variant, workload } from "../verify/support.ts";
import { attainmentOf } from "./attainments.ts";
import { bruteForce } from "./brute-force.ts";
import { searchPacking } from "./packing-search.ts";
import { planOf, TEST_LADDER } from "./plan-of.ts";
import { compareProfiles, profileOf } from "./profile.ts";
import { FEATURES, randomWorld } from "./worlds.ts";

describe("the oracle on worlds whose answer is known", () => {
  it("gives A the L40S so that B gets the H100", () => {
    const answer = bruteForce(
      problemOf({
        pools: [
          { name: "h100", devices: 2 },
          { name: "l40s", devices: 8 },
        ],
        workloads: [
          workload("a", [
            variant("a-h", { pool: "h100" }),
            variant("a-l", { pool: "l40s", capacityPerSecond: 0.25, costPerHour: 0.4 }),
          ]),
          workload("b", [variant("b-h", { pool: "h100" })]),
        ],
      }),
    );
    expect(answer.attainment).toEqual({ a: 1, b: 1 });
    expect(answer.replicas).toEqual({ "a-h": 0, "a-l": 8, "b-h": 2 });
    expect(answer.objective).toBeCloseTo(8 * 0.4 + 2);
  });

  it("lets one of three grow where only one more big replica fits", () => {
    const big = (name: string) => workload(name, [variant(`${name}-v`, { devicesPerReplica: 8 })]);
    const answer = bruteForce(
      problemOf({
        pools: [{ name: "pool-a", nodes: [{ freeDevices: 8, count: 4, taints: [], holds: {} }] }],
        workloads: ["a", "b", "c"].map(big),
      }),
    );
    expect(Object.values(answer.attainment).sort()).toEqual([0.5, 0.5, 1]);
    expect(answer.classes[0]!.profile).toEqual([{ from: 0.5, below: 2 }]);
  });

  it("keeps the floor of the higher class and says what the lower one misses", () => {
    const answer = bruteForce(
      problemOf({
        pools: [{ name: "pool-a", devices: 3 }],
        workloads: [
          workload("high", [variant("high-v", { minReplicas: 2 })]),
          workload("low", [variant("low-v", { minReplicas: 2 })], { priority: 10 }),
        ],
      }),
    );
    expect(answer.missing).toEqual([
      { priority: 0, replicas: 0 },
      { priority: 10, replicas: 1 },
    ]);
  });

  it("keeps what a guarantee promises, and lends the rest", () => {
    const answer = bruteForce(
      problemOf({
        pools: [{ name: "pool-a", devices: 4 }],
        quotas: [{ tenant: "t", pool: "pool-a", guaranteedDevices: 1 }],
        workloads: [
          workload("theirs", [variant("t-v")], { tenant: "t", priority: 10 }),
          workload("ours", [variant("o-v")], { demandPerSecond: 4 }),
        ],
      }),
    );
    expect(answer.promised).toEqual({ theirs: 0.5 });
    expect(answer.attainment).toEqual({ theirs: 0.5, ours: 0.75 });
  });

  it("sheds what costs more than its penalty", () => {
    const answer = bruteForce(
      problemOf({
        objective: "penalty",
        pools: [{ name: "pool-a", devices: 9 }],
        workloads: [
          workload("dear", [variant("d-v", { costPerHour: 5 })], { shedPenalty: 8 }),
          workload("cheap", [variant("c-v")], { shedPenalty: 8 }),
        ],
      }),
    );
    expect(answer.attainment).toEqual({ dear: 0, cheap: 1 });
    expect(answer.objective).toBe(8 + 2);
  });

  it("splits two request types over what serves them best", () => {
    const w = workload(
      "w",
      [variant("x", { capacityByType: { long: 1, short: 4 } }), variant("y", { capacityByType: { short: 2 } })],
      {
        demandPerSecond: 8,
        requestTypes: [
          { name: "long", demandPerSecond: 2 },
          { name: "short", demandPerSecond: 6 },
        ],
      },
    );
    expect(attainmentOf(w, { x: 2, y: 3 })).toBe(1);
    // x gives 2a of long in 2a of its time and 4·(1 − 2a) of short; y nothing: 6a = 4 − 8a
    expect(attainmentOf(w, { x: 1, y: 0 })).toBeCloseTo(4 / 14);
    expect(attainmentOf(w, { x: 0, y: 9 })).toBe(0);
  });
});

describe("pieces of the oracle", () => {
  it("finds no packing across nodes, of a group on one node, or away from a held replica", () => {
    const nodes = [{ freeDevices: 4, count: 2, taints: [], holds: {} }];
    const pool = { name: "pool-a", nodes };
    expect(searchPacking(pool, [variant("v", { devicesPerReplica: 8 })], { v: 1 })).toBeUndefined();
    const group = variant("v", { devicesPerReplica: 2, nodesPerReplica: 3 });
    expect(searchPacking(pool, [group], { v: 1 })).toBeUndefined();
    const held = { name: "pool-a", nodes: [{ freeDevices: 4, count: 2, taints: [], holds: { s: 1 } }] };
    const both = (movable: boolean) => [variant("s", { movable }), variant("big", { devicesPerReplica: 4 })];
    expect(searchPacking(held, both(false), { s: 2, big: 1 })).toBeUndefined();
    expect(searchPacking(held, both(true), { s: 2, big: 1 })).toBeDefined();
  });

  it("orders F by the first level at which two plans differ", () => {
    const plan = (...a: number[]) => profileOf(a.map((attainment) => ({ weight: 1, cap: 1, attainment })));
    expect(compareProfiles(plan(0.5, 0.5), plan(0.4, 1))).toBeLessThan(0);
    expect(compareProfiles(plan(0.4, 1), plan(0.4, 0.9))).toBeLessThan(0);
    expect(compareProfiles(plan(1, 0.4), plan(0.4, 1))).toBe(0);
  });

  it("makes the same worlds from the same seed, mostly short, some with conflicts", () => {
    expect(randomWorld(9, ["taints"])).toEqual(randomWorld(9, ["taints"]));
    const statuses = new Set<string>();
    let short = 0;
    let total = 0;
    for (const feature of FEATURES)
      for (let seed = 500; seed < 510; seed++) {
        const world = randomWorld(seed, [feature]);
        const answer = bruteForce(world, { ladder: TEST_LADDER });
        const plan = planOf(world, answer);
        expect(entryOf(plan, world.objective === "penalty" ? "penalty" : "cost").reached).toBe(answer.objective);
        statuses.add(plan.status);
        expect(answer.placements).toBeLessThanOrEqual(20_000);
        total++;
        if (Object.values(answer.attainment).some((a) => a < 1)) short++;
      }
    expect(short / total).toBeGreaterThan(0.5);
    expect([...statuses].sort()).toEqual(["infeasible", "optimal"]);
  });
});
