/** Times are differences of a clock that has run for long: what is off by its rounding alone is still met. */
const ROUNDING = 1e-9;

export function withinTarget(valueMs: number, targetMs: number): boolean {
  return valueMs <= targetMs * (1 + ROUNDING);
}
