import type { PlacementProblem, Plan } from "@apportion/solver";
import { renderTable } from "./table.ts";
import { percent } from "./text.ts";

/** Level and bound of each class, and how many of its workloads are short. */
export function classesTable(problem: PlacementProblem, plan: Plan, width: number): string {
  const priorityOf = new Map(problem.workloads.map((workload) => [workload.name, workload.priority]));
  const rows = plan.classes.map((report) => {
    const members = plan.workloads.filter((workload) => priorityOf.get(workload.name) === report.priority);
    const short = members.filter((workload) => workload.reason !== undefined).length;
    return [
      String(report.priority),
      report.rule,
      percent(report.level),
      percent(report.levelBound),
      `${short} of ${members.length}`,
    ];
  });
  return renderTable(
    [
      { title: "priority", align: "right" },
      { title: "rule", shrinkTo: 6 },
      { title: "level", align: "right" },
      { title: "at most", align: "right" },
      { title: "short", align: "right" },
    ],
    rows,
    width,
  );
}
