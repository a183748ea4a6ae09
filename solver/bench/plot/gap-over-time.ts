import { type Curve, hasGap, type Panel, panelOf } from "./panel.ts";
import { documentOf, element, label, line } from "./svg.ts";

const WIDTH = 1080;
const HEIGHT = 500;
const FRAME = { left: 92, top: 112, width: 426, height: 300 };

/** The line or the dot of an engine; nothing where it showed no gap. */
function markOf(c: Curve, x: number, y: number): string {
  if (c.points.length === 1) return element("circle", { cx: x + 14, cy: y - 4, r: 5, fill: c.colour });
  const look = { stroke: c.colour, "stroke-width": c.width, "stroke-dasharray": c.dash };
  return line(x, y - 4, x + 28, y - 4, look);
}

/** Engines of all panels, each once; widths of texts are estimated, since nobody measures fonts here. */
function legendOf(panels: readonly Panel[], left: number, y: number): string[] {
  const curves = panels.flatMap((p) => p.curves);
  let x = left;
  return [...new Set(curves.map((c) => c.name))].map((name) => {
    const shown = curves.find((c) => c.name === name && hasGap(c));
    const text = shown ? name : `${name}: no gap in this time`;
    const mark = shown ? 36 : 0;
    const entry = (shown ? markOf(shown, x, y) : "") + label(x + mark, y, text);
    x += mark + 7 * text.length + 20;
    return entry;
  });
}

/** Panels side by side on the same axes, under one legend. */
export function gapOverTime(title: string, panels: readonly Panel[], mostSeconds: number): string {
  const shift = (i: number) => i * (FRAME.width + 86);
  const middle = FRAME.top + FRAME.height / 2;
  return documentOf(WIDTH, HEIGHT, title, [
    label(24, 34, title, { "font-size": "18", "font-weight": "bold" }),
    label(
      24,
      54,
      "Lower and further left is better. A gap is what the best plan so far may cost more than any plan at all: (plan − bound) / plan.",
    ),
    label(0, 0, "proved gap", { transform: `translate(22 ${middle}) rotate(-90)`, "text-anchor": "middle" }),
    ...panels.flatMap((p, i) => panelOf(p, { ...FRAME, left: FRAME.left + shift(i) }, mostSeconds)),
    ...legendOf(panels, 24, HEIGHT - 22),
  ]);
}
