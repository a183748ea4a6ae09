import fc from "fast-check";
import { expect, test } from "vitest";
import type { PlacementProblem } from "../../src/index.ts";
import { node } from "../support/build.ts";
import { compareClasses } from "../support/profile.ts";
import { runs } from "../support/runs.ts";
import { solved } from "../support/solved.ts";
import { PLAIN, tinyProblem } from "../support/tiny.ts";

/** One pool with one more node of `devices`, or as many more devices in its bag. */
function enlarged(problem: PlacementProblem, at: number, devices: number): PlacementProblem {
  const pools = problem.pools.map((p, i) => {
    if (i !== at) return p;
    return p.nodes ? { ...p, nodes: [...p.nodes, node(devices)] } : { ...p, devices: p.devices! + devices };
  });
  return { ...problem, pools };
}

// dominant shares are shares of the inventory: there a larger pool changes the weights
const FREE = {
  ...PLAIN,
  rules: ["max-min", "max-min", "total", "proportional"] as const,
  sizes: [1, 2, 3, 4],
  groups: true,
};

test("property: without floors and quotas more inventory never serves the classes worse", () =>
  fc.assert(
    fc.asyncProperty(
      tinyProblem({ ...FREE, rules: [...FREE.rules] }),
      fc.nat(1),
      fc.integer({ min: 1, max: 8 }),
      async (asked, at, devices) => {
        const before = await solved(asked);
        const after = await solved(enlarged(asked, at, devices));
        expect(compareClasses(asked, after, before)).toBeLessThanOrEqual(0);
      },
    ),
    runs(80),
  ));
