import type { Plan } from "../plan/types.ts";
import { type Base, costOfWorkload } from "./base.ts";
import { runningAt } from "./changes.ts";
import type { Round } from "./quick-round.ts";

/** The base after a round: what was planned runs. The base before must not be used again. */
export function committed(base: Base, round: Round, plan: Plan): Base {
  const { changed, moved, x, a, cost, used, reached } = round;
  const problem = { ...changed.problem, workloads: changed.problem.workloads.slice() };
  const instance = { ...changed.instance, problem, variants: changed.instance.variants.slice() };
  for (const m of moved) {
    const counts = new Map<string, number>();
    for (const v of instance.workloads[m]!.variants) {
      instance.variants[v] = { ...instance.variants[v]!, current: x[v]! };
      counts.set(instance.variants[v]!.name, x[v]!);
    }
    const at = base.positionOf[m]!;
    problem.workloads[at] = runningAt(problem.workloads[at]!, (name) => counts.get(name));
    cost[m] = costOfWorkload(instance, m, x);
  }
  round.values.forEach((values, at) => {
    for (const [m, value] of values) base.least[at]![m] = value;
  });
  return { ...base, problem, instance, goals: changed.goals, plan, x, a, cost, used, reached, moved };
}
