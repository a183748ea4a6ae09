import { describe, expect, it } from "vitest";
import { gapOverTime } from "../../bench/plot/gap-over-time.ts";
import { logScale } from "../../bench/plot/log-scale.ts";
import type { Curve } from "../../bench/plot/panel.ts";

const look = { colour: "#d55e00", width: 3 };
const curves: Curve[] = [
  {
    name: "ours <1>",
    ...look,
    points: [
      { ms: 10, plan: 10, bound: null },
      { ms: 100, plan: 10, bound: 9 },
      { ms: 1000, plan: 9, bound: 9 },
    ],
  },
  { name: "greedy", ...look, points: [{ ms: 20, plan: 12, bound: 9 }] },
  { name: "silent", ...look, points: [{ ms: 900, plan: 12, bound: null }] },
];

describe("the plot of gaps over time", () => {
  it("has logarithmic axes that clip at their ends", () => {
    const scale = logScale([0.01, 100], [0, 400]);
    expect([0, 0.01, 1, 100, 1e9].map(scale.at)).toEqual([0, 0, 200, 400, 400]);
    expect(scale.ticks).toEqual([0.01, 0.1, 1, 10, 100]);
  });

  it("draws steps, dots and nothing, and names all of them", () => {
    const svg = gapOverTime("Gaps", [{ title: "tight", subtitle: "so many", curves }], 10);
    expect(svg.match(/<path /g)).toHaveLength(1);
    // one in the panel, one in the legend
    expect(svg.match(/<circle /g)).toHaveLength(2);
    expect(svg).toContain("ours &lt;1&gt;");
    expect(svg).toContain("silent: no gap in this time");
    expect(svg).not.toMatch(/NaN|undefined|Infinity/);
  });
});
