import type { PlanDifference } from "../../gen/apportion/v1/override.ts";
import type { Plan } from "../../gen/apportion/v1/plan.ts";

/** Attainments closer than this are the same: both plans stop within their gaps. */
const SAME = 1e-9;

/** What is different between two plans of one fleet, by name. */
export function differenceOfPlans(before: Plan, after: Plan): PlanDifference {
  const servedBefore = new Map(before.workloads.map((workload) => [workload.name, workload.attainment]));
  const replicasBefore = replicasOf(before);
  const replicasAfter = replicasOf(after);
  return {
    costPerHourBefore: before.objective?.primal ?? 0,
    costPerHourAfter: after.objective?.primal ?? 0,
    attainments: after.workloads
      .map(({ name, attainment }) => ({ workload: name, before: servedBefore.get(name) ?? 0, after: attainment }))
      .filter((entry) => Math.abs(entry.after - entry.before) > SAME),
    replicas: [...replicasAfter]
      .map(([variant, replicas]) => ({ variant, before: replicasBefore.get(variant) ?? 0, after: replicas }))
      .filter((entry) => entry.before !== entry.after),
  };
}

function replicasOf(plan: Plan): Map<string, number> {
  return new Map(
    plan.workloads.flatMap((workload) => workload.variants.map(({ name, replicas }) => [name, replicas] as const)),
  );
}
