/** Digits that a learned number keeps: far below its uncertainty, and short in a file. */
const KEPT_DIGITS = 9;

export function kept(value: number): number {
  return value === 0 ? 0 : Number(value.toPrecision(KEPT_DIGITS));
}

export function clamp(value: number, low: number, high: number): number {
  return Math.min(high, Math.max(low, value));
}

/** Three significant digits, as people read them. */
export function shownNumber(value: number): string {
  return String(Number(value.toPrecision(3)));
}
