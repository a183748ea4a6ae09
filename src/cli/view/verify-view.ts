import type { VerifyReport } from "@apportion/solver";
import type { Output } from "../context.ts";
import { renderTable } from "./table.ts";
import { decimal } from "./text.ts";

const MAX_SHOWN = 100;

/** The verdict and every violated statement; ends in a newline. */
export function verifyView(report: VerifyReport, out: Output): string {
  const checked = report.bounds.filter((bound) => bound.checked).length;
  const bounds = `${checked} of ${report.bounds.length} bounds recomputed`;
  const searched = report.bounds.length - checked;
  const rest = searched > 0 ? `, ${searched} shown by a search only` : "";
  if (report.ok) return `ok: feasible, levels and objective as stated, ${bounds}${rest}\n`;
  const rows = report.findings
    .slice(0, MAX_SHOWN)
    .map((finding) => [finding.subject, finding.message, value(finding.expected), value(finding.actual)]);
  const table = renderTable(
    [
      { title: "subject", shrinkTo: 14 },
      { title: "finding", shrinkTo: 20 },
      { title: "expected", shrinkTo: 8 },
      { title: "in the plan", shrinkTo: 8 },
    ],
    rows,
    out.columns || 80,
  );
  const more = report.findings.length > MAX_SHOWN ? `\n  and ${report.findings.length - MAX_SHOWN} more` : "";
  return `failed: ${report.findings.length} findings, ${bounds}${rest}\n${table}${more}\n`;
}

function value(of: number | string): string {
  return typeof of === "number" ? decimal(of, 6) : of;
}
