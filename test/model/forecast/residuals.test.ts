import fc from "fast-check";
import { expect, test } from "vitest";
import {
  meanPinballLoss,
  pinballLoss,
  residualQuantile,
  sortedResiduals,
} from "../../../src/model/forecast/residuals.ts";

const RUN = { seed: 11, numRuns: 200 };
const numbers = fc.array(fc.double({ min: -100, max: 100, noNaN: true }), { minLength: 1, maxLength: 60 });
const equal = (values: readonly number[]) =>
  sortedResiduals(
    values,
    values.map(() => 1),
  );

test.each([
  [2, 0.9, 1.8],
  [-2, 0.9, 0.2],
  [2, 0.5, 1],
  [0, 0.99, 0],
])("pinball loss of an error of %d at %d", (error, q, loss) => {
  expect(pinballLoss(error, q)).toBeCloseTo(loss, 12);
});

test("quantiles of equal weights, linear between the middles (Hazen's definition)", () => {
  const residuals = equal([4, 1, 3, 2]);
  expect([0, 0.125, 0.25, 0.5, 0.625, 0.875].map((q) => residualQuantile(residuals, q))).toEqual([
    1, 1, 1.5, 2.5, 3, 4,
  ]);
});

test("a weight of two is the value twice, up to half a place", () => {
  const twice = sortedResiduals([1, 2, 3], [1, 2, 1]);
  expect(residualQuantile(twice, 0.5)).toBe(2);
  expect(twice.total).toBe(4);
});

test("the plain quantile minimises the pinball loss among the residuals, up to a place", () => {
  fc.assert(
    fc.property(numbers, fc.double({ min: 0.05, max: 0.89, noNaN: true }), (values, q) => {
      const residuals = equal(values);
      const least = Math.min(...values.map((value) => meanPinballLoss(residuals, value, q)));
      const range = Math.max(...values) - Math.min(...values);
      expect(meanPinballLoss(residuals, residualQuantile(residuals, q), q)).toBeLessThanOrEqual(
        least + range / values.length + 1e-9,
      );
    }),
    RUN,
  );
});

test("a higher quantile is never lower", () => {
  fc.assert(
    fc.property(numbers, (values) => {
      const residuals = equal(values);
      const rising = [0.01, 0.1, 0.5, 0.8, 0.9, 0.93, 0.97, 0.99, 0.999].map((q) => residualQuantile(residuals, q));
      for (let i = 1; i < rising.length; i++) expect(rising[i]).toBeGreaterThanOrEqual(rising[i - 1]! - 1e-9);
    }),
    RUN,
  );
});

test("an exponential tail is read beyond the sample", () => {
  // 200 exact quantiles of the exponential distribution of mean 1: its 0.999 quantile is 6.9, the largest value 5.99.
  const values = Array.from({ length: 200 }, (_, i) => -Math.log(1 - (i + 0.5) / 200));
  expect(residualQuantile(equal(values), 0.99)).toBeGreaterThan(4.3);
  expect(residualQuantile(equal(values), 0.99)).toBeLessThan(4.9);
  expect(residualQuantile(equal(values), 0.999)).toBeGreaterThan(6.3);
  expect(residualQuantile(equal(values), 0.999)).toBeLessThan(7.4);
});

test("none at all: 0", () => {
  expect(residualQuantile(equal([]), 0.99)).toBe(0);
  expect(meanPinballLoss(equal([]), 0, 0.5)).toBe(0);
});
