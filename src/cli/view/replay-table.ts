import type { ClassSummary, Estimate, ReplaySummary } from "../../app/replay/summary.ts";
import { type Column, renderTable } from "./table.ts";
import { decimal, milliseconds } from "./text.ts";

const right = (title: string): Column => ({ title, align: "right" });

/** Two tables: what each controller reached and what it cost, and for each class the latencies behind it. */
export function replayTables(summaries: readonly ReplaySummary[], width: number): string {
  const classes = summaries[0]?.classes.map(({ name }) => name) ?? [];
  const overview = renderTable(
    [
      { title: "controller" },
      ...classes.map((name) => right(`${name} in SLO`)),
      ...["cost", "device h", "starts", "stops", "pending h"].map(right),
    ],
    summaries.map((summary) => [
      summary.controller,
      ...classes.map((name) => share(summary.classes.find((entry) => entry.name === name)!.insideSlo)),
      estimateText(summary.cost, 1),
      estimateText(summary.deviceHours, 1),
      estimateText(summary.starts, 0),
      estimateText(summary.stops, 0),
      estimateText(summary.pendingReplicaHours, 2),
    ]),
    width,
  );
  return `${overview}\n\n${classes.map((name) => classTable(summaries, name, width)).join("\n\n")}\n`;
}

function classTable(summaries: readonly ReplaySummary[], name: string, width: number): string {
  const rows = summaries.map(({ controller, classes }) => {
    const own = classes.find((entry) => entry.name === name)!;
    return [
      controller,
      share(own.insideSlo),
      share(own.lowestWorkload),
      share(own.insideTtft),
      share(own.insideTpot),
      latencies(own.ttftMs),
      latencies(own.tpotMs),
      estimateText(own.unanswered, 0),
    ];
  });
  return renderTable(
    [
      { title: name },
      ...["in SLO", "lowest", "TTFT ok", "TPOT ok", "TTFT p50/p95/p99", "TPOT p50/p95/p99", "unanswered"].map(right),
    ],
    rows,
    width,
  );
}

export function share({ mean, halfWidth }: Estimate): string {
  if (Number.isNaN(mean)) return "–";
  // Cut rather than rounded: what is below 1 never reads as 100 %.
  const points = (Math.floor(mean * 1000 + 1e-9) / 10).toFixed(1);
  return halfWidth === undefined ? `${points} %` : `${points} ± ${(halfWidth * 100).toFixed(1)} %`;
}

export function estimateText({ mean, halfWidth }: Estimate, digits: number): string {
  return halfWidth === undefined ? decimal(mean, digits) : `${decimal(mean, digits)} ± ${decimal(halfWidth, digits)}`;
}

function latencies({ p50, p95, p99 }: ClassSummary["ttftMs"]): string {
  return [p50, p95, p99].map(({ mean }) => (Number.isFinite(mean) ? milliseconds(mean) : "never")).join(" / ");
}
