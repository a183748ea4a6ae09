import { styleText } from "node:util";
import type { GetStatusResponse, LivePlan, VariantStatus } from "../../gen/apportion/v1/live.ts";
import type { Output } from "../context.ts";
import { type Row, renderTable } from "../view/table.ts";
import { decimal, gapText, milliseconds, percent, printable } from "../view/text.ts";

const FALLBACK_WIDTH = 80;
const MAX_WIDTH = 160;
const MAX_SHOWN = 60;

export function modeText(plan: LivePlan): string {
  return plan.mode.replace("MODE_", "").toLowerCase();
}

/** The running fleet on one page. */
export function statusView(response: GetStatusResponse, nowMs: number, out: Output): string {
  const width = Math.min(MAX_WIDTH, out.columns || FALLBACK_WIDTH);
  const { plan } = response;
  if (plan === undefined) return "no plan yet\n";
  const heading = (text: string): string => styleText("bold", text, { stream: out });
  const parts = [headline(response, plan, nowMs)];
  if (plan.heldBecause !== "") parts.push(styleText("yellow", printable(`held: ${plan.heldBecause}`), { stream: out }));
  if (plan.proposedRevision !== undefined) {
    parts.push(`plan ${plan.proposedRevision} waits: apportion approve ${plan.proposedRevision} --reason …`);
  }
  for (const warning of response.warnings) {
    parts.push(styleText("yellow", printable(`warning: ${warning}`), { stream: out }));
  }
  parts.push("", heading("Workloads"), workloads(plan, width), "", heading("Variants"), variants(plan.variants, width));
  if (plan.steps.length > 0) parts.push("", heading("Steps"), ...plan.steps.map((step) => `  ${printable(step)}`));
  return `${parts.join("\n")}\n`;
}

function headline(response: GetStatusResponse, plan: LivePlan, nowMs: number): string {
  const objective = plan.plan?.objective;
  const age =
    plan.plannedAt === undefined ? "" : `, ${milliseconds(Math.max(0, nowMs - plan.plannedAt.getTime()))} ago`;
  const cost = objective === undefined ? "" : `, cost ${decimal(objective.primal)}/h, gap ${gapText(objective.gap)}`;
  const leader = response.leader ? "this replica leads" : `${response.leaderIdentity || "nobody"} leads`;
  return printable(`plan ${plan.revision} (${modeText(plan)})${age}${cost}; ${leader}`);
}

function workloads(plan: LivePlan, width: number): string {
  const all = plan.plan?.workloads ?? [];
  const shown = all.length <= MAX_SHOWN ? all : all.filter((workload) => workload.reason).slice(0, MAX_SHOWN);
  const rows = shown.flatMap((workload): Row[] => {
    const cells = [workload.name, percent(workload.attainment)];
    return workload.reason ? [cells, { note: workload.reason.sentence }] : [cells];
  });
  const table = renderTable(
    [
      { title: "workload", shrinkTo: 12 },
      { title: "served", align: "right" },
    ],
    rows,
    width,
  );
  return all.length === shown.length
    ? table
    : `${table}\n  and ${all.length - shown.length} more; --format json has all`;
}

function variants(all: readonly VariantStatus[], width: number): string {
  const moving = (variant: VariantStatus): boolean =>
    variant.current !== variant.desired || variant.ready !== variant.desired || variant.failing > 0;
  const shown = all.length <= MAX_SHOWN ? all : all.filter(moving).slice(0, MAX_SHOWN);
  const number = { align: "right" } as const;
  const table = renderTable(
    [
      { title: "variant", shrinkTo: 12 },
      { title: "pool", shrinkTo: 6 },
      { title: "current", ...number },
      { title: "desired", ...number },
      { title: "ready", ...number },
      { title: "starting", ...number },
      { title: "pending", ...number },
      { title: "failing", ...number },
      { title: "reason", shrinkTo: 8 },
    ],
    shown.map((variant) => [
      variant.name,
      variant.pool,
      ...[variant.current, variant.desired, variant.ready, variant.starting, variant.pending, variant.failing].map(
        String,
      ),
      variant.reasonCode,
    ]),
    width,
  );
  return all.length === shown.length ? table : `${table}\n  and ${all.length - shown.length} more, at rest`;
}
