import { describe, expect, it } from "vitest";
import type { EngineName, PlacementProblem, Plan } from "../../src/index.ts";
import { solve } from "../../src/index.ts";
import { bruteForce, type OracleResult } from "./brute-force.ts";
import { FEATURES, type Feature, randomWorld } from "./worlds.ts";

/** Engines against the enumeration of every placement: tiny random worlds with every feature on and off. */
const WORLDS = 2000;
const CHUNKS = 20;

/** About a third of the features, another mix for each seed. */
function featuresOf(seed: number): Feature[] {
  let z = (seed * 2654435761) >>> 0;
  return FEATURES.filter(() => {
    z = (Math.imul(z, 1103515245) + 12345) >>> 0;
    return (z >>> 16) % 3 === 0;
  });
}

function promisedBy(plan: Plan): Record<string, number> {
  return Object.fromEntries(
    plan.guarantees.flatMap((g) => g.plan.workloads.map((w) => [w.name, w.attainment] as const)),
  );
}

/** What the oracle and a plan say in the same words: rounded, so that they can be compared as they are. */
function facts(problem: PlacementProblem, plan: Plan, oracle: OracleResult) {
  const round = (n: number) => Math.round(n * 1e5) / 1e5;
  const broken = oracle.missing.some((m) => m.replicas > 0) || oracle.broken.some((b) => b.attainment > 1e-6);
  const levelled = problem.objective !== "penalty";
  return {
    planned: {
      objective: round(plan.objective.primal),
      bound: plan.objective.bound <= oracle.objective + 1e-5,
      conflicts: plan.conflicts.length > 0,
      levels: levelled ? plan.classes.map((c) => round(c.level)) : [],
      proved: plan.status !== "feasible",
    },
    best: {
      objective: round(oracle.objective),
      bound: true,
      conflicts: broken,
      levels: levelled ? oracle.classes.map((c) => round(c.level)) : [],
      proved: true,
    },
  };
}

async function compare(seed: number, features: Feature[], engine: EngineName): Promise<void> {
  const problem = randomWorld(seed, features);
  const plan = await solve(problem, { engine, timeLimitMs: 60_000 });
  const { planned, best } = facts(problem, plan, bruteForce(problem, { promised: promisedBy(plan) }));
  expect(planned, `seed ${seed}, features ${features.join(",")}`).toEqual(best);
}

describe("every placement of tiny worlds", () => {
  const size = WORLDS / CHUNKS;
  it.each(Array.from({ length: CHUNKS }, (_, i) => i * size))(
    "auto equals the enumeration, worlds %i and on",
    async (from) => {
      for (let seed = from + 1; seed <= from + size; seed++) await compare(seed, featuresOf(seed), "auto");
    },
  );
  it.each([5000, 5050])("highs alone equals it, worlds %i and on", async (from) => {
    for (let seed = from; seed < from + 50; seed++) await compare(seed, featuresOf(seed), "highs");
  });
  it.each(FEATURES.map((f) => [f] as const))("with %s alone", async (feature) => {
    for (let seed = 9000; seed < 9012; seed++) await compare(seed, [feature], "auto");
  });
});
