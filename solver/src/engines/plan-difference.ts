import type { Plan, WorkloadPlan } from "../plan/types.ts";

/** A plan beside one that both threads have: workloads that the two share are left out. */
export interface PlanDifference {
  /** All of the plan but its workloads. */
  plan: Plan;
  workloads: WorkloadPlan[];
  /** Their positions; undefined: all of them, in order. */
  positions?: Int32Array;
}

/** What of `plan` is not the very same object in `before`. */
export function differenceOf(plan: Plan, before: Plan | undefined): PlanDifference {
  const rest = { ...plan, workloads: [] };
  if (before?.workloads.length !== plan.workloads.length) return { plan: rest, workloads: plan.workloads };
  const positions: number[] = [];
  plan.workloads.forEach((w, i) => {
    if (w !== before.workloads[i]) positions.push(i);
  });
  const workloads = positions.map((i) => plan.workloads[i]!);
  return { plan: rest, workloads, positions: Int32Array.from(positions) };
}

/** The plan; it shares workloads with `before`. */
export function planFrom({ plan, workloads, positions }: PlanDifference, before: Plan | undefined): Plan {
  if (!positions) return { ...plan, workloads };
  const all = before!.workloads.slice();
  positions.forEach((at, i) => {
    all[at] = workloads[i]!;
  });
  return { ...plan, workloads: all };
}
