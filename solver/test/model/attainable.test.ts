import { describe, expect, it } from "vitest";
import { nextAttainable } from "../../src/model/attainable.ts";
import { attainmentOf, attainments } from "../../src/model/attainment.ts";
import { compile, type Instance } from "../../src/model/instance.ts";
import { Random } from "../oracle/random.ts";
import { randomWorld } from "../oracle/worlds.ts";

/** Every attainment of one workload inside its boxes. */
function everyAttainment(instance: Instance, m: number): number[] {
  const found: number[] = [];
  const x = new Float64Array(instance.variants.length);
  const { variants } = instance.workloads[m]!;
  const visit = (i: number) => {
    if (i === variants.length) {
      found.push(attainmentOf(instance, m, x));
      return;
    }
    for (let k = 0; k <= instance.variants[variants[i]!]!.useful; k++) {
      x[variants[i]!] = k;
      visit(i + 1);
    }
    x[variants[i]!] = 0;
  };
  visit(0);
  return found;
}

describe("the next attainable value", () => {
  it("is the least of all placements that reaches the threshold, asked once or again", () => {
    const random = new Random(11);
    let asked = 0;
    for (let seed = 0; seed < 150; seed++) {
      const instance = compile(randomWorld(seed, seed % 3 === 0 ? ["weights"] : []));
      instance.workloads.forEach((w, m) => {
        if (w.kind !== "plain") return;
        const every = everyAttainment(instance, m);
        for (let i = 0; i < 8; i++) {
          const threshold = random.whole(1, 100) / 100;
          const least = every.filter((a) => a >= threshold - 1e-9).reduce((a, b) => Math.min(a, b), Infinity);
          const expected = least === Infinity ? threshold : Math.max(threshold, least);
          expect(nextAttainable(instance, m, threshold)).toBeCloseTo(expected, 8);
          expect(nextAttainable(instance, m, threshold)).toBe(nextAttainable(instance, m, threshold));
          asked++;
        }
      });
    }
    expect(asked).toBeGreaterThan(1000);
  });
});

describe("attainments of plans that were measured before", () => {
  it("follow counts that change in place", () => {
    for (let seed = 0; seed < 50; seed++) {
      const instance = compile(randomWorld(seed, ["roles"]));
      const x = new Float64Array(instance.variants.length);
      for (let step = 0; step < 12; step++) {
        const v = step % x.length;
        x[v] = (x[v]! + 1) % 3;
        const expected = instance.workloads.map((_, m) => attainmentOf(instance, m, x));
        expect([...attainments(instance, x)]).toEqual(expected);
        expect([...attainments(instance, x.slice())]).toEqual(expected);
      }
    }
  });
});
