/** A Markdown table with padded columns, so that it can be read as text. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string[] {
  const widths = head.map((h, i) => Math.max(3, h.length, ...rows.map((r) => r[i]?.length ?? 0)));
  const line = (cells: readonly string[]) => `| ${widths.map((w, i) => (cells[i] ?? "").padEnd(w)).join(" | ")} |`;
  return [line(head), line(widths.map((w) => "-".repeat(w))), ...rows.map(line)];
}

const NONE = "–";

/** Two digits are what repeats between runs; below a millionth of a per cent it is rounding. */
export function percent(share: number | null | undefined): string {
  if (share === null || share === undefined || Number.isNaN(share)) return NONE;
  if (Math.abs(share) < 1e-8) return "0";
  if (share > 0 && share < 5e-6) return "< 0.001 %";
  return `${digits(100 * share)} %`;
}

export function time(ms: number | null | undefined): string {
  if (ms === null || ms === undefined) return NONE;
  if (ms < 0.1) return `${digits(1000 * ms)} µs`;
  return ms < 1000 ? `${digits(ms)} ms` : `${digits(ms / 1000)} s`;
}

export function ratio(value: number | null | undefined): string {
  return value === null || value === undefined ? NONE : `${digits(value)} ×`;
}

/** Two significant digits, never in exponent form; three from 100 on, all of larger ones. */
export function digits(value: number): string {
  const size = Math.abs(value);
  if (size >= 100) return value.toFixed(0);
  return String(Number(value.toPrecision(2)));
}

/** The worst of several seeds; null where a seed has none: an unknown is worse than any figure. */
export function worst(values: readonly (number | null | undefined)[]): number | null {
  let most = Number.NEGATIVE_INFINITY;
  for (const v of values) {
    if (v === null || v === undefined) return null;
    most = Math.max(most, v);
  }
  return values.length === 0 ? null : most;
}
