import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { drawRequests, requestOf } from "../../src/simulation/drawn-requests.ts";
import { normalQuantile } from "../../src/simulation/normal-quantile.ts";
import { quantile, weightedQuantile } from "../../src/simulation/quantile.ts";
import { Random } from "../../src/simulation/random.ts";

function moments(values: ArrayLike<number>): { mean: number; variation: number } {
  const list = Array.from(values);
  const mean = list.reduce((sum, value) => sum + value, 0) / list.length;
  const variance = list.reduce((sum, value) => sum + (value - mean) ** 2, 0) / list.length;
  return { mean, variation: Math.sqrt(variance) / mean };
}

describe("draws", () => {
  it.each([0.3, 1, 2])("gamma gaps have mean 1 and variation %f", (variation) => {
    const random = new Random(5);
    const found = moments(Float64Array.from({ length: 200_000 }, () => random.gamma(variation)));
    expect(found.mean).toBeCloseTo(1, 1);
    expect(Math.abs(found.variation / variation - 1)).toBeLessThan(0.02);
  });

  it.each([false, true])("log-normal lengths have their mean and variation (balanced: %s)", (balanced) => {
    const mix = {
      inputTokens: 1000.5,
      outputTokens: 100,
      inputVariation: 0.7,
      outputVariation: 1.2,
      prefixCacheHitRate: 0.3,
    };
    const drawn = drawRequests(mix, { count: 100_000, seed: 9, balanced });
    const inputs = moments(drawn.inputTokens);
    const outputs = moments(drawn.outputTokens);
    expect(Math.abs(inputs.mean / 1000.5 - 1)).toBeLessThan(balanced ? 1e-4 : 0.01);
    expect(Math.abs(outputs.mean / 100 - 1)).toBeLessThan(balanced ? 2e-3 : 0.02);
    expect(Math.abs(inputs.variation / 0.7 - 1)).toBeLessThan(0.03);
    expect(Math.abs(outputs.variation / 1.2 - 1)).toBeLessThan(0.05);
    expect(Math.abs(moments(drawn.cachedTokens).mean / (0.3 * inputs.mean) - 1)).toBeLessThan(1e-3);
    expect(moments(drawn.gaps).mean).toBeCloseTo(1, balanced ? 9 : 1);
  });

  it("take samples as pairs, balanced equally often, and start again where they end", () => {
    const samples = [
      [10, 1],
      [20, 2],
      [30, 3],
    ] as const;
    const mix = { inputTokens: 1, outputTokens: 1, samples };
    const drawn = drawRequests(mix, { count: 300, seed: 1, balanced: true });
    for (const [input, output] of samples) {
      const rows = Array.from(drawn.inputTokens.keys()).filter((i) => drawn.inputTokens[i] === input);
      expect(rows).toHaveLength(100);
      expect(rows.every((i) => drawn.outputTokens[i] === output)).toBe(true);
    }
    expect(requestOf(drawn, 301, 5)).toEqual({ ...requestOf(drawn, 1, 5), id: 301 });
    expect(drawRequests(mix, { count: 300, seed: 1, balanced: true })).toEqual(drawn);
    expect(drawRequests(mix, { count: 300, seed: 2, balanced: true })).not.toEqual(drawn);
  });

  it("of sorted samples have their mean, though the count is no multiple of theirs", () => {
    const samples = Array.from({ length: 1000 }, (_, i) => [i + 1, 1] as const);
    const drawn = drawRequests({ inputTokens: 1, outputTokens: 1, samples }, { count: 1400, seed: 3, balanced: true });
    expect(Math.abs(moments(drawn.inputTokens).mean / 500.5 - 1)).toBeLessThan(0.02);
  });

  it("know the quantiles of the normal distribution", () => {
    // Tabulated.
    const known = [
      [0.5, 0],
      [0.975, 1.959963985],
      [0.99, 2.326347874],
      [0.001, -3.090232306],
      [0.000001, -4.753424309],
    ] as const;
    for (const [p, z] of known) expect(normalQuantile(p)).toBeCloseTo(z, 7);
  });
});

describe("quantiles", () => {
  const values = fc.array(fc.tuple(fc.integer({ min: 0, max: 20 }), fc.integer({ min: 1, max: 5 })), { minLength: 1 });

  it("of weighted values are those of the values written out", () => {
    fc.assert(
      fc.property(values, fc.constantFrom(0, 0.5, 0.9, 0.95, 0.99, 1), (pairs, p) => {
        const all = pairs.flatMap(([value, weight]) => new Array<number>(weight).fill(value)).sort((a, b) => a - b);
        const wanted = all.find((_, i) => (i + 1) / all.length >= p - 1e-9);
        const column = Float64Array.from(pairs, ([value]) => value);
        const weights = Float64Array.from(pairs, ([, weight]) => weight);
        expect(quantile(Float64Array.from(all), p)).toBe(wanted);
        expect(weightedQuantile(column, weights, p)).toBe(wanted);
      }),
      { seed: 1, numRuns: 500 },
    );
  });

  it("of nothing are not a number", () => {
    expect(quantile(new Float64Array(0), 0.5)).toBeNaN();
    expect(weightedQuantile(new Float64Array(0), new Float64Array(0), 0.5)).toBeNaN();
  });
});
