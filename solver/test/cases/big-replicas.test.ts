import { describe, expect, test } from "vitest";
import type { PlacementProblem } from "../../src/index.ts";
import { node, problem, shaped, upTo, variant, workload } from "../support/build.ts";
import { shuffled } from "../support/shuffle.ts";
import { optimum, planOf } from "../support/solved.ts";

/** `holders` workloads hold one 8-GPU replica each and want two; there are `nodes` nodes of `devices`. */
function growers(
  holders: number,
  nodes: number,
  devices = 8,
  names = upTo(holders).map((i) => `w${i}`),
): PlacementProblem {
  return problem({
    pools: [shaped("h100", node(devices, nodes))],
    workloads: names.map((name) =>
      workload(name, 2, [variant(`${name}-h100`, "h100", 8, 1, { currentReplicas: 1, costPerHour: 20 })]),
    ),
  });
}

async function expectGrown(asked: PlacementProblem, grown: string[], why = "h100 is full, shared inside class 0") {
  const plan = await optimum(asked);
  for (const w of plan.workloads) {
    const grows = grown.includes(w.name);
    expect([w.name, w.variants[0]!.replicas]).toEqual([w.name, grows ? 2 : 1]);
    if (grows) expect(w.reason).toBeUndefined();
    else expect(w.reason?.sentence).toBe(`${w.name} gets 50 %: ${why.replaceAll("*", w.name)}`);
  }
  return plan;
}

describe("case 2: big replicas", () => {
  test("case 2: big replicas: exactly one of three grows, the first by name, and nothing is idle", async () => {
    const plan = await expectGrown(growers(3, 4), ["w0"]);
    expect(plan.pools[0]!.freeDevices).toBe(0);
    expect(planOf(plan, "w1").reason?.binding).toEqual([
      { key: "pool/h100/size/8", used: 4, capacity: 4, heldBy: [{ priority: 0, amount: 32 }] },
    ]);
  });

  for (const [holders, nodes] of [
    [2, 3],
    [3, 5],
    [4, 5],
    [5, 7],
    [8, 11],
    [12, 13],
  ] as const)
    test(`case 2: big replicas: ${nodes - holders} of ${holders} grow on ${nodes} nodes`, async () => {
      const names = upTo(holders).map((i) => `w${String(i).padStart(2, "0")}`);
      const plan = await expectGrown(
        shuffled(growers(holders, nodes, 8, names), nodes),
        names.slice(0, nodes - holders),
      );
      expect(plan.pools[0]!.freeDevices).toBe(0);
    });

  test("case 2: big replicas: only what no replica fits is idle", async () => {
    const why = "h100 has 16 free devices but *-h100 needs 8 on one node";
    const plan = await expectGrown(growers(3, 4, 12), ["w0"], why);
    expect(plan.pools[0]!.freeDevices).toBe(16);
  });

  test("case 2: big replicas: who grows follows the names, not the order", async () => {
    for (const names of [
      ["zeta", "beta", "alpha"],
      ["alpha", "zeta", "beta"],
    ])
      await expectGrown(growers(3, 4, 8, names), ["alpha"]);
  });
});
