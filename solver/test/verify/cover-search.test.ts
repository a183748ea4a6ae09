import { describe, expect, it } from "vitest";
import { CoverSearch, type Item } from "../../src/verify/cover-search.ts";
import { frontOf, pairFronts } from "../../src/verify/front.ts";
import { smooth, type Worth } from "../../src/verify/worth.ts";
import { Random } from "../oracle/random.ts";

function everySum(items: Item[], start: number): { gain: number; price: number }[] {
  let sums = [{ gain: start, price: 0 }];
  for (const { gain, price, most } of items)
    sums = sums.flatMap((s) =>
      Array.from({ length: most + 1 }, (_, k) => ({ gain: s.gain + k * gain, price: s.price + k * price })),
    );
  return sums;
}

function randomItems(random: Random): Item[] {
  return Array.from({ length: random.whole(1, 4) }, () => ({
    gain: random.whole(1, 40) / 100,
    price: random.chance(0.15) ? 0 : random.whole(1, 300) / 10,
    most: random.whole(1, 9),
  }));
}

describe("least price of an attainment over whole replicas", () => {
  it("is that of every combination: covering, shedding at a rate, logarithms", () => {
    const random = new Random(2026);
    const search = new CoverSearch();
    for (let i = 0; i < 2000; i++) {
      const items = randomItems(random);
      const start = random.pick([0, 0, 0.13]);
      const goal = random.pick([0, 0.25, 0.5, 0.95, 1]);
      const linear = random.pick([0, 0, 5, 60]);
      const log = goal > 0 ? random.pick([0, 0, 8]) : 0;
      const worth: Worth = { floor: 0, steps: [], linear, log, logFromZero: false };
      const values = everySum(items, start).map((s) =>
        s.gain < goal - 1e-12 ? Infinity : s.price + smooth(worth, Math.min(1, s.gain)),
      );
      const least = values.reduce((a, b) => Math.min(a, b));
      search.load(items);
      const found = search.search(worth, goal, start, Number.POSITIVE_INFINITY);
      if (least === Number.POSITIVE_INFINITY) expect(found).toBe(least);
      else
        expect(Math.abs(found - least), JSON.stringify({ items, start, goal, linear, log, found, least })).toBeLessThan(
          1e-9,
        );
    }
    expect(search.exact).toBe(true);
  });

  it("stays a lower bound where the search is cut", () => {
    const items = Array.from({ length: 10 }, (_, i) => ({ gain: 0.0101 + i * 1e-4, price: 1.01 + i * 0.01, most: 60 }));
    const worth: Worth = { floor: 0, steps: [], linear: 0, log: 0, logFromZero: false };
    const search = new CoverSearch();
    search.load(items);
    const found = search.search(worth, 0.98765, 0, Number.POSITIVE_INFINITY);
    expect(found).toBeGreaterThanOrEqual(search.relaxed(worth, 0.98765, 0));
    expect(found).toBeLessThanOrEqual(98 * 1.01);
  });
});

describe("fronts of two lanes", () => {
  it("hold the least price of every level of the pair", () => {
    const random = new Random(7);
    for (let i = 0; i < 300; i++) {
      const [left, right] = [randomItems(random).slice(0, 2), randomItems(random).slice(0, 2)];
      const pairs = pairFronts(frontOf(left, 0), frontOf(right, 0));
      expect(pairs.exact).toBe(true);
      const a = everySum(left, 0);
      const b = everySum(right, 0);
      for (const level of [0, 0.2, 0.5, 0.8, 1]) {
        const cheapest = (sums: typeof a) =>
          Math.min(...sums.filter((s) => Math.min(1, s.gain) >= level).map((s) => s.price));
        const at = pairs.gain.findIndex((g) => Math.min(1, g) >= level);
        expect(at < 0 ? Infinity : pairs.price[at]!).toBeCloseTo(cheapest(a) + cheapest(b), 9);
      }
    }
  });

  it("are thinned to a lower bound where they grow long", () => {
    const long = [3, 5, 7, 11].map((p) => ({ gain: 1 / (p * 997), price: Math.sqrt(p), most: 5000 }));
    const front = frontOf(long, 0);
    expect(front.exact).toBe(false);
    expect(front.gain.length).toBeLessThanOrEqual(2000);
    const relaxed = new CoverSearch();
    relaxed.load(long);
    const worth: Worth = { floor: 0, steps: [], linear: 0, log: 0, logFromZero: false };
    const upper = Math.ceil(0.5 * 3 * 997) * Math.sqrt(3);
    const at = front.gain.findIndex((g) => g >= 0.5);
    expect(front.price[at]!).toBeLessThanOrEqual(upper);
    expect(front.price[at]!).toBeGreaterThan(relaxed.relaxed(worth, 0.5, 0) * 0.9);
  });
});
