import { serialize } from "node:v8";
import fc from "fast-check";
import { expect, test } from "vitest";
import { Assembly, type Piece, pieces } from "../../src/engines/pieces.ts";
import { solveHere } from "../../src/solve-here.ts";
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

test("the records of problems and plans come back as they were, with few or many kinds of keys", async () => {
  const problem = fleetOf(300);
  problem.workloads[3]!.tenant = "team";
  problem.workloads[4]!.requestTypes = [{ name: "long", demandPerSecond: 0.5 }];
  delete problem.workloads[5]!.variants[0]!.maxReplicas;
  const plan = await solveHere(problem, { engine: "heuristic" });
  for (const value of [problem, plan]) expect(JSON.stringify(put(pieces(value)))).toBe(JSON.stringify(value));
  const maps = Array.from({ length: 600 }, (_, i) => ({ [`key ${i}`]: i, "0": -0, é: "ü" }));
  expect(put(pieces(maps))).toEqual(maps);
});

test("no piece is much larger than the rest", () => {
  const problem = fleetOf(2000);
  problem.pools[0] = {
    name: problem.pools[0]!.name,
    nodes: Array.from({ length: 50_000 }, () => ({ freeDevices: 8, count: 1, taints: [], holds: {} })),
  };
  const sizes = [...pieces(problem)].map((piece) => serialize(piece).length);
  expect(sizes.length).toBeGreaterThan(8);
  expect(Math.max(...sizes)).toBeLessThan(800_000);
});
