import { useEffect, useRef } from "preact/hooks";
import uPlot from "uplot";
import "uplot/dist/uPlot.min.css";

export interface Line {
  label: string;
  color: string;
  /** One for each time; null: nothing is known. */
  values: (number | null)[];
  dash?: number[];
}

interface ChartProps {
  /** For those who cannot see it. */
  label: string;
  /** Epoch seconds. */
  times: number[];
  lines: Line[];
  unit: (value: number) => string;
  range?: [number, number];
}

const HEIGHT = 180;

/** Times of day, with seconds where minutes would not tell them apart. */
function clocks(seconds: readonly number[]): string[] {
  const fine = seconds.some((time) => time % 60 !== 0);
  const format: Intl.DateTimeFormatOptions = { hour: "2-digit", minute: "2-digit" };
  if (fine) format.second = "2-digit";
  return seconds.map((time) => new Date(1000 * time).toLocaleTimeString("en-GB", format));
}

/** Lines over time, as wide as its place. */
export function Chart({ label, times, lines, unit, range }: ChartProps) {
  const place = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot>(undefined);
  const shape = lines.map((line) => line.label).join("\n");
  // A new plot only where the lines are others; new values are handed to the one that is there.
  useEffect(() => {
    const element = place.current!;
    const ink = getComputedStyle(element).color;
    const axis = {
      stroke: ink,
      grid: { stroke: "rgb(128 128 128 / 20%)" },
      ticks: { stroke: "rgb(128 128 128 / 40%)" },
    };
    const made = new uPlot(
      {
        width: element.clientWidth,
        height: HEIGHT,
        ...(range !== undefined && { scales: { y: { range } } }),
        axes: [
          { ...axis, space: 80, values: (_plot, ticks) => clocks(ticks) },
          { ...axis, size: 70, values: (_plot, ticks) => ticks.map(unit) },
        ],
        series: [
          { label: "at", value: (_plot: uPlot, time: number | null) => (time === null ? "–" : clocks([time])[0]!) },
          ...lines.map(({ label: text, color, dash }) => ({
            label: text,
            stroke: color,
            width: 2,
            ...(dash !== undefined && { dash }),
            value: (_plot: uPlot, value: number | null) => (value === null ? "–" : unit(value)),
          })),
        ],
      },
      [times, ...lines.map(({ values }) => values)],
      element,
    );
    plot.current = made;
    const resized = new ResizeObserver(() => made.setSize({ width: element.clientWidth, height: HEIGHT }));
    resized.observe(element);
    return () => {
      resized.disconnect();
      made.destroy();
    };
  }, [shape]);
  useEffect(() => plot.current?.setData([times, ...lines.map(({ values }) => values)]));
  return <div ref={place} class="chart" role="img" aria-label={label} />;
}
