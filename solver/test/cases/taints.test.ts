import { describe, expect, test } from "vitest";
import type { PlacementProblem, Toleration } from "../../src/index.ts";
import { node, problem, shaped, taint, tolerating, variant, workload } from "../support/build.ts";
import { shuffled } from "../support/shuffle.ts";
import { optimum, planOf, replicasOf } from "../support/solved.ts";

const CORDONED = "node.kubernetes.io/unschedulable:NoSchedule";
const NOT_READY = "node.kubernetes.io/not-ready:NoExecute";
const DEDICATED = "dedicated=team-a:NoSchedule";

/** `clean` plain nodes of 8 beside one node of 8 for each list of taints; the workload could use all of them. */
function tainted(clean: number, taints: string[][], tolerations: Toleration[] = []): PlacementProblem {
  const nodes = [node(8, clean), ...taints.map((list) => node(8, 1, { taints: list.map(taint) }))];
  return problem({
    pools: [shaped("h100", ...nodes)],
    workloads: [workload("chat", 8 * (clean + taints.length), [variant("chat-h100", "h100", 4, 4, { tolerations })])],
  });
}

const planned = async (asked: PlacementProblem) => replicasOf(await optimum(asked))["chat-h100"];

describe("case 10: cordoned, tainted, not-ready nodes", () => {
  test("case 10: cordoned, tainted, not-ready nodes: they are not counted", async () => {
    const plan = await optimum(tainted(1, [[CORDONED], [NOT_READY], [DEDICATED]]));
    expect(replicasOf(plan)).toEqual({ "chat-h100": 2 });
    expect(plan.pools[0]).toMatchObject({ usedDevices: 8, freeDevices: 0 });
    expect(planOf(plan, "chat").reason?.code).toBe("PoolFull");
  });

  for (const [what, taints, tolerations, extra] of [
    ["the key tolerated", [DEDICATED], [tolerating("dedicated")], 2],
    ["the value tolerated", [DEDICATED], [tolerating("dedicated", { operator: "Equal", value: "team-a" })], 2],
    ["another value tolerated", [DEDICATED], [tolerating("dedicated", { operator: "Equal", value: "team-b" })], 0],
    ["another effect tolerated", [DEDICATED], [tolerating("dedicated", { effect: "NoExecute" })], 0],
    ["everything tolerated", [CORDONED, NOT_READY, DEDICATED], [tolerating("")], 2],
    ["one of two tolerated", [CORDONED, DEDICATED], [tolerating("dedicated")], 0],
    [
      "both tolerated",
      [CORDONED, DEDICATED],
      [tolerating("dedicated"), tolerating("node.kubernetes.io/unschedulable")],
      2,
    ],
    ["PreferNoSchedule excludes nothing", ["slow:PreferNoSchedule"], [], 2],
  ] as const)
    test(`case 10: cordoned, tainted, not-ready nodes: ${what}`, async () => {
      expect(await planned(tainted(2, [[...taints]], [...tolerations]))).toBe(4 + extra);
    });

  for (const [clean, cordoned] of [
    [1, 1],
    [3, 2],
    [5, 7],
  ] as const)
    test(`case 10: cordoned, tainted, not-ready nodes: ${cordoned} cordoned beside ${clean}`, async () => {
      const taints = Array.from({ length: cordoned }, () => [CORDONED]);
      expect(await planned(shuffled(tainted(clean, taints), clean))).toBe(2 * clean);
    });

  for (const tolerant of ["a", "b"])
    test(`case 10: cordoned, tainted, not-ready nodes: ${tolerant} alone may use the dedicated node and leaves the others`, async () => {
      const asked = problem({
        pools: [shaped("h100", node(8), node(8, 1, { taints: [taint(DEDICATED)] }))],
        workloads: ["a", "b"].map((name) =>
          workload(name, 1, [
            variant(`${name}-h100`, "h100", 8, 1, { tolerations: name === tolerant ? [tolerating("dedicated")] : [] }),
          ]),
        ),
      });
      const plan = await optimum(asked);
      expect(replicasOf(plan)).toEqual({ "a-h100": 1, "b-h100": 1 });
      expect(plan.pools[0]!.fits).toBe("packing");
      expect(plan.pools[0]!.packing).toEqual(
        [
          { row: tolerant === "a" ? 1 : 0, count: 1, replicas: { "a-h100": 1 } },
          { row: tolerant === "a" ? 0 : 1, count: 1, replicas: { "b-h100": 1 } },
        ].sort((p, q) => p.row - q.row),
      );
    });
});
