import { type LogScale, logScale } from "../../solver/bench/plot/log-scale.ts";
import { documentOf, element, label, line } from "../../solver/bench/plot/svg.ts";
import type { AnalyzerName, Verdict } from "./judge.ts";

const WIDTH = 1080;
const HEIGHT = 480;
const PANEL = { top: 92, width: 440, height: 300 };
const LEFT = [80, 600];
const RATES: [number, number] = [0.1, 10];
const MISSES: [number, number] = [0.01, 100];
const COLOURS: Record<AnalyzerName, string> = {
  continuous: "#0b6e4f",
  D1: "#c1440e",
  D2: "#7a3db8",
  D3: "#1f6fb2",
};

function axes(left: number, x: LogScale, y: LogScale): string[] {
  const { top, width, height } = PANEL;
  const bottom = top + height;
  const grid = (value: number) => ({ stroke: value === 1 ? "#909090" : "#e4e4e4" });
  return [
    ...x.ticks.flatMap((tick) => [
      line(x.at(tick), top, x.at(tick), bottom, grid(tick)),
      label(x.at(tick), bottom + 17, `${tick} ×`, { "text-anchor": "middle" }),
    ]),
    ...y.ticks.flatMap((tick) => [
      line(left, y.at(tick), left + width, y.at(tick), grid(tick)),
      label(left - 8, y.at(tick) + 4, String(tick), { "text-anchor": "end" }),
    ]),
    element("rect", { x: left, y: top, width, height, fill: "none", stroke: "#888888" }),
    label(left + width / 2, bottom + 38, "rate sized / highest rate that meets the targets", {
      "text-anchor": "middle",
    }),
    label(x.at(0.85) - 6, top + 14, "capacity left unused", { "text-anchor": "end", fill: "#777777" }),
    label(x.at(1) + 6, top + 14, "promised too much", { fill: "#777777" }),
  ];
}

function panel(
  index: number,
  title: string,
  analyzers: readonly AnalyzerName[],
  verdicts: readonly Verdict[],
): string[] {
  const left = LEFT[index]!;
  const x = logScale(RATES, [left, left + PANEL.width]);
  const y = logScale(MISSES, [PANEL.top + PANEL.height, PANEL.top]);
  const shown = verdicts.filter((one) => analyzers.includes(one.analyzer) && !Number.isNaN(one.missesOverAllowed));
  return [
    label(left, PANEL.top - 12, title, { "font-weight": "bold", "font-size": "14" }),
    ...axes(left, x, y),
    ...shown.map((one) =>
      element("circle", {
        cx: x.at(one.rateShare),
        cy: y.at(one.missesOverAllowed),
        r: 3,
        fill: COLOURS[one.analyzer],
        "fill-opacity": "0.55",
      }),
    ),
    ...analyzers.flatMap((analyzer, i) => [
      element("circle", { cx: left + 6 + 110 * i, cy: HEIGHT - 22, r: 4, fill: COLOURS[analyzer] }),
      label(left + 16 + 110 * i, HEIGHT - 18, analyzer),
    ]),
  ];
}

/** One dot for each configuration: right of the upright line the rate is above what the replica bears, above the level one targets are missed. */
export function chart(verdicts: readonly Verdict[]): string {
  const title = "Rates sized, judged by simulation";
  const middle = PANEL.top + PANEL.height / 2;
  return documentOf(WIDTH, HEIGHT, title, [
    label(24, 34, title, { "font-size": "18", "font-weight": "bold" }),
    label(
      24,
      54,
      "Best is close to the upright line from its left, and below the level one. Values beyond an axis lie on its end.",
    ),
    label(0, 0, "misses / allowed misses", {
      transform: `translate(22 ${middle}) rotate(-90)`,
      "text-anchor": "middle",
    }),
    ...panel(0, "Continuous batching, percentiles", ["continuous"], verdicts),
    ...panel(1, "Queueing models of the predecessors, means", ["D1", "D2", "D3"], verdicts),
  ]);
}
