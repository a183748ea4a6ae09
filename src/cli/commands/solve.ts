import type { PlacementProblem, Plan, SolveOptions } from "@apportion/solver";
import type { CliContext } from "../context.ts";
import { loadProblem } from "../documents.ts";
import { EXIT_DONE, EXIT_NOT_MET } from "../exit.ts";
import { type Format, type SolveFlags, toSolveOptions } from "../solve-options.ts";
import { planView } from "../view/plan-view.ts";
import { progressLine } from "../view/progress-line.ts";

/** `apportion solve FILE` */
export async function runSolve(context: CliContext, file: string, flags: SolveFlags): Promise<number> {
  context.placement.warmUp();
  return solveAndPrint(context, await loadProblem(context, file), flags);
}

/** Solves and prints; exit code 1 where floors do not fit. The first interrupt asks for the best plan so far. */
export async function solveAndPrint(
  context: CliContext,
  problem: PlacementProblem,
  flags: SolveFlags,
): Promise<number> {
  const interrupted = new AbortController();
  const forget = context.onInterrupt(() => interrupted.abort());
  try {
    const plan = await solveWatched(context, problem, { ...toSolveOptions(flags), signal: interrupted.signal });
    printPlan(context, problem, plan, flags.format);
    return plan.status === "infeasible" ? EXIT_NOT_MET : EXIT_DONE;
  } finally {
    forget();
  }
}

/** Solves with a progress line on a terminal. */
export async function solveWatched(
  context: CliContext,
  problem: PlacementProblem,
  options: SolveOptions,
): Promise<Plan> {
  const line = progressLine(context.stderr);
  try {
    return await context.placement.solve(problem, { ...options, onProgress: line.update });
  } finally {
    line.clear();
  }
}

export function printPlan(context: CliContext, problem: PlacementProblem, plan: Plan, format: Format): void {
  const text = format === "json" ? `${JSON.stringify(plan, null, 2)}\n` : planView(problem, plan, context.stdout);
  context.stdout.write(text);
}
