import fc from "fast-check";
import { expect, test } from "vitest";
import type { ObjectiveName } from "../../src/index.ts";
import { runs } from "../support/runs.ts";
import { shuffled } from "../support/shuffle.ts";
import { bytesOf, solved } from "../support/solved.ts";
import { EVERYTHING, tinyProblem } from "../support/tiny.ts";

for (const objective of ["lexicographic", "penalty"] satisfies ObjectiveName[])
  test(`property: the same problem in another order gives the same bytes, objective ${objective}`, () =>
    fc.assert(
      fc.asyncProperty(tinyProblem({ ...EVERYTHING, objective }), fc.nat(), async (asked, seed) => {
        const first = bytesOf(await solved(asked));
        // packings and row keys name node rows by index
        expect(bytesOf(await solved(shuffled(asked, seed, ["nodes"])))).toBe(first);
        expect(bytesOf(await solved(shuffled(asked, seed + 1, ["nodes"])))).toBe(first);
      }),
      runs(40),
    ));
