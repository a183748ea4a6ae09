import { type PlanReplicas, planCounts } from "./plan-counts.ts";

export interface PlanDifference {
  costPerHourBefore: number;
  costPerHourAfter: number;
  attainments: { workload: string; before: number; after: number }[];
  replicas: { variant: string; before: number; after: number }[];
}

/** What a difference needs of a plan: the solver's, or one read from a message. */
interface ComparedPlan extends PlanReplicas {
  objective?: { primal: number } | undefined;
  workloads: readonly (PlanReplicas["workloads"][number] & { name: string; attainment: number })[];
}

/** Attainments closer than this are the same. */
const SAME = 1e-9;

/** What is different between two plans, by name. */
export function planDifference(before: ComparedPlan, after: ComparedPlan): PlanDifference {
  const [served, servedAfter] = [attainmentsOf(before), attainmentsOf(after)];
  const [replicas, replicasAfter] = [planCounts(before), planCounts(after)];
  return {
    costPerHourBefore: before.objective?.primal ?? 0,
    costPerHourAfter: after.objective?.primal ?? 0,
    attainments: names(served, servedAfter)
      .map((workload) => ({ workload, before: served.get(workload) ?? 0, after: servedAfter.get(workload) ?? 0 }))
      .filter((entry) => Math.abs(entry.after - entry.before) > SAME),
    replicas: names(replicas, replicasAfter)
      .map((variant) => ({ variant, before: replicas.get(variant) ?? 0, after: replicasAfter.get(variant) ?? 0 }))
      .filter((entry) => entry.before !== entry.after),
  };
}

function attainmentsOf(plan: ComparedPlan): Map<string, number> {
  return new Map(plan.workloads.map((workload) => [workload.name, workload.attainment]));
}

function names(a: ReadonlyMap<string, unknown>, b: ReadonlyMap<string, unknown>): string[] {
  return [...new Set([...a.keys(), ...b.keys()])].sort();
}
