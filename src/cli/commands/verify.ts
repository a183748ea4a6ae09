import type { CliContext } from "../context.ts";
import { loadPlan, loadProblem, refuseTwoStdins } from "../documents.ts";
import { EXIT_DONE, EXIT_NOT_MET } from "../exit.ts";
import type { Format } from "../solve-options.ts";
import { verifyView } from "../view/verify-view.ts";

/** `apportion verify PROBLEM PLAN`: exit code 1 and the violated statements where the plan does not hold. */
export async function runVerify(
  context: CliContext,
  problemFile: string,
  planFile: string,
  flags: { format: Format },
): Promise<number> {
  refuseTwoStdins(problemFile, planFile);
  const problem = await loadProblem(context, problemFile);
  const plan = await loadPlan(context, planFile);
  const report = context.placement.verify(problem, plan);
  context.stdout.write(
    flags.format === "json" ? `${JSON.stringify(report, null, 2)}\n` : verifyView(report, context.stdout),
  );
  return report.ok ? EXIT_DONE : EXIT_NOT_MET;
}
