import fc from "fast-check";
import { expect, test } from "vitest";
import type { ObjectiveName, PlacementProblem } from "../../src/index.ts";
import { runs } from "../support/runs.ts";
import { bytesOf, solved } from "../support/solved.ts";
import { EVERYTHING, tinyProblem } from "../support/tiny.ts";

/** The same problem with one workload's requests counted in other units. */
function scaled(problem: PlacementProblem, at: number, factor: number): PlacementProblem {
  const workloads = problem.workloads.map((w, i) => {
    if (i !== at) return w;
    const variants = w.variants.map((v) =>
      v.capacityPerSecond ? { ...v, capacityPerSecond: v.capacityPerSecond * factor } : v,
    );
    return { ...w, demandPerSecond: w.demandPerSecond * factor, variants };
  });
  return { ...problem, workloads };
}

// rule `total` counts requests, and a plan for request types carries their rates
const RATIOS = { ...EVERYTHING, rules: EVERYTHING.rules.filter((r) => r !== "total"), types: false };

for (const objective of ["lexicographic", "penalty"] satisfies ObjectiveName[])
  test(`property: the unit in which one workload counts its requests changes nothing, objective ${objective}`, () =>
    fc.assert(
      fc.asyncProperty(
        tinyProblem({ ...RATIOS, objective }),
        fc.nat(3),
        fc.constantFrom(0.125, 0.5, 2, 3, 6, 1024),
        async (asked, at, factor) => {
          // quarters times these factors are exact, so the ratios are the same doubles
          const other = scaled(asked, at % asked.workloads.length, factor);
          expect(bytesOf(await solved(other))).toBe(bytesOf(await solved(asked)));
        },
      ),
      runs(40),
    ));
