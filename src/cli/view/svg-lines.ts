/** A line of a chart: one value for each minute. */
export interface SvgLine {
  name: string;
  color: string;
  values: readonly number[];
}

export interface SvgChart {
  title: string;
  unit: string;
  lines: readonly SvgLine[];
  /** Upper end of the axis; absent: from the values. */
  top?: number;
}

const WIDTH = 900;
const HEIGHT = 240;
const LEFT = 56;
const RIGHT = 12;
const TOP = 12;
const BOTTOM = 28;
const GRID_LINES = 4;

/** A line chart over minutes as SVG, with its legend: no script, nothing from elsewhere. */
export function svgLines({ title, unit, lines, top }: SvgChart): string {
  const count = Math.max(2, ...lines.map(({ values }) => values.length));
  const most = top ?? niceTop(Math.max(0, ...lines.flatMap(({ values }) => values.filter(Number.isFinite))));
  const x = (minute: number) => LEFT + ((WIDTH - LEFT - RIGHT) * minute) / (count - 1);
  const y = (value: number) => HEIGHT - BOTTOM - ((HEIGHT - TOP - BOTTOM) * Math.min(value, most)) / most;
  const grid = Array.from({ length: GRID_LINES + 1 }, (_, i) => {
    const value = (most * i) / GRID_LINES;
    return `<line class="grid" x1="${LEFT}" x2="${WIDTH - RIGHT}" y1="${fixed(y(value))}" y2="${fixed(y(value))}"/><text x="${LEFT - 6}" y="${fixed(y(value) + 4)}" text-anchor="end">${label(value)}</text>`;
  });
  const every = Math.max(1, Math.ceil(count / 12));
  const ticks = Array.from({ length: Math.ceil(count / every) }, (_, i) => i * every).map(
    (minute) => `<text x="${fixed(x(minute))}" y="${HEIGHT - 8}" text-anchor="middle">${minute} min</text>`,
  );
  const paths = lines.map(
    ({ color, values, name }) =>
      `<path d="${path(values, x, y)}" stroke="${color}"><title>${escapeHtml(name)}</title></path>`,
  );
  const legend = lines.map(({ name, color }) => `<span><i style="background:${color}"></i>${escapeHtml(name)}</span>`);
  return `<figure><figcaption><b>${escapeHtml(title)}</b> (${escapeHtml(unit)})</figcaption>
<svg viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" aria-label="${escapeHtml(title)}">${grid.join("")}${ticks.join("")}${paths.join("")}</svg>
<div class="legend">${legend.join(" ")}</div></figure>`;
}

/** A gap where a value is missing. */
function path(values: readonly number[], x: (minute: number) => number, y: (value: number) => number): string {
  let pen = "M";
  return values
    .map((value, minute) => {
      if (!Number.isFinite(value)) {
        pen = "M";
        return "";
      }
      const point = `${pen}${fixed(x(minute))} ${fixed(y(value))}`;
      pen = "L";
      return point;
    })
    .join("");
}

function niceTop(most: number): number {
  if (!(most > 0)) return 1;
  const power = 10 ** Math.floor(Math.log10(most));
  return [1, 2, 4, 5, 8, 10].map((step) => step * power).find((step) => step >= most) ?? 10 * power;
}

const fixed = (value: number): string => value.toFixed(1);

const label = (value: number): string => String(Number(value.toPrecision(3)));

export function escapeHtml(text: string): string {
  const entities: Record<string, string> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" };
  return text.replace(/[&<>"]/g, (char) => entities[char]!);
}
