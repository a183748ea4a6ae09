/** Three digits are what a rate is worth; they keep the state small. */
export function rounded(value: number, digits = 3): number {
  return value === 0 ? 0 : Number(value.toPrecision(digits));
}

export function clamp(value: number, low: number, high: number): number {
  return Math.min(high, Math.max(low, value));
}
