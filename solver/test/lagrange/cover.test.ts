import { describe, expect, it } from "vitest";
import { randomOf } from "../../bench/generator.ts";
import { Cover } from "../../src/lagrange/cover.ts";

interface Item {
  gain: number;
  price: number;
  start: number;
  warm: number;
  most: number;
  at: number;
}

interface Case {
  items: Item[];
  need: number;
  slope: number;
  log: number;
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
  return {
    items,
    need: random() < 0.3 ? 0 : random(),
    slope: random() < 0.3 ? 0 : random() * 30,
    log: random() < 0.7 ? 0 : random() * 10,
  };
}

const costOf = (items: Item[], x: ArrayLike<number>) =>
  items.reduce((sum, i) => sum + i.price * x[i.at]! + i.start * Math.max(0, x[i.at]! - i.warm), 0);
const gainOf = (items: Item[], x: ArrayLike<number>) => items.reduce((sum, i) => sum + i.gain * x[i.at]!, 0);

/** What the attainment costs: the slope, and the logarithm where there is one. */
function worth(gain: number, { slope, log }: Case): number {
  if (log > 0 && gain <= 1e-9) return Number.POSITIVE_INFINITY;
  return slope * Math.max(0, 1 - gain) - (log > 0 ? log * Math.log(Math.min(1, gain)) : 0);
}

/** The least over every integer point of the box. */
function enumerate(one: Case): number {
  const { items, need } = one;
  let best = Number.POSITIVE_INFINITY;
  const x = items.map(() => 0);
  const visit = (i: number): void => {
    if (i === items.length) {
      const gain = gainOf(items, x);
      if (gain >= need - 1e-9) best = Math.min(best, costOf(items, x) + worth(gain, one));
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

function load(cover: Cover, { items, slope, log }: Case): void {
  cover.reset(0, slope, log);
  for (const i of items) if (i.most > 0) cover.add(i.at, i.gain, i.price, i.start, i.warm, i.most);
  cover.seal();
}

describe("the cover of one workload", () => {
  it.each([1, 2, 3, 4])("equals an enumeration of its box, seed %i", (seed) => {
    const random = randomOf(seed);
    const cover = new Cover(8);
    for (let i = 0; i < 2500; i++) {
      const one = randomCase(random);
      const best = enumerate(one);
      load(cover, one);
      const solved = cover.solve(one.need, Number.POSITIVE_INFINITY);
      expect(solved).toBe(Number.isFinite(best));
      if (!solved) continue;
      expect(cover.value).toBeCloseTo(best, 6);
      expect(cover.lower).toBeLessThanOrEqual(best + 1e-9);
      const x = new Float64Array(one.items.length);
      cover.read(x);
      expect(costOf(one.items, x) + worth(gainOf(one.items, x), one)).toBeCloseTo(best, 6);
    }
  });

  // as prices make them where a workload is indifferent between pools: each replica is worth its share, nearly
  it.each([
    [[301.5, 187.3, 411.7], 1e-4],
    [[611.3, 287.7, 133.1], 1e-5],
    [[150.7, 83.3, 201.9], 1e-5],
  ])("is exact among variants of nearly one price, %o replicas for all", (replicas, apart) => {
    const [a, b, c] = replicas.map((n, at) => ({
      gain: 1 / n,
      price: (1000 / n) * (1 + at * apart),
      start: 0,
      warm: 0,
      most: Math.ceil(n),
      at,
    })) as [Item, Item, Item];
    let best = Number.POSITIVE_INFINITY;
    for (let x = 0; x <= a.most; x++)
      for (let y = 0; y <= b.most; y++) {
        const z = Math.max(0, Math.ceil((1 - x * a.gain - y * b.gain) / c.gain - 1e-9));
        if (z <= c.most) best = Math.min(best, x * a.price + y * b.price + z * c.price);
      }
    const cover = new Cover(8);
    load(cover, { items: [a, b, c], need: 1, slope: 0, log: 0 });
    expect(cover.solve(1, Number.POSITIVE_INFINITY)).toBe(true);
    expect(cover.value).toBeCloseTo(best, 6);
    expect(cover.lower).toBeGreaterThan(best * (1 - 1e-8));
    expect(cover.lower).toBeLessThanOrEqual(best);
  });

  it("finds nothing where the cutoff is lower than the best", () => {
    const cover = new Cover(8);
    load(cover, { items: [{ gain: 0.5, price: 3, start: 0, warm: 0, most: 4, at: 0 }], need: 1, slope: 0, log: 0 });
    expect(cover.solve(1, 5)).toBe(false);
    expect(cover.solve(1, 7)).toBe(true);
    expect(cover.value).toBe(6);
  });
});
