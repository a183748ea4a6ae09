import { expect, it } from "vitest";
import { solve } from "../../src/index.ts";
import { beside } from "../support/beside.ts";
import { bruteForce } from "./brute-force.ts";
import { type Feature, randomWorld } from "./worlds.ts";

/** What worlds may have: no rule whose shares depend on who else is in the class, no promise. */
const MIXES: Feature[][] = [
  [],
  ["bags", "classes"],
  ["bags", "quotas", "cohorts", "start-cost"],
  ["odd-sizes", "taints", "holds", "classes"],
  ["roles", "types", "groups", "start-cost"],
  ["penalty", "bags", "quotas"],
  ["penalty", "taints", "roles", "types", "start-cost"],
];
const WORLDS = 12;

it.each(MIXES.map((features) => ({ features })))(
  "worlds side by side get what each would get alone: $features",
  async ({ features }) => {
    for (let seed = 0; seed < WORLDS; seed++) {
      const worlds = [0, 1, 2].map((k) => randomWorld(70_000 + 3 * seed + k, features));
      const alone = worlds.map((w) => bruteForce(w));
      const together = beside(...worlds);
      const plan = await solve(together, { timeLimitMs: 60_000 });
      const about = `seed ${seed}`;
      expect(plan.status, about).toBe("optimal");
      expect(plan.objective.primal, about).toBeCloseTo(
        alone.reduce((sum, a) => sum + a.objective, 0),
        5,
      );
      const again = await solve(beside(...worlds), { timeLimitMs: 60_000 });
      expect({ ...again, elapsedMs: 0 }, about).toEqual({ ...plan, elapsedMs: 0 });
      if (together.objective === "penalty") continue;
      for (const c of plan.classes) {
        const levels = alone.flatMap((a, k) => a.classes.filter((_, i) => priorities(worlds[k]!)[i] === c.priority));
        expect(c.level, about).toBeCloseTo(Math.min(...levels.map((l) => l.level)), 5);
      }
    }
  },
  300_000,
);

function priorities(world: { workloads: { priority: number }[] }): number[] {
  return [...new Set(world.workloads.map((w) => w.priority))].sort((a, b) => a - b);
}
