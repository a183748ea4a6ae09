import type { Plan } from "@apportion/solver";
import { planCounts } from "./plan-counts.ts";

export interface PlanDifference {
  costPerHourBefore: number;
  costPerHourAfter: number;
  attainments: { workload: string; before: number; after: number }[];
  replicas: { variant: string; before: number; after: number }[];
}

/** Attainments closer than this are the same. */
const SAME = 1e-9;

/** What is different between two plans, by name. */
export function planDifference(before: Plan, after: Plan): PlanDifference {
  const [served, servedAfter] = [attainmentsOf(before), attainmentsOf(after)];
  const [replicas, replicasAfter] = [planCounts(before), planCounts(after)];
  return {
    costPerHourBefore: before.objective.primal,
    costPerHourAfter: after.objective.primal,
    attainments: names(served, servedAfter)
      .map((workload) => ({ workload, before: served.get(workload) ?? 0, after: servedAfter.get(workload) ?? 0 }))
      .filter((entry) => Math.abs(entry.after - entry.before) > SAME),
    replicas: names(replicas, replicasAfter)
      .map((variant) => ({ variant, before: replicas.get(variant) ?? 0, after: replicasAfter.get(variant) ?? 0 }))
      .filter((entry) => entry.before !== entry.after),
  };
}

function attainmentsOf(plan: Plan): Map<string, number> {
  return new Map(plan.workloads.map((workload) => [workload.name, workload.attainment]));
}

function names(a: ReadonlyMap<string, unknown>, b: ReadonlyMap<string, unknown>): string[] {
  return [...new Set([...a.keys(), ...b.keys()])].sort();
}
