import fc from "fast-check";
import { expect, test } from "vitest";
import {
  fromCumulative,
  type Histogram,
  meanOf,
  quantilesOf,
} from "../../src/adapters/prometheus/histogram/histogram.ts";
import { fromNative } from "../../src/adapters/prometheus/histogram/native.ts";

const cumulative = (...bounds: [number, number][]): Histogram =>
  fromCumulative(bounds.map(([le, count]) => ({ le, count })));

const quantile = (histograms: Histogram[], share: number) => quantilesOf(histograms, [share])?.[0]?.value;

// By hand, with the rule of histogram_quantile: lower + (upper - lower) * (rank - below) / inside.
test.each<[string, Histogram[], number, number | undefined]>([
  ["the middle of the first bucket", [cumulative([1, 10], [2, 10], [Infinity, 10])], 0.5, 0.5],
  ["a bucket further up", [cumulative([0.1, 2], [0.5, 6], [1, 8], [Infinity, 8])], 0.5, 0.3],
  ["beyond the last bound", [cumulative([1, 1], [2, 2], [Infinity, 10])], 0.9, 2],
  ["no observations", [cumulative([1, 0], [Infinity, 0])], 0.5, undefined],
  ["nothing at all", [], 0.5, undefined],
  ["a bucket at zero", [cumulative([0, 6], [1, 10], [Infinity, 10])], 0.5, 0],
  ["a count that falls by rounding", [cumulative([1, 5], [2, 4.999], [4, 10], [Infinity, 10])], 0.75, 3],
  [
    "two pods with the same bounds",
    [cumulative([1, 4], [2, 4], [Infinity, 4]), cumulative([1, 0], [2, 4], [Infinity, 4])],
    0.75,
    1.5,
  ],
  // 4 uniform in (0, 2] and 4 in (1, 3]: 2 up to 1, 4 in (1, 2], 2 in (2, 3].
  [
    "two pods with other bounds",
    [cumulative([2, 4], [Infinity, 4]), cumulative([1, 0], [3, 4], [Infinity, 4])],
    0.5,
    1.5,
  ],
])("quantile: %s", (_, histograms, share, expected) => {
  const value = quantile(histograms, share);
  if (expected === undefined) expect(value).toBeUndefined();
  else expect(value).toBeCloseTo(expected, 9);
});

test("a native histogram: exponential inside exponential buckets, linear elsewhere", () => {
  const bucket = (left: string, right: string, count: string): [number, string, string, string] => [
    0,
    left,
    right,
    count,
  ];
  const exponential = fromNative({ count: "8", sum: "20", buckets: [bucket("1", "2", "4"), bucket("2", "4", "4")] });
  expect(quantile([exponential], 0.25)).toBeCloseTo(Math.SQRT2, 9);
  expect(quantile([exponential], 0.75)).toBeCloseTo(2 * Math.SQRT2, 9);
  expect(meanOf([exponential])).toBe(2.5);
  const chosen = fromNative({ count: "8", sum: "20", buckets: [bucket("1", "2", "4"), bucket("2", "5", "4")] });
  expect(quantile([chosen], 0.25)).toBeCloseTo(1.5, 9);
  const zero = fromNative({ count: "4", sum: "0", buckets: [bucket("-0.001", "0.001", "4")] });
  expect(quantile([zero], 0.5)).toBeCloseTo(0.0005, 9);
});

/** Observations in buckets, and the quantile by sorting what each bucket spreads evenly. */
const boundsAndCounts = fc
  .uniqueArray(fc.integer({ min: 1, max: 1000 }), { minLength: 1, maxLength: 12 })
  .chain((bounds) =>
    fc.tuple(
      fc.constant([...bounds].sort((a, b) => a - b)),
      fc.array(fc.integer({ min: 0, max: 50 }), { minLength: bounds.length, maxLength: bounds.length }),
    ),
  );

const SPREAD = 200;

function spreadSamples(bounds: readonly number[], counts: readonly number[]): { value: number; weight: number }[] {
  return bounds.flatMap((upper, index) => {
    const lower = bounds[index - 1] ?? 0;
    return Array.from({ length: SPREAD }, (_, step) => ({
      value: lower + ((upper - lower) * (step + 0.5)) / SPREAD,
      weight: counts[index]! / SPREAD,
    }));
  });
}

test("quantiles of several pods are those of all their observations together", () => {
  fc.assert(
    fc.property(
      fc.array(boundsAndCounts, { minLength: 1, maxLength: 4 }),
      fc.double({ min: 0.01, max: 0.99, noNaN: true }),
      (pods, share) => {
        const histograms = pods.map(([bounds, counts]) => {
          const upTo = (index: number) => counts.slice(0, index + 1).reduce((sum, count) => sum + count, 0);
          return fromCumulative(bounds.map((le, index) => ({ le, count: upTo(index) })));
        });
        const samples = pods
          .flatMap(([bounds, counts]) => spreadSamples(bounds, counts))
          .sort((a, b) => a.value - b.value);
        const total = samples.reduce((sum, sample) => sum + sample.weight, 0);
        const found = quantile(histograms, share);
        if (total === 0) return expect(found).toBeUndefined();
        // As many observations lie below the found value as the share asks for, but for the grain of the spread.
        const upTo = (value: number) =>
          samples.reduce((sum, sample) => sum + (sample.value <= value ? sample.weight : 0), 0);
        const grain = (pods.length * 50) / SPREAD + 1e-9;
        expect(upTo(found! * (1 + 1e-9))).toBeGreaterThanOrEqual(share * total - grain);
        expect(upTo(found! * (1 - 1e-9))).toBeLessThanOrEqual(share * total + grain);
      },
    ),
    { seed: 20_261_125, numRuns: 200 },
  );
});
