import type { Plan } from "../plan/types.ts";
import { closeTo, type Findings, REPORT_TOLERANCE } from "./findings.ts";
import type { Stage } from "./stages.ts";
import type { World } from "./world.ts";

/** (primal − bound) / |primal|; 0 where equal. */
function gapOf(primal: number, bound: number): number {
  if (bound === primal) return 0;
  return (primal - bound) / Math.abs(primal);
}

/** Primal, bound and gap of the last stage: cost, or under `penalty` the whole objective. */
export function checkObjective(world: World, stages: Stage[], plan: Plan, findings: Findings): void {
  const { name, primal, bound, gap } = plan.objective;
  const wanted = world.problem.objective;
  if (name !== wanted) findings.add("objective.name", "is not the objective of the problem", wanted, String(name));
  const last = stages[stages.length - 1]!;
  findings.near("objective.primal", "is not what the replicas cost", last.reached, primal);
  findings.finite("objective.bound", bound);
  findings.atMost("objective.bound", "is above the primal", primal, bound);
  const entry = plan.certificate.find((e) => e.stage === last.name);
  if (entry && !closeTo(entry.bound, bound))
    findings.add("objective.bound", "is not that of the certificate", entry.bound, bound);
  const implied = gapOf(primal, bound);
  if (!(gap >= implied - REPORT_TOLERANCE * 1e-3))
    findings.add("objective.gap", "is smaller than the true one", implied, gap);
  else if (Number.isFinite(implied))
    findings.near("objective.gap", "does not follow from primal and bound", Math.max(0, implied), gap);
  if (plan.status === "optimal" && !(gap <= REPORT_TOLERANCE))
    findings.add("status", "is optimal with a gap that is open", `<= ${REPORT_TOLERANCE}`, gap);
}
