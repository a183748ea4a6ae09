import type { ReplaySummary } from "../../app/replay/summary.ts";
import { estimateText, share } from "./replay-table.ts";
import { escapeHtml, svgLines } from "./svg-lines.ts";
import { milliseconds, printable } from "./text.ts";

/** Colours that people with any colour vision tell apart (Okabe and Ito). */
const COLORS = ["#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#7f7f7f", "#56b4e9"];

/** A page that opens from a file: tables and charts, without script and without anything from elsewhere. */
export function replayReport(file: string, summaries: readonly ReplaySummary[]): string {
  const name = escapeHtml(printable(file));
  const [first] = summaries;
  const seeds = first?.seeds.length ?? 0;
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>Replay of ${name}</title>
<style>${STYLE}</style>
</head>
<body>
<h1>Replay of ${name}</h1>
<p>${seeds} ${seeds === 1 ? "seed" : "seeds: means with 95 % confidence intervals"}. Charts: seed ${first?.seeds[0] ?? ""}. The clairvoyant knows the next minute and
starts replicas at once: it is no controller but what there is to win.</p>
${table(overviewHead(summaries), summaries.map(overviewRow))}
${charts(summaries)}
${(first?.classes ?? []).map(({ name: className }) => classSection(summaries, className)).join("\n")}
</body>
</html>
`;
}

const STYLE = `:root{color-scheme:light dark}body{font:15px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem}
table{border-collapse:collapse;margin:1rem 0;font-variant-numeric:tabular-nums}th,td{padding:.2rem .7rem;text-align:right;border-bottom:1px solid #8884}td{white-space:nowrap}
th:first-child,td:first-child{text-align:left}figure{margin:1.5rem 0}svg{width:100%;height:auto}svg text{font-size:11px;fill:currentColor}
svg path{fill:none;stroke-width:1.8}.grid{stroke:#8884}.legend span{margin-right:1rem}.legend i{display:inline-block;width:1rem;height:.3rem;margin-right:.3rem;vertical-align:middle}`;

function overviewHead(summaries: readonly ReplaySummary[]): string[] {
  const classes = summaries[0]?.classes.map(({ name }) => `${name} in SLO`) ?? [];
  return ["controller", ...classes, "cost", "device hours", "starts", "stops", "pending replica hours"];
}

function overviewRow(summary: ReplaySummary): string[] {
  const { controller, classes, cost, deviceHours, starts, stops, pendingReplicaHours } = summary;
  return [
    controller,
    ...classes.map(({ insideSlo }) => share(insideSlo)),
    estimateText(cost, 1),
    estimateText(deviceHours, 1),
    estimateText(starts, 0),
    estimateText(stops, 0),
    estimateText(pendingReplicaHours, 2),
  ];
}

function charts(summaries: readonly ReplaySummary[]): string {
  const lines = (value: (point: ReplaySummary["minutes"][number]) => number) =>
    summaries.map(({ controller, minutes }, i) => ({
      name: controller,
      color: COLORS[i % COLORS.length]!,
      values: minutes.map(value),
    }));
  const requests = summaries[0]?.minutes.map((minute) => minute.requests / 60) ?? [];
  return [
    svgLines({
      title: "Requests",
      unit: "per second",
      lines: [{ name: "all workloads", color: COLORS[0]!, values: requests }],
    }),
    svgLines({ title: "Devices held", unit: "devices", lines: lines(({ devices }) => devices) }),
    svgLines({
      title: "Requests inside their SLO",
      unit: "% of those that came in the minute",
      lines: lines((minute) => (100 * minute.inside) / minute.requests),
      top: 100,
    }),
  ].join("\n");
}

function classSection(summaries: readonly ReplaySummary[], name: string): string {
  const head = [
    "controller",
    "in SLO",
    "lowest workload",
    "TTFT p50",
    "p95",
    "p99",
    "TPOT p50",
    "p95",
    "p99",
    "unanswered",
  ];
  const rows = summaries.map(({ controller, classes }) => {
    const own = classes.find((entry) => entry.name === name)!;
    const times = [own.ttftMs, own.tpotMs].flatMap(({ p50, p95, p99 }) => [p50, p95, p99]);
    return [
      controller,
      share(own.insideSlo),
      share(own.lowestWorkload),
      ...times.map(({ mean }) => (Number.isFinite(mean) ? milliseconds(mean) : "never")),
      estimateText(own.unanswered, 0),
    ];
  });
  return `<h2>${escapeHtml(printable(name))}</h2>\n${table(head, rows)}`;
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const cells = (tag: "th" | "td", row: readonly string[]) =>
    `<tr>${row.map((cell) => `<${tag}>${escapeHtml(printable(cell))}</${tag}>`).join("")}</tr>`;
  return `<table><thead>${cells("th", head)}</thead><tbody>${rows.map((row) => cells("td", row)).join("\n")}</tbody></table>`;
}
