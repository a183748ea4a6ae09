import { describe, expect, it } from "vitest";
import { type CoverBox, leastCovers } from "../../src/chain/least-covers.ts";
import { Random } from "../oracle/random.ts";

/** Every vector of the box that reaches the target and cannot drop a replica. */
function byEnumeration({ gain, low, high }: CoverBox, target: number): string[] {
  const found: string[] = [];
  const sum = (x: number[]) => x.reduce((s, c, i) => s + c * gain[i]!, 0);
  const visit = (x: number[]) => {
    if (x.length < gain.length) {
      for (let c = low[x.length]!; c <= high[x.length]!; c++) visit([...x, c]);
      return;
    }
    const isLeast = x.every((c, i) => c === low[i]! || sum(x) - gain[i]! < target - 1e-9);
    if (sum(x) >= target - 1e-9 && isLeast) found.push(x.join());
  };
  visit([]);
  return found.sort();
}

describe("least covers", () => {
  it("are all vectors that reach the target and can drop no replica", () => {
    const random = new Random(5);
    for (let round = 0; round < 300; round++) {
      const n = random.whole(1, 4);
      const gain = Array.from({ length: n }, () => random.whole(1, 60) / 97);
      const low = gain.map(() => (random.chance(0.2) ? 1 : 0));
      const high = low.map((l) => l + random.whole(0, 4));
      const target = random.whole(0, 100) / 100;
      const covers = leastCovers({ gain, low, high }, target, 10_000)!;
      expect(covers.map((x) => x.join()).sort()).toEqual(byEnumeration({ gain, low, high }, target));
    }
  });

  it("are not listed beyond the limit", () => {
    expect(leastCovers({ gain: [0.1, 0.1], low: [0, 0], high: [9, 9] }, 0.5, 3)).toBeUndefined();
  });
});
