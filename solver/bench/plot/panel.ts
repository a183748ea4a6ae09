import type { Point } from "../job.ts";
import { envelope, gapOf } from "../trajectory.ts";
import { type LogScale, logScale } from "./log-scale.ts";
import { element, label, line } from "./svg.ts";

export interface Curve {
  name: string;
  colour: string;
  dash?: string;
  width: number;
  points: Point[];
}

export interface Panel {
  title: string;
  subtitle: string;
  curves: Curve[];
}

export interface Frame {
  left: number;
  top: number;
  width: number;
  height: number;
}

/** From ten milliseconds; gaps below a thousandth of a per cent lie on the floor. */
const LEAST_SECONDS = 0.01;
const GAPS: [number, number] = [1e-5, 1];

const seconds = (s: number) => (s < 1 ? `${Number((1000 * s).toPrecision(3))} ms` : `${s} s`);
const share = (gap: number) => `${Number((100 * gap).toPrecision(3))} %`;

function axes({ left, top, width, height }: Frame, x: LogScale, y: LogScale): string[] {
  const grid = { stroke: "#e2e2e2" };
  const bottom = top + height;
  return [
    ...x.ticks.flatMap((t) => [
      line(x.at(t), top, x.at(t), bottom, t === 1 ? { stroke: "#b0b0b0" } : grid),
      label(x.at(t), bottom + 17, seconds(t), { "text-anchor": "middle" }),
    ]),
    ...y.ticks.flatMap((t) => [
      line(left, y.at(t), left + width, y.at(t), t === 0.01 ? { stroke: "#b0b0b0" } : grid),
      label(left - 8, y.at(t) + 4, t === GAPS[0] ? `≤ ${share(t)}` : share(t), { "text-anchor": "end" }),
    ]),
    element("rect", { x: left, y: top, width, height, fill: "none", stroke: "#888888" }),
    label(left + width / 2, bottom + 38, "time since the call", { "text-anchor": "middle" }),
  ];
}

export function hasGap(c: Curve): boolean {
  return envelope(c.points).some((p) => gapOf(p) !== null);
}

/** A staircase: a gap holds until the next better plan or bound. A single point, such as the greedy's, is a dot. */
function curve(c: Curve, x: LogScale, y: LogScale): string {
  const known = envelope(c.points).flatMap((p) => {
    const gap = gapOf(p);
    return gap === null ? [] : [{ x: x.at(p.ms / 1000), y: y.at(gap) }];
  });
  const first = known[0];
  if (!first) return "";
  if (known.length === 1 && c.points.length === 1)
    return element("circle", { cx: first.x, cy: first.y, r: 5, fill: c.colour });
  const steps = known.slice(1).map((p) => `H${p.x.toFixed(1)}V${p.y.toFixed(1)}`);
  return element("path", {
    d: `M${first.x.toFixed(1)} ${first.y.toFixed(1)}${steps.join("")}H${x.at(x.to).toFixed(1)}`,
    fill: "none",
    stroke: c.colour,
    "stroke-width": c.width,
    "stroke-dasharray": c.dash,
    "stroke-linejoin": "round",
  });
}

export function panelOf(panel: Panel, frame: Frame, mostSeconds: number): string[] {
  const { left, top, width, height } = frame;
  const x = logScale([LEAST_SECONDS, mostSeconds], [left, left + width]);
  const y = logScale(GAPS, [top + height, top]);
  return [
    label(left, top - 26, panel.title, { "font-weight": "bold", "font-size": "14" }),
    label(left, top - 9, panel.subtitle, { fill: "#555555" }),
    ...axes(frame, x, y),
    ...panel.curves.map((c) => curve(c, x, y)),
  ];
}
