/**
 * One bucket: observations in (lower, upper], as a rate or a count. `exponential`: of a native histogram with exponential
 * boundaries, inside which the logarithm is taken as uniform instead of the value.
 */
export interface Bucket {
  lower: number;
  upper: number;
  count: number;
  exponential?: boolean;
}

/** Buckets in ascending order, without overlap. Empty ones may be left out. */
export interface Histogram {
  buckets: Bucket[];
  count: number;
  /** Of the observed values; absent where it is not known. */
  sum?: number;
}

/** A histogram of cumulative counts by upper bound, as `le` gives them. Rounding of rates may make a count fall; it does not here. */
export function fromCumulative(bounds: readonly { le: number; count: number }[], sum?: number): Histogram {
  const sorted = [...bounds].sort((a, b) => a.le - b.le);
  const buckets: Bucket[] = [];
  let lower = 0;
  let below = 0;
  for (const { le, count } of sorted) {
    const upTo = Math.max(below, count);
    // Of a lowest bucket that ends at 0 or below nothing more is known than its bound.
    if (upTo > below) buckets.push({ lower: Math.min(lower, le), upper: le, count: upTo - below });
    lower = le;
    below = upTo;
  }
  return { buckets, count: below, sum };
}

/** What lies between two neighbouring boundaries. */
interface Piece {
  from: number;
  to: number;
  count: number;
  exponential: boolean;
}

/**
 * The values below which the given shares of the observations of all histograms lie, or undefined where there are none. The
 * rule is that of `histogram_quantile` in Prometheus: uniform inside a bucket (in the logarithm, where it is exponential), and
 * the lower bound of the last bucket where it has no upper one. Histograms of different boundaries are added as
 * distributions, which for equal ones is adding buckets.
 */
export function quantilesOf(
  histograms: readonly Histogram[],
  quantiles: readonly number[],
): { quantile: number; value: number }[] | undefined {
  const pieces = piecesOf(mergedBuckets(histograms));
  const total = pieces.reduce((sum, piece) => sum + piece.count, 0);
  if (!(total > 0)) return undefined;
  return quantiles.map((quantile) => ({ quantile, value: valueAt(pieces, quantile * total) }));
}

/** Equal buckets become one; in ascending order. */
function mergedBuckets(histograms: readonly Histogram[]): Bucket[] {
  const merged = new Map<number, Bucket[]>();
  for (const { buckets } of histograms) {
    for (const bucket of buckets) {
      if (!(bucket.count > 0)) continue;
      const { lower, upper, exponential, count } = bucket;
      const ending = merged.get(upper);
      const known = ending?.find((other) => other.lower === lower && other.exponential === exponential);
      if (known !== undefined) known.count += count;
      else if (ending !== undefined) ending.push({ ...bucket });
      else merged.set(upper, [{ ...bucket }]);
    }
  }
  return [...merged.values()].flat().sort((a, b) => a.upper - b.upper || a.lower - b.lower);
}

function piecesOf(buckets: readonly Bucket[]): Piece[] {
  const apart = buckets.every(({ lower }, index) => index === 0 || lower >= buckets[index - 1]!.upper);
  if (apart) {
    return buckets.map(({ lower, upper, count, exponential }) => {
      return { from: lower, to: upper, count, exponential: exponential === true };
    });
  }
  return overlappingPieces(buckets);
}

/** Pods whose servers have other bounds: what each bucket has between two neighbouring ones. */
function overlappingPieces(buckets: readonly Bucket[]): Piece[] {
  const points = [...new Set(buckets.flatMap(({ lower, upper }) => [lower, upper]))].sort((a, b) => a - b);
  const pieces: Piece[] = [];
  points.forEach((to, index) => {
    for (const { lower, upper, count } of buckets) {
      if (lower === to && upper === to) pieces.push({ from: to, to, count, exponential: false });
    }
    const from = points[index - 1];
    if (from === undefined) return;
    const inside = buckets.filter(
      (bucket) => bucket.lower <= from && to <= bucket.upper && bucket.lower < bucket.upper,
    );
    const count = inside.reduce(
      (sum, bucket) => sum + bucket.count * (shareBelow(bucket, to) - shareBelow(bucket, from)),
      0,
    );
    if (count > 0) pieces.push({ from, to, count, exponential: inside.every((bucket) => bucket.exponential === true) });
  });
  return pieces.sort((a, b) => a.to - b.to || a.from - b.from);
}

function valueAt(pieces: readonly Piece[], rank: number): number {
  let below = 0;
  let last = 0;
  for (const { from, to, count, exponential } of pieces) {
    last = Number.isFinite(to) ? to : from;
    if (below + count >= rank) return between(from, to, (rank - below) / count, exponential);
    below += count;
  }
  // Rounding left the rank above the last count.
  return last;
}

/** Which share of a bucket lies below a value inside it. */
function shareBelow({ lower, upper, exponential }: Bucket, value: number): number {
  if (value <= lower) return 0;
  // Nothing is known about the inside of an endless bucket: all of it lies beyond its lower bound.
  if (value >= upper || !Number.isFinite(upper)) return 1;
  if (exponential === true && lower > 0) return Math.log(value / lower) / Math.log(upper / lower);
  return (value - lower) / (upper - lower);
}

function between(from: number, to: number, share: number, exponential: boolean): number {
  if (!Number.isFinite(to)) return from;
  if (exponential && from > 0) return from * (to / from) ** share;
  return from + (to - from) * share;
}

/** Mean of the observations; undefined where there are none or a sum is not known. */
export function meanOf(histograms: readonly Histogram[]): number | undefined {
  const some = histograms.filter((histogram) => histogram.count > 0);
  const count = some.reduce((sum, histogram) => sum + histogram.count, 0);
  if (!(count > 0) || some.some((histogram) => histogram.sum === undefined)) return undefined;
  return some.reduce((sum, histogram) => sum + (histogram.sum ?? 0), 0) / count;
}

/** The same histogram in another unit. */
export function scaled({ buckets, count, sum }: Histogram, scale: number): Histogram {
  return {
    buckets: buckets.map((bucket) => ({ ...bucket, lower: bucket.lower * scale, upper: bucket.upper * scale })),
    count,
    sum: sum === undefined ? undefined : sum * scale,
  };
}
