import { type NativeHistogram, toNumber } from "../query/answer.ts";
import type { Bucket, Histogram } from "./histogram.ts";

/** Schemas of native histograms: boundaries are the powers of 2^(2^-schema). */
const SCHEMAS = [-4, -3, -2, -1, 0, 1, 2, 3, 4, 5, 6, 7, 8];
const RELATIVE_TOLERANCE = 1e-9;

/**
 * A native histogram as the HTTP API gives it. The API does not say whether the boundaries are exponential or chosen (both come
 * alike): they are where the ratio of all of them is the same, and one of a schema. Negative buckets are refused by the
 * caller, as negative latencies.
 */
export function fromNative({ count, sum, buckets = [] }: NativeHistogram): Histogram {
  const read = buckets.map(
    ([, left, right, inside]): Bucket => ({
      lower: toNumber(left),
      upper: toNumber(right),
      count: toNumber(inside),
    }),
  );
  // The zero bucket reaches below zero by its width.
  const raised = read.map((bucket) => (bucket.lower < 0 && bucket.upper > 0 ? { ...bucket, lower: 0 } : bucket));
  const sorted = raised.sort((a, b) => a.lower - b.lower);
  const exponential = isExponential(sorted);
  return {
    buckets: sorted.map((bucket) => (exponential && bucket.lower > 0 ? { ...bucket, exponential: true } : bucket)),
    count: toNumber(count),
    sum: toNumber(sum),
  };
}

function isExponential(buckets: readonly Bucket[]): boolean {
  const ratios = buckets
    .filter(({ lower, upper }) => lower > 0 && Number.isFinite(upper))
    .map(({ lower, upper }) => Math.log2(upper / lower));
  const [first] = ratios;
  if (first === undefined) return false;
  const near = (a: number, b: number) => Math.abs(a - b) <= RELATIVE_TOLERANCE * Math.max(a, b) + 1e-12;
  return SCHEMAS.some((schema) => near(first, 2 ** -schema)) && ratios.every((ratio) => near(ratio, first));
}
