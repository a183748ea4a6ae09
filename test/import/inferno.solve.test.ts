import { type Plan, parseProblem, solve, verify } from "@apportion/solver";
import { expect, test } from "vitest";
import { importInferno } from "../../src/import/inferno/import.ts";
import { snapshotToProblem } from "../../src/plan/snapshot-to-problem.ts";
import { INFERNO_FIXTURES, type InfernoFixture, optimum } from "./inferno-fixture.ts";

/** The margin on cost. */
const COST_MARGIN = 1.001;
/** The references round served requests to 32-bit floats. */
const SERVED_TOLERANCE = 1e-6;
/** Proving the last 0.1 % of cost takes seconds; under scarcity the targets are passed long before anything is proved. */
const PROOF_LIMIT_MS = 60_000;
const SCARCE_LIMIT_MS = 15_000;

/** What full service costs at most, where HiGHS found it possible: several accelerators for each server, else one. */
function fullServiceCost(fixture: InfernoFixture): number | undefined {
  const several = fixture.optimum_highs.hetero_full_min_cost;
  const reference = several === undefined ? "single_full_min_cost" : "hetero_full_min_cost";
  return optimum(fixture, reference)?.cost ?? undefined;
}

/** Requests per minute by priority that the plan must serve at least, where full service is not possible. */
function servedTargets(fixture: InfernoFixture): Record<string, number> {
  const partial = optimum(fixture, "single_lexicographic_partial_replicas")?.served_rpm_by_priority;
  if (partial !== undefined) return partial;
  const best: Record<string, number> = {};
  for (const { policy, served_rpm_by_priority: served } of fixture.inferno_stats) {
    if (policy === "Unlimited") continue;
    for (const [priority, rate] of Object.entries(served)) best[priority] = Math.max(best[priority] ?? 0, rate);
  }
  return best;
}

async function solved(fixture: InfernoFixture) {
  const imported = importInferno(fixture);
  if (!imported.ok) throw new Error(JSON.stringify(imported.violations));
  const parsed = parseProblem(snapshotToProblem(imported.value.snapshot).problem);
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.violations));
  const timeLimitMs = fullServiceCost(fixture) === undefined ? SCARCE_LIMIT_MS : PROOF_LIMIT_MS;
  const plan = await solve(parsed.problem, { timeLimitMs, gap: 1e-4 });
  expect(verify(parsed.problem, plan).findings).toEqual([]);
  return { problem: parsed.problem, plan };
}

function costOf(plan: Plan, costs: ReadonlyMap<string, number>): number {
  const variants = plan.workloads.flatMap((workload) => workload.variants);
  return variants.reduce((sum, variant) => sum + variant.replicas * (costs.get(variant.name) ?? 0), 0);
}

test.each(INFERNO_FIXTURES.map((fixture) => [fixture.name, fixture] as const))(
  "%s",
  async (_name, fixture) => {
    const { problem, plan } = await solved(fixture);
    const attainments = new Map(plan.workloads.map((workload) => [workload.name, workload.attainment]));
    const target = fullServiceCost(fixture);
    if (target !== undefined) {
      for (const [name, attainment] of attainments) expect(attainment, name).toBeGreaterThanOrEqual(1 - 1e-7);
      const variants = problem.workloads.flatMap((workload) => workload.variants);
      const cost = costOf(plan, new Map(variants.map((variant) => [variant.name, variant.costPerHour])));
      expect(cost).toBeLessThanOrEqual(target * COST_MARGIN);
      return;
    }
    const served: Record<string, number> = {};
    for (const workload of problem.workloads) {
      const rate = (attainments.get(workload.name) ?? 0) * workload.demandPerSecond * 60;
      served[workload.priority] = (served[workload.priority] ?? 0) + rate;
    }
    for (const [priority, rate] of Object.entries(servedTargets(fixture))) {
      expect(served[priority], `priority ${priority}`).toBeGreaterThanOrEqual(rate * (1 - SERVED_TOLERANCE));
    }
  },
  PROOF_LIMIT_MS + 30_000,
);
