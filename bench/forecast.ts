/**
 * Forecasts of demand on the held-out part of a production trace and of made streams, against the last value with its own residual quantile.
 *
 *   node bench/forecast.ts [--series 0,1,2] [--quantiles 0.5,0.9,0.95,0.99]
 */
import { parseArgs } from "node:util";
import { type Judged, judge } from "./forecast/judge.ts";
import { allSeries } from "./forecast/series.ts";

const { values } = parseArgs({
  options: {
    series: { type: "string", default: "0,1,2,3,4,5" },
    quantiles: { type: "string", default: "0.5,0.9,0.95,0.99" },
  },
});
const chosen = values.series.split(",").map(Number);
const quantiles = values.quantiles.split(",").map(Number);
const HORIZONS_MS = [60_000, 120_000, 180_000];

console.log(
  "| series | horizon | demand | quantile | loss | of last value | ratio | covered | by last value | most by |",
);
console.log("| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |");
const started = process.cpuUsage();
let forecasts = 0;
for (const series of allSeries().filter((_, i) => chosen.includes(i))) {
  const rows = quantiles.flatMap((quantile) => judge(series, HORIZONS_MS, quantile));
  rows.sort((a, b) => a.target.localeCompare(b.target) * -1 || a.horizonMs - b.horizonMs || a.quantile - b.quantile);
  for (const row of rows) console.log(shownRow(series.name, row));
  forecasts += rows.reduce((sum, row) => sum + [...row.models.values()].reduce((a, b) => a + b, 0), 0);
  const mean = Math.exp(rows.reduce((sum, row) => sum + Math.log(row.loss / row.lastLoss), 0) / rows.length);
  console.error(`${series.name}: geometric mean of the ratios ${mean.toFixed(3)}`);
}
const { user, system } = process.cpuUsage(started);
console.error(`${forecasts} forecasts judged, ${((user + system) / 1e6).toFixed(1)} s of CPU`);

function shownRow(name: string, row: Judged): string {
  const most = [...row.models].sort((a, b) => b[1] - a[1])[0]![0];
  const cells = [
    name,
    `${row.horizonMs / 60_000} min`,
    row.target === "value" ? "at it" : "peak until",
    String(row.quantile),
    row.loss.toPrecision(3),
    row.lastLoss.toPrecision(3),
    (row.loss / row.lastLoss).toFixed(2),
    `${(100 * row.coverage).toFixed(1)} %`,
    `${(100 * row.lastCoverage).toFixed(1)} %`,
    most,
  ];
  return `| ${cells.join(" | ")} |`;
}
