import type { PlanDifference } from "../../gen/apportion/v1/override.ts";
import type { Output } from "../context.ts";
import { renderTable } from "../view/table.ts";
import { decimal, percent } from "../view/text.ts";

const FALLBACK_WIDTH = 80;

/** Two plans beside each other: money, who gets more or less, what starts and stops. */
export function differenceView(difference: PlanDifference, out: Output): string {
  const width = out.columns || FALLBACK_WIDTH;
  const { costPerHourBefore: before, costPerHourAfter: after, attainments, replicas } = difference;
  const change = after - before;
  const sign = change > 0 ? "+" : "";
  const lines = [`cost ${decimal(before)}/h → ${decimal(after)}/h (${sign}${decimal(change)}/h)`];
  if (attainments.length === 0) lines.push("no workload gets more or less");
  else {
    const rows = attainments.map((entry) => [entry.workload, percent(entry.before), percent(entry.after)]);
    lines.push(
      "",
      renderTable(
        [
          { title: "workload", shrinkTo: 12 },
          { title: "served now", align: "right" },
          { title: "then", align: "right" },
        ],
        rows,
        width,
      ),
    );
  }
  if (replicas.length > 0) {
    const rows = replicas.map((entry) => [entry.variant, String(entry.before), String(entry.after)]);
    lines.push(
      "",
      renderTable(
        [
          { title: "variant", shrinkTo: 12 },
          { title: "replicas now", align: "right" },
          { title: "then", align: "right" },
        ],
        rows,
        width,
      ),
    );
  }
  return `${lines.join("\n")}\n`;
}
