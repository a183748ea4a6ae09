import { describe, expect, it } from "vitest";
import { sumBetween } from "../../src/verify/weight-sums.ts";
import { Random } from "../oracle/random.ts";

function bySubsets(weights: number[], from: number, to: number): boolean {
  for (let bits = 0; bits < 2 ** weights.length; bits++) {
    const sum = weights.reduce((s, w, i) => (bits & (2 ** i) ? s + w : s), 0);
    if (sum >= from && sum < to) return true;
  }
  return false;
}

describe("sums of weights between two bounds", () => {
  it("are multiples where all weights are equal", () => {
    expect(sumBetween([1, 1, 1], 1.2, 2)).toBe(false);
    expect(sumBetween([1, 1, 1], 1, 2)).toBe(true);
    expect(sumBetween([1.5, 1.5], 0.1, 1.5)).toBe(false);
    expect(sumBetween([], 0.5, 1)).toBe(false);
  });

  it("are those of the subsets for other weights", () => {
    const random = new Random(42);
    for (let i = 0; i < 500; i++) {
      const weights = [1, ...Array.from({ length: random.whole(1, 6) }, () => random.pick([1, 1.3, 1.7, 2.25]))];
      const from = random.whole(0, 40) / 7;
      const to = from + random.whole(1, 10) / 9;
      const multiples = weights.every((w) => w === 1);
      if (!multiples)
        expect(sumBetween(weights, from, to), `${weights} in [${from}, ${to})`).toBe(bySubsets(weights, from, to));
    }
  });
});
