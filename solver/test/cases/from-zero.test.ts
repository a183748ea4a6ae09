import { describe, expect, test } from "vitest";
import type { PlacementProblem } from "../../src/index.ts";
import { bag, node, problem, shaped, upTo, variant, workload } from "../support/build.ts";
import { shuffled } from "../support/shuffle.ts";
import { optimum, replicasOf } from "../support/solved.ts";

function asleep(count: number, nodes: number, size = 8, names = upTo(count).map((i) => `w${i}`)): PlacementProblem {
  return problem({
    pools: [shaped("h100", node(8, nodes))],
    workloads: names.map((name) => workload(name, 1, [variant(`${name}-h100`, "h100", size, 1, { startCost: 3 })])),
  });
}

describe("case 3: from zero", () => {
  test("case 3: from zero: two of three 8-GPU replicas start on 16 free GPUs", async () => {
    const plan = await optimum(asleep(3, 2));
    expect(replicasOf(plan)).toEqual({ "w0-h100": 1, "w1-h100": 1, "w2-h100": 0 });
    expect(plan.pools[0]!.freeDevices).toBe(0);
    expect(plan.objective.primal).toBe(6);
  });

  for (const [count, nodes, size] of [
    [4, 1, 8],
    [5, 4, 8],
    [7, 3, 4],
    [9, 2, 2],
  ] as const)
    test(`case 3: from zero: ${count} replicas of ${size} on ${nodes} nodes of 8`, async () => {
      const plan = await optimum(shuffled(asleep(count, nodes, size), count));
      const fit = Math.min(count, (nodes * 8) / size);
      expect(Object.values(replicasOf(plan))).toEqual(upTo(count).map((i) => (i < fit ? 1 : 0)));
    });

  test("case 3: from zero: a bag of 16 devices gives the same", async () => {
    const plan = await optimum({ ...asleep(3, 2), pools: [bag("h100", 16)] });
    expect(replicasOf(plan)).toEqual({ "w0-h100": 1, "w1-h100": 1, "w2-h100": 0 });
  });
});
