import type { PlacementProblem, Plan, WorkloadPlan } from "@apportion/solver";
import { type Row, renderTable } from "./table.ts";
import { percent } from "./text.ts";

/** What a person reads on one page; a larger fleet shows its short workloads only. */
const MAX_SHOWN = 40;

/** Workloads by priority and name: what each gets, with which replicas, and below it why it is not all. */
export function workloadsTable(problem: PlacementProblem, plan: Plan, width: number): string {
  const priorityOf = new Map(problem.workloads.map((workload) => [workload.name, workload.priority]));
  const priority = (workload: WorkloadPlan): number => priorityOf.get(workload.name) ?? 0;
  const sorted = [...plan.workloads].sort((a, b) => priority(a) - priority(b) || (a.name < b.name ? -1 : 1));
  const short = sorted.filter((workload) => workload.reason !== undefined);
  const shown = (sorted.length <= MAX_SHOWN ? sorted : short).slice(0, MAX_SHOWN);
  const rows = shown.flatMap((workload): Row[] => {
    const cells = [workload.name, String(priority(workload)), percent(workload.attainment), replicas(workload)];
    return workload.reason ? [cells, { note: workload.reason.sentence + cure(workload) }] : [cells];
  });
  const table = renderTable(
    [
      { title: "workload", shrinkTo: 8 },
      { title: "priority", align: "right" },
      { title: "served", align: "right" },
      { title: "replicas", shrinkTo: 8 },
    ],
    rows,
    width,
  );
  const rest = sorted.length - shown.length;
  if (rest === 0) return table;
  const hiddenShort = short.length - (sorted.length <= MAX_SHOWN ? 0 : shown.length);
  return `${table}\n  and ${rest} more, ${hiddenShort} of them short; --format json has all`;
}

function replicas(workload: WorkloadPlan): string {
  const running = workload.variants.filter((variant) => variant.replicas > 0);
  return running.map((variant) => `${variant.name} ×${variant.replicas}`).join(", ") || "none";
}

/** Where cures were searched in vain the sentence does not say so. */
function cure(workload: WorkloadPlan): string {
  return workload.reason?.cure === null ? "; no addition to one pool that was tried lifts it" : "";
}
