import { describe, expect, test } from "vitest";
import type { PlacementProblem } from "../../src/index.ts";
import { bag, node, problem, shaped, taint, tolerating, upTo, variant, workload } from "../support/build.ts";
import { shuffled } from "../support/shuffle.ts";
import { bytesOf, solved } from "../support/solved.ts";

const SEEDS = upTo(6);

/** Many ties: alike workloads on alike pools, of which a part can be served. */
function alike(count: number): PlacementProblem {
  return problem({
    pools: [shaped("east", node(8), node(4)), shaped("west", node(8), node(4)), bag("spare", 3)],
    workloads: upTo(count).map((i) =>
      workload(
        `w${i}`,
        4,
        ["east", "west", "spare"].map((pool) => variant(`w${i}-${pool}`, pool, 2, 1, { costPerHour: 1, startCost: 1 })),
        { priority: i % 2 },
      ),
    ),
  });
}

/** Every kind of list that a problem has. */
function everyList(): PlacementProblem {
  const base = alike(6);
  return {
    ...base,
    classes: [
      { priority: 1, rule: "proportional" },
      { priority: 2, rule: "total" },
    ],
    quotas: [
      { tenant: "a", pool: "east", guaranteedDevices: 4, maxDevices: 8, cohort: "low" },
      { tenant: "a", guaranteedDevices: 0, maxDevices: 12 },
      { tenant: "b", pool: "west", guaranteedDevices: 2, maxCostPerHour: 4, cohort: "low" },
    ],
    cohorts: [
      { name: "low", parent: "top", maxDevices: 16 },
      { name: "top", pool: "east", maxDevices: 12 },
    ],
    workloads: [
      ...base.workloads.map((w, i) => ({ ...w, tenant: ["a", "b", "c"][i % 3]! })),
      workload(
        "types",
        3,
        [
          variant("types-east", "east", 1, 0, { capacityByType: { long: 0.5, short: 2 } }),
          variant("types-west", "west", 1, 0, { capacityByType: { long: 1, short: 1 } }),
        ].map(({ capacityPerSecond: _, ...v }) => v),
        {
          priority: 2,
          requestTypes: [
            { name: "short", demandPerSecond: 2 },
            { name: "long", demandPerSecond: 1 },
          ],
        },
      ),
    ],
  };
}

/** Pools that need a packing: taints, held replicas, groups, sizes that form no chain. */
function packed(): PlacementProblem {
  const tolerations = [tolerating("team", { operator: "Equal", value: "a" }), tolerating("spot")];
  return problem({
    pools: [
      shaped(
        "mixed",
        node(8, 2, { holds: { "a-small": 1, "b-small": 2 } }),
        node(8, 1, { taints: [taint("team=a:NoSchedule"), taint("spot:NoExecute")] }),
        node(6, 2),
      ),
    ],
    workloads: [
      workload("a", 6, [variant("a-small", "mixed", 2, 1, { currentReplicas: 2, tolerations })]),
      workload("b", 4, [variant("b-small", "mixed", 1, 1, { currentReplicas: 4 })]),
      workload("c", 2, [
        variant("c-group", "mixed", 4, 2, { nodesPerReplica: 2, costPerHour: 4 }),
        variant("c-three", "mixed", 3, 1, { costPerHour: 2 }),
      ]),
    ],
  });
}

async function expectSameBytes(asked: PlacementProblem, keep: string[] = []) {
  const first = bytesOf(await solved(asked));
  for (const seed of SEEDS) expect(bytesOf(await solved(shuffled(asked, seed, keep)))).toBe(first);
}

describe("case 5: determinism", () => {
  for (const count of [2, 5, 9])
    test(`case 5: determinism: ${count} workloads full of ties, in any order`, () => expectSameBytes(alike(count)));

  test("case 5: determinism: every list of a problem, in any order", () => expectSameBytes(everyList()));

  test("case 5: determinism: pools that need a packing, in any order but that of the node rows it names", () =>
    expectSameBytes(packed(), ["nodes"]));

  test("case 5: determinism: objective penalty, in any order", () => {
    const base = alike(5);
    const workloads = base.workloads.map((w, i) => ({ ...w, shedPenalty: 5 + (i % 2) }));
    return expectSameBytes({ ...base, objective: "penalty", workloads });
  });

  test("case 5: determinism: conflicts, in any order", () => {
    const base = alike(6);
    const workloads = base.workloads.map((w) => ({
      ...w,
      variants: w.variants.map((v) => ({ ...v, minReplicas: v.pool === "east" ? 2 : 0 })),
    }));
    return expectSameBytes({ ...base, workloads });
  });
});
