import { type Plan, type Progress, type SolveOptions, solve } from "../src/index.ts";
import type { PlacementProblem } from "../src/problem/types.ts";
import type { Outcome } from "./job.ts";
import { ladderMs, proofsOf } from "./proofs.ts";
import { countsOf, servedByClass } from "./quality.ts";
import { finite } from "./trajectory.ts";

export interface Measured {
  plan: Plan;
  ms: number;
  events: Progress[];
}

/** One call of `solve`, its wall time and all that it reported on the way. */
export async function timed(problem: PlacementProblem, options: SolveOptions): Promise<Measured> {
  const events: Progress[] = [];
  const start = performance.now();
  const plan = await solve(problem, { ...options, onProgress: (p) => events.push(p) });
  return { plan, ms: performance.now() - start, events };
}

/** Peak of the whole process, the problem and this runtime included: what a machine must have. */
export function peakRssMib(): number {
  return Math.round(process.resourceUsage().maxRSS / 1024);
}

export function outcomeOf(problem: PlacementProblem, { plan, ms, events }: Measured): Outcome {
  const own = events.filter((e) => e.stage === "penalty");
  return {
    ms,
    plan: plan.objective.primal,
    bound: plan.objective.bound,
    gap: plan.objective.gap,
    proved: plan.status === "optimal",
    rssMib: peakRssMib(),
    trajectory: [
      ...own.map((e) => ({ ms: e.elapsedMs, plan: finite(e.incumbent), bound: finite(e.bound) })),
      { ms, plan: plan.objective.primal, bound: plan.objective.bound },
    ],
    served: servedByClass(problem, countsOf(problem, plan)),
    proofs: proofsOf(problem, plan, events, ms),
    ladderMs: ladderMs(plan, events, ms),
  };
}
