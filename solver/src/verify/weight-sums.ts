/** Different sums kept before the search gives up and says that there may be one. */
const MOST_SUMS = 50_000;

/**
 * True where some sum of the weights lies in [from, to): then a bound of `from` does not prove a bound of `to`. For weights that
 * are all multiples of one (as equal ones are) by counting, else by the set of sums below `to`.
 */
export function sumBetween(weights: number[], from: number, to: number): boolean {
  if (weights.length === 0) return from <= 0 && to > 0;
  const unit = weights.reduce((least, w) => Math.min(least, w), Number.POSITIVE_INFINITY);
  const multiples = weights.every((w) => Math.abs(w / unit - Math.round(w / unit)) < 1e-9);
  if (multiples) return Math.max(0, Math.ceil(from / unit)) * unit < to;
  const inside = (sum: number) => sum >= from && sum < to;
  if (inside(0)) return true;
  const sums = new Set([0]);
  for (const w of weights)
    for (const s of [...sums]) {
      if (s + w >= to) continue;
      const sum = Math.round((s + w) * 1e9) / 1e9;
      if (inside(sum)) return true;
      sums.add(sum);
      if (sums.size > MOST_SUMS) return true;
    }
  return false;
}
