import fc from "fast-check";
import { expect, test } from "vitest";
import { Assembly, type Piece, pieces } from "../../src/engines/pieces.ts";
import { runs } from "../support/runs.ts";
import { fleetOf } from "./fleets.ts";

function put(parts: Iterable<Piece>): unknown {
  const assembly = new Assembly();
  for (const part of parts) assembly.add(structuredClone(part));
  return assembly.take();
}

test("a value comes out of its pieces as it went in", () => {
  const leaf = fc.oneof(fc.double(), fc.string(), fc.constant(undefined), fc.constant(null), fc.boolean());
  const long = fc.array(leaf, { minLength: 0, maxLength: 400 }).map((list) => list.flatMap((v) => Array(40).fill(v)));
  const { value } = fc.letrec((tie) => ({
    value: fc.oneof(
      { maxDepth: 4 },
      leaf,
      long,
      fc.array(tie("value"), { maxLength: 5 }),
      fc.dictionary(fc.constantFrom("a", "b", "list"), tie("value")),
    ),
  }));
  fc.assert(
    fc.property(value, (v) => {
      expect(put(pieces(v))).toEqual(v);
    }),
    runs(60),
  );
});

test("order of keys, odd numbers and lists in lists stay", () => {
  const value = { z: 1, a: [[Number.NaN, -0, Number.POSITIVE_INFINITY]], m: Array(20_000).fill([1, { k: [] }]) };
  const copy = put(pieces(value));
  expect(copy).toEqual(value);
  expect(Object.keys(copy as object)).toEqual(["z", "a", "m"]);
});

test("no piece is much larger than the rest", () => {
  const problem = fleetOf(2000);
  problem.pools[0] = {
    name: problem.pools[0]!.name,
    nodes: Array.from({ length: 50_000 }, () => ({ freeDevices: 8, count: 1, taints: [], holds: {} })),
  };
  const sizes = [...pieces(problem)].map((piece) => JSON.stringify(piece).length);
  expect(sizes.length).toBeGreaterThan(20);
  expect(Math.max(...sizes)).toBeLessThan(300_000);
});
