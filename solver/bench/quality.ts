import type { Plan } from "../src/plan/types.ts";
import type { PlacementProblem, Workload } from "../src/problem/types.ts";
import type { ServedClass } from "./job.ts";

/** Replicas by workload and variant, in the order of the problem: what every engine, ours or not, can be reduced to. */
export type Counts = number[][];

/** The objective is computed here once more, so that no engine is measured by its own word. */
export function penaltyOf(problem: PlacementProblem, counts: Counts): number {
  return problem.workloads.reduce((sum, w, m) => {
    const cost = w.variants.reduce((s, v, i) => {
      const n = counts[m]![i]!;
      return s + v.costPerHour * n + v.startCost * Math.max(0, n - v.currentReplicas);
    }, 0);
    return sum + cost + w.shedPenalty * (1 - attainmentOf(w, counts[m]!));
  }, 0);
}

function attainmentOf(w: Workload, counts: number[]): number {
  if (w.demandPerSecond === 0) return 1;
  const served = w.variants.reduce((s, v, i) => s + v.capacityPerSecond! * counts[i]!, 0);
  return Math.min(1, served / w.demandPerSecond);
}

/** What each class got, the most important class first. */
export function servedByClass(problem: PlacementProblem, counts: Counts): ServedClass[] {
  const sums = new Map<number, { asked: number; served: number }>();
  problem.workloads.forEach((w, m) => {
    const sum = sums.get(w.priority) ?? { asked: 0, served: 0 };
    sum.asked += w.weight * w.demandPerSecond;
    sum.served += w.weight * w.demandPerSecond * attainmentOf(w, counts[m]!);
    sums.set(w.priority, sum);
  });
  return [...sums]
    .sort(([p], [q]) => p - q)
    .map(([priority, s]) => ({ priority, requests: s.asked === 0 ? 1 : s.served / s.asked }));
}

export function countsOf(problem: PlacementProblem, plan: Plan): Counts {
  const byWorkload = new Map(plan.workloads.map((w) => [w.name, new Map(w.variants.map((v) => [v.name, v.replicas]))]));
  return problem.workloads.map((w) => w.variants.map((v) => byWorkload.get(w.name)?.get(v.name) ?? 0));
}
