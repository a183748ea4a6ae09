import { describe, expect, it } from "vitest";
import { fleet } from "../../bench/generator.ts";
import type { PlacementProblem, Plan } from "../../src/index.ts";
import { solve } from "../../src/index.ts";
import { weightBelow } from "../support/profile.ts";

const SLACK = 1e-6;

/**
 * How many rungs of `claims` could be held against `other`: as long as the other plan keeps every earlier rung, no bound may be above what
 * it reaches. Rungs are read from the attainments of the other plan, so the two may have settled different ones.
 */
function heldAgainst(problem: PlacementProblem, claims: Plan, other: Plan): number {
  let held = 0;
  for (const { priority, ladder } of claims.classes)
    for (const { rung, reached, bound } of ladder) {
      const theirs = weightBelow(problem, other, priority, rung);
      expect(bound, `class ${priority}, F(${rung})`).toBeLessThanOrEqual(theirs + SLACK);
      expect(bound, `class ${priority}, F(${rung})`).toBeLessThanOrEqual(reached + SLACK);
      held++;
      // whoever does not keep what was reached here is nothing that later rungs speak of
      if (theirs > reached + SLACK) return held;
    }
  return held;
}

/** What the plan says it reached is what its attainments say. */
function expectReached(problem: PlacementProblem, plan: Plan): void {
  for (const { priority, ladder } of plan.classes)
    for (const { rung, reached } of ladder)
      expect(weightBelow(problem, plan, priority, rung), `class ${priority}, F(${rung})`).toBeLessThanOrEqual(
        reached + SLACK,
      );
}

/** The two lower classes as one: too many for exact levels, so that the ladder is settled. */
function withLargeClass(problem: PlacementProblem): PlacementProblem {
  return {
    ...problem,
    workloads: problem.workloads.map((w) => (w.priority === 20 ? { ...w, priority: 10 } : w)),
    classes: problem.classes.filter((c) => c.priority !== 20),
  };
}

const cells = [
  { workloads: 30, ratio: 1, seed: 1, shapes: true },
  { workloads: 34, ratio: 0.7, seed: 2, shapes: true },
  { workloads: 36, ratio: 0.5, seed: 3, shapes: false },
  { workloads: 40, ratio: 0.8, seed: 4, shapes: true },
];

/** `solve` has every plan checked: what comes back is a plan. */
describe("bounds of rungs against other plans", () => {
  it.each(cells)("levels of three classes, $workloads workloads, capacity $ratio, seed $seed", async (cell) => {
    const problem = fleet({ ...cell, pools: 4, rule: "max-min" });
    expect(problem.classes).toHaveLength(3);
    const prices = await solve(problem, { engine: "price" });
    const others = [
      await solve(problem, { engine: "highs", timeLimitMs: 20_000 }),
      await solve(problem, { engine: "heuristic" }),
    ];
    expectReached(problem, prices);
    for (const other of others) {
      expectReached(problem, other);
      expect(heldAgainst(problem, prices, other)).toBeGreaterThan(0);
      expect(heldAgainst(problem, other, prices)).toBeGreaterThan(0);
    }
    expect(prices.certificate.every((c) => c.method !== "search")).toBe(true);
  });

  it.each(cells)("a ladder, $workloads workloads, capacity $ratio, seed $seed", async (cell) => {
    const problem = withLargeClass(fleet({ ...cell, pools: 4, rule: "max-min" }));
    const prices = await solve(problem, { engine: "price" });
    const auto = await solve(problem, { engine: "auto", timeLimitMs: 12_000 });
    expectReached(problem, prices);
    expectReached(problem, auto);
    expect(heldAgainst(problem, prices, auto)).toBeGreaterThan(1);
    expect(heldAgainst(problem, auto, prices)).toBeGreaterThan(1);
  });
});
