import type { Plan } from "@apportion/solver";

/** What counts need of a plan: the solver's, or one read from a message. */
export interface PlanReplicas {
  workloads: readonly { variants: readonly { name: string; replicas: number }[] }[];
}

/** Replicas of every variant in a plan. */
export function planCounts(plan: PlanReplicas): Map<string, number> {
  return new Map(
    plan.workloads.flatMap((workload) => workload.variants.map(({ name, replicas }) => [name, replicas] as const)),
  );
}

/** Variants whose floors a plan names as not to be kept. */
export function conflictingVariants(plan: Plan): Set<string> {
  return new Set(plan.conflicts.flatMap((conflict) => conflict.variants));
}
