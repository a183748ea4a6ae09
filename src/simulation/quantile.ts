/**
 * The smallest value that a share `p` of the values does not exceed; NaN where there are none. Reorders both arrays (quickselect:
 * linear time).
 * @param weights how often each value counts
 */
export function weightedQuantile(values: Float64Array, weights: Float64Array, p: number): number {
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  let rank = Math.max(1, Math.ceil(p * total - 1e-9 * total));
  let low = 0;
  let high = values.length - 1;
  if (high < 0) return Number.NaN;
  while (low < high) {
    const pivot = middleOf(values[low]!, values[(low + high) >> 1]!, values[high]!);
    let below = 0;
    let less = low;
    let equal = low;
    let more = high;
    let at = 0;
    while (equal <= more) {
      const value = values[equal]!;
      if (value < pivot) {
        below += weights[equal]!;
        swap(values, weights, less++, equal++);
      } else if (value > pivot) swap(values, weights, equal, more--);
      else at += weights[equal++]!;
    }
    if (rank <= below) high = less - 1;
    else if (rank <= below + at) return pivot;
    else {
      rank -= below + at;
      low = equal;
    }
  }
  return values[Math.min(low, values.length - 1)]!;
}

/** The same for values that count once. */
export function quantile(values: Float64Array, p: number): number {
  const sorted = values.toSorted();
  return quantileOfSorted(sorted, p);
}

/** @param sorted ascending, without NaN */
export function quantileOfSorted(sorted: Float64Array, p: number): number {
  if (sorted.length === 0) return Number.NaN;
  const rank = Math.ceil(p * sorted.length - 1e-9 * sorted.length);
  return sorted[Math.min(sorted.length, Math.max(1, rank)) - 1]!;
}

function middleOf(a: number, b: number, c: number): number {
  return Math.max(Math.min(a, b), Math.min(Math.max(a, b), c));
}

function swap(values: Float64Array, weights: Float64Array, i: number, j: number): void {
  const value = values[i]!;
  const weight = weights[i]!;
  values[i] = values[j]!;
  weights[i] = weights[j]!;
  values[j] = value;
  weights[j] = weight;
}
