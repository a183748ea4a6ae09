import type { EngineName, Plan, SolveOptions } from "../src/index.ts";
import type { PlacementProblem } from "../src/problem/types.ts";
import { diceOf, round3 } from "./fleets/dice.ts";
import type { Outcome } from "./job.ts";
import { countsOf } from "./quality.ts";
import { type Measured, outcomeOf, timed } from "./solved.ts";

/** A way to plan again after a change, with the plan before the change in hand. */
type Replan = (before: Plan, after: PlacementProblem, options: SolveOptions) => Promise<Measured>;

/** The ways that exist. `cold` forgets the plan before, but for what runs; `warm` starts from its prices and counts. */
export const WAYS: Record<string, Replan> = {
  cold: (_before, after, options) => timed(after, options),
  warm: (before, after, options) => timed(after, { ...options, previous: before }),
};

/** Demands of that share of the workloads move by up to ± 30 %; what runs now is what the plan said. */
export function changed(problem: PlacementProblem, before: Plan, share: number): PlacementProblem {
  const dice = diceOf(problem.workloads.length + 17);
  const counts = countsOf(problem, before);
  const moved = new Set(
    dice
      .shuffle(problem.workloads.map((_, m) => m))
      .slice(0, Math.max(1, Math.round(share * problem.workloads.length))),
  );
  return {
    ...problem,
    workloads: problem.workloads.map((w, m) => ({
      ...w,
      demandPerSecond: moved.has(m) ? round3(w.demandPerSecond * dice.between(0.7, 1.3)) : w.demandPerSecond,
      variants: w.variants.map((v, i) => ({ ...v, currentReplicas: counts[m]![i]! })),
    })),
  };
}

/** Plans, changes demands, plans again: the outcome is of the second plan. */
export async function replanned(
  problem: PlacementProblem,
  job: { engine: EngineName; limitMs: number; way: string; changedShare: number },
): Promise<Outcome> {
  const replan = WAYS[job.way];
  if (!replan) throw new Error(`no way to replan ${job.way}; there is ${Object.keys(WAYS).join(", ")}`);
  const options: SolveOptions = { engine: job.engine, timeLimitMs: job.limitMs };
  const before = await timed(problem, options);
  const after = changed(problem, before.plan, job.changedShare);
  return outcomeOf(after, await replan(before.plan, after, options));
}
