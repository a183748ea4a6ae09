import { describe, expect, test } from "vitest";
import type { PlacementProblem } from "../../src/index.ts";
import { bag, problem, upTo, variant, workload } from "../support/build.ts";
import { shuffled } from "../support/shuffle.ts";
import { optimum, replicasOf } from "../support/solved.ts";

/** Workloads that run on the cheap pool; the dear one is at zero replicas. */
function running(
  count: number,
  cheap: number,
  dear: number,
  current: "cheap" | "dear" | "none",
  startCost = 0,
): PlacementProblem {
  return problem({
    pools: [bag("cheap", 100), bag("dear", 100)],
    workloads: upTo(count).map((i) =>
      workload(`w${i}`, 2, [
        variant(`w${i}-cheap`, "cheap", 1, 1, {
          costPerHour: cheap,
          startCost,
          currentReplicas: current === "cheap" ? 2 : 0,
        }),
        variant(`w${i}-dear`, "dear", 1, 1, {
          costPerHour: dear,
          startCost,
          currentReplicas: current === "dear" ? 2 : 0,
        }),
      ]),
    ),
  });
}

/** The next cycle: what was planned runs now. */
function afterwards(asked: PlacementProblem, counts: Record<string, number>): PlacementProblem {
  const workloads = asked.workloads.map((w) => ({
    ...w,
    variants: w.variants.map((v) => ({ ...v, currentReplicas: counts[v.name]! })),
  }));
  return { ...asked, workloads };
}

describe("case 13: variants at zero replicas", () => {
  test("case 13: variants at zero replicas: they cost what they cost, and the plan does not flap", async () => {
    let asked = running(1, 10, 20, "cheap");
    for (let cycle = 0; cycle < 4; cycle++) {
      const plan = await optimum(asked);
      expect(replicasOf(plan)).toEqual({ "w0-cheap": 2, "w0-dear": 0 });
      expect(plan.objective.primal).toBe(20);
      asked = afterwards(asked, replicasOf(plan));
    }
  });

  for (const [count, current] of [
    [2, "none"],
    [3, "dear"],
    [5, "cheap"],
  ] as const)
    test(`case 13: variants at zero replicas: ${count} workloads, running on ${current}`, async () => {
      const asked = shuffled(running(count, 10, 20, current), count);
      const first = await optimum(asked);
      expect(first.objective.primal).toBe(20 * count);
      const second = await optimum(afterwards(asked, replicasOf(first)));
      expect(replicasOf(second)).toEqual(replicasOf(first));
    });

  test("case 13: variants at zero replicas: they move only where the saving pays the start", async () => {
    const moves = await optimum(running(1, 10, 20, "dear", 9));
    expect(replicasOf(moves)).toEqual({ "w0-cheap": 2, "w0-dear": 0 });
    expect(moves.objective.primal).toBe(38);
    const stays = await optimum(running(1, 10, 20, "dear", 11));
    expect(replicasOf(stays)).toEqual({ "w0-cheap": 0, "w0-dear": 2 });
  });
});
