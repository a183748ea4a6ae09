import { describe, expect, it } from "vitest";
import { randomOf } from "../../bench/generator.ts";
import { Cover, type Item } from "../../src/price/cover.ts";

interface Case {
  items: Item[];
  need: number;
  slope: number;
}

function randomCase(random: () => number): Case {
  const whole = (n: number) => Math.floor(random() * n);
  const items = Array.from({ length: 1 + whole(4) }, (_, at) => ({
    gain: 0.05 + random() * 0.6,
    price: random() * 10,
    start: random() < 0.5 ? random() * 3 : 0,
    warm: whole(3),
    most: whole(5),
    at,
  }));
  return { items, need: random() < 0.3 ? 0 : random(), slope: random() < 0.3 ? 0 : random() * 30 };
}

const costOf = (items: Item[], x: ArrayLike<number>) =>
  items.reduce((sum, i) => sum + i.price * x[i.at]! + i.start * Math.max(0, x[i.at]! - i.warm), 0);
const gainOf = (items: Item[], x: ArrayLike<number>) => items.reduce((sum, i) => sum + i.gain * x[i.at]!, 0);

/** The least over every integer point of the box. */
function enumerate({ items, need, slope }: Case): number {
  let best = Number.POSITIVE_INFINITY;
  const x = items.map(() => 0);
  const visit = (i: number): void => {
    if (i === items.length) {
      const gain = gainOf(items, x);
      if (gain >= need - 1e-9) best = Math.min(best, costOf(items, x) + slope * Math.max(0, 1 - gain));
      return;
    }
    for (let k = 0; k <= items[i]!.most; k++) {
      x[i] = k;
      visit(i + 1);
    }
  };
  visit(0);
  return best;
}

describe("the cover of one workload", () => {
  it.each([1, 2, 3, 4])("equals an enumeration of its box, seed %i", (seed) => {
    const random = randomOf(seed);
    const cover = new Cover();
    for (let i = 0; i < 2500; i++) {
      const one = randomCase(random);
      const best = enumerate(one);
      cover.prepare(one.items, one.slope);
      const solved = cover.solve(one.need, 1);
      expect(solved).toBe(Number.isFinite(best));
      if (!solved) continue;
      expect(cover.value).toBeCloseTo(best, 6);
      expect(cover.lower).toBeLessThanOrEqual(best + 1e-9);
      const x = new Float64Array(one.items.length);
      cover.read(x, 0);
      expect(costOf(one.items, x) + one.slope * Math.max(0, 1 - gainOf(one.items, x))).toBeCloseTo(best, 6);
    }
  });

  it("finds nothing where the cutoff is lower than the best", () => {
    const cover = new Cover();
    cover.prepare([{ gain: 0.5, price: 3, start: 0, warm: 0, most: 4, at: 0 }], 0);
    expect(cover.solve(1, 1, 5)).toBe(false);
    expect(cover.solve(1, 1, 7)).toBe(true);
    expect(cover.value).toBe(6);
  });
});
