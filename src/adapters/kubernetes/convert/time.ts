/** Epoch milliseconds of an RFC 3339 time; undefined where absent or malformed. */
export function timeMs(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const value = Date.parse(text);
  return Number.isNaN(value) ? undefined : value;
}

/** RFC 3339, to the second: what `metav1.Time` takes. */
export function timeText(epochMs: number): string {
  return `${new Date(epochMs).toISOString().slice(0, 19)}Z`;
}
