import { expect } from "vitest";
import type { PlacementProblem, Plan, SolveOptions, WorkloadPlan } from "../../src/index.ts";
import { solve, verify } from "../../src/index.ts";

/** A plan that the independent checker has accepted. */
export async function solved(problem: PlacementProblem, options: SolveOptions = {}): Promise<Plan> {
  const plan = await solve(problem, options);
  expect(verify(problem, plan).findings).toEqual([]);
  return plan;
}

/** As `solved`, and proved to the end. */
export async function optimum(problem: PlacementProblem, options: SolveOptions = {}): Promise<Plan> {
  const plan = await solved(problem, { timeLimitMs: 30_000, ...options });
  expect(plan.status).toBe("optimal");
  return plan;
}

export function planOf(plan: Plan, workload: string): WorkloadPlan {
  const found = plan.workloads.find((w) => w.name === workload);
  if (!found) throw new Error(`the plan has no workload ${workload}`);
  return found;
}

/** Replicas by variant. */
export function replicasOf(plan: Plan): Record<string, number> {
  return Object.fromEntries(plan.workloads.flatMap((w) => w.variants.map((v) => [v.name, v.replicas])));
}

/** Attainment by workload, to 6 places. */
export function attainmentsOf(plan: Plan): Record<string, number> {
  return Object.fromEntries(plan.workloads.map((w) => [w.name, Math.round(w.attainment * 1e6) / 1e6]));
}

/** The bytes of a plan, apart from the time it took. */
export function bytesOf(plan: Plan): string {
  return JSON.stringify(plan, (key, value) => (key === "elapsedMs" ? undefined : value));
}
