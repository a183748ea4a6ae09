import Table from "cli-table3";
import { printable, textWidth, wrap } from "./text.ts";

export interface Column {
  title: string;
  align?: "left" | "right";
  /** May become as narrow as this to fit the terminal; otherwise it keeps the width of its widest cell. */
  shrinkTo?: number;
}

/** A row of cells; a lone `note` spans the whole table below the row before it. */
export type Row = string[] | { note: string };

const PADDING = 2;
const INDENT = "  ";
const CHARS = {
  top: "",
  "top-mid": "",
  "top-left": "",
  "top-right": "",
  bottom: "",
  "bottom-mid": "",
  "bottom-left": "",
  "bottom-right": "",
  left: "",
  "left-mid": "",
  mid: "",
  "mid-mid": "",
  right: "",
  "right-mid": "",
  middle: "",
};

/** A table as text, at most `width` columns wide: long cells wrap, long words end in an ellipsis. */
export function renderTable(columns: Column[], rows: Row[], width: number): string {
  const safe = rows.map((row) => (Array.isArray(row) ? row.map(printable) : { note: printable(row.note) }));
  const widths = fitWidths(columns, safe, width);
  if (rows.some((row) => !Array.isArray(row))) stretchLast(widths, width);
  const table = new Table({
    chars: CHARS,
    style: { head: [], border: [], "padding-left": 0, "padding-right": PADDING },
    colWidths: widths,
    colAligns: columns.map((column) => column.align ?? "left"),
    wordWrap: true,
  });
  table.push(columns.map((column) => column.title));
  table.push(widths.map((columnWidth) => "─".repeat(columnWidth - PADDING)));
  for (const row of safe) {
    table.push(
      Array.isArray(row) ? row : [{ content: note(row.note, widths), colSpan: columns.length, hAlign: "left" }],
    );
  }
  return table
    .toString()
    .split("\n")
    .map((line) => line.trimEnd())
    .join("\n");
}

function note(text: string, widths: number[]): string {
  const room = widths.reduce((sum, columnWidth) => sum + columnWidth, 0) - PADDING - INDENT.length;
  return wrap(text, room)
    .map((line) => INDENT + line)
    .join("\n");
}

/** Gives notes the whole width to spread over. */
function stretchLast(widths: number[], width: number): void {
  const spare = width + PADDING - widths.reduce((sum, columnWidth) => sum + columnWidth, 0);
  widths.push((widths.pop() ?? 0) + Math.max(0, spare));
}

/** Natural widths, the widest shrinkable columns cut until the sum fits. */
function fitWidths(columns: Column[], rows: Row[], width: number): number[] {
  const widths = columns.map((column, index) => {
    const cells = rows.map((row) => (Array.isArray(row) ? textWidth(row[index] ?? "") : 0));
    return cells.reduce((widest, cell) => Math.max(widest, cell), textWidth(column.title)) + PADDING;
  });
  const least = columns.map((column, index) =>
    Math.min(widths[index] ?? 0, (column.shrinkTo ?? Number.POSITIVE_INFINITY) + PADDING),
  );
  // The padding after the last column may hang over: it is trimmed.
  let excess = widths.reduce((sum, columnWidth) => sum + columnWidth, 0) - PADDING - width;
  while (excess > 0) {
    const index = widestShrinkable(widths, least);
    if (index < 0) break;
    widths[index] = (widths[index] ?? 0) - 1;
    excess -= 1;
  }
  return widths;
}

function widestShrinkable(widths: number[], least: number[]): number {
  let best = -1;
  widths.forEach((columnWidth, index) => {
    if (columnWidth > (least[index] ?? 0) && columnWidth > (widths[best] ?? 0)) best = index;
  });
  return best;
}
