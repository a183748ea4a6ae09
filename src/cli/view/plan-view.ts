import { styleText } from "node:util";
import type { PlacementProblem, Plan, PlanStatus } from "@apportion/solver";
import type { Output } from "../context.ts";
import { classesTable } from "./classes-table.ts";
import { poolsTable } from "./pools-table.ts";
import { decimal, gapText, milliseconds, printable, wrap } from "./text.ts";
import { workloadsTable } from "./workloads-table.ts";

const FALLBACK_WIDTH = 80;
/** Wider lines are hard to follow with the eye. */
const MAX_WIDTH = 160;

/** The plan as text for people, as wide as `out` is; ends in a newline. */
export function planView(problem: PlacementProblem, plan: Plan, out: Output): string {
  const width = Math.min(MAX_WIDTH, out.columns || FALLBACK_WIDTH);
  const heading = (text: string): string => styleText("bold", text, { stream: out });
  const parts = [
    summary(plan, width, out),
    heading("Classes"),
    classesTable(problem, plan, width),
    "",
    heading("Workloads"),
    workloadsTable(problem, plan, width),
    "",
    heading("Pools"),
    poolsTable(plan, width),
  ];
  if (plan.conflicts.length > 0) parts.push("", heading("Conflicts"), conflicts(plan, width));
  return `${parts.join("\n")}\n`;
}

const STATUS_STYLE: Record<PlanStatus, "green" | "yellow" | "red"> = {
  optimal: "green",
  feasible: "yellow",
  infeasible: "red",
};

function summary(plan: Plan, width: number, out: Output): string {
  const { objective } = plan;
  const full = plan.workloads.filter((workload) => workload.reason === undefined).length;
  const name = objective.name === "penalty" ? "cost and penalties" : "cost";
  const facts = [
    `${name} ${decimal(objective.primal)}/h`,
    `at least ${decimal(objective.bound)}/h (gap ${gapText(objective.gap)})`,
    `${full} of ${plan.workloads.length} workloads get all they ask for`,
    `engine ${plan.engine}`,
    milliseconds(plan.elapsedMs),
  ];
  if (plan.stoppedAt !== undefined) facts.push(`stopped at ${printable(plan.stoppedAt)}`);
  const status = styleText(STATUS_STYLE[plan.status], plan.status, { stream: out });
  return `${wrap(`${status}: ${facts.join(", ")}`, width).join("\n")}\n`;
}

function conflicts(plan: Plan, width: number): string {
  return plan.conflicts
    .flatMap((conflict) => {
      const names = [...conflict.workloads, ...conflict.variants.filter((name) => !conflict.workloads.includes(name))];
      const where = conflict.pool === "" ? "" : ` on ${conflict.pool}`;
      const numbers = `${decimal(conflict.asked)} asked, ${decimal(conflict.available)} available`;
      return wrap(printable(`${conflict.rule}${where}: ${numbers}; ${names.join(", ")}`), width - 2);
    })
    .map((line) => `  ${line}`)
    .join("\n");
}
