import { describe, expect, test } from "vitest";
import type { PlacementProblem } from "../../src/index.ts";
import { node, problem, shaped, upTo, variant, workload } from "../support/build.ts";
import { shuffled } from "../support/shuffle.ts";
import { attainmentsOf, optimum, replicasOf } from "../support/solved.ts";

/** `copies` pairs: A runs on H100 or L40S, B only on H100. Each pair brings 2 H100 and 8 L40S. `names` sets who comes first. */
function pairs(copies: number, names: { flexible: string; bound: string }): PlacementProblem {
  const { flexible, bound } = names;
  return problem({
    pools: [shaped("h100", node(2 * copies)), shaped("l40s", node(8, copies))],
    workloads: upTo(copies).flatMap((i) => [
      workload(`${flexible}${i}`, 2, [
        variant(`${flexible}${i}-h100`, "h100", 1, 1, { costPerHour: 2 }),
        variant(`${flexible}${i}-l40s`, "l40s", 2, 0.5, { costPerHour: 3 }),
      ]),
      workload(`${bound}${i}`, 2, [variant(`${bound}${i}-h100`, "h100", 1, 1, { costPerHour: 2 })]),
    ]),
  });
}

describe("case 1: substitution", () => {
  test("case 1: substitution: both are served in full, one moves to the other accelerator", async () => {
    const plan = await optimum(pairs(1, { flexible: "a", bound: "b" }));
    expect(attainmentsOf(plan)).toEqual({ a0: 1, b0: 1 });
    expect(replicasOf(plan)).toEqual({ "a0-h100": 0, "a0-l40s": 4, "b0-h100": 2 });
    expect(plan.objective.primal).toBe(16);
    expect(plan.objective.gap).toBeLessThan(1e-6);
  });

  for (const copies of [2, 3, 5])
    for (const names of [
      { flexible: "a", bound: "b" },
      { flexible: "y", bound: "x" },
    ])
      test(`case 1: substitution: ${copies} pairs, ${names.flexible} flexible and ${names.bound} bound`, async () => {
        const plan = await optimum(shuffled(pairs(copies, names), copies));
        expect(plan.workloads.map((w) => w.attainment)).toEqual(upTo(2 * copies).map(() => 1));
        expect(plan.pools.map((p) => p.freeDevices)).toEqual([0, 0]);
        expect(plan.objective.primal).toBeCloseTo(16 * copies, 9);
      });

  test("case 1: substitution: a chain of three accelerators, where each workload gives way to the next", async () => {
    const pools = ["p0", "p1", "p2", "p3"];
    const chain = problem({
      pools: pools.map((name) => shaped(name, node(2))),
      workloads: upTo(4).map((i) =>
        workload(
          `w${i}`,
          2,
          pools.slice(i === 3 ? 0 : i, i === 3 ? 1 : i + 2).map((pool) => variant(`w${i}-${pool}`, pool, 1, 1)),
        ),
      ),
    });
    const plan = await optimum(chain);
    expect(attainmentsOf(plan)).toEqual({ w0: 1, w1: 1, w2: 1, w3: 1 });
    expect(replicasOf(plan)).toMatchObject({ "w0-p1": 2, "w1-p2": 2, "w2-p3": 2, "w3-p0": 2 });
  });
});
