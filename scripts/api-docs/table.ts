/** A Markdown table with aligned columns; cells are single lines. */
export function markdownTable(titles: string[], rows: string[][]): string {
  const cells = [titles, ...rows].map((row) => row.map(cell));
  const widths = titles.map((_, column) => Math.max(3, ...cells.map((row) => row[column]!.length)));
  const line = (row: string[]): string => `| ${row.map((text, column) => text.padEnd(widths[column]!)).join(" | ")} |`;
  const rule = widths.map((width) => "-".repeat(width));
  return [line(cells[0]!), line(rule), ...cells.slice(1).map(line)].join("\n");
}

/** Text of a comment or description as one line that breaks no table. */
function cell(text: string): string {
  return text.trim().replaceAll(/\s+/g, " ").replaceAll("|", "\\|");
}
