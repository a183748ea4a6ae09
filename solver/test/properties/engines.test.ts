import fc from "fast-check";
import { expect, test } from "vitest";
import type { PlacementProblem } from "../../src/index.ts";
import { compareClasses, costOf } from "../support/profile.ts";
import { runs } from "../support/runs.ts";
import { solved } from "../support/solved.ts";
import { EVERYTHING, PLAIN, tinyProblem } from "../support/tiny.ts";

async function expectAgreement(asked: PlacementProblem) {
  const highs = await solved(asked, { engine: "highs" });
  const jslp = await solved(asked, { engine: "jslp" });
  expect([highs.engine, jslp.engine]).toEqual(["highs", "jslp"]);
  expect(jslp.status).toBe(highs.status);
  expect(compareClasses(asked, highs, jslp)).toBe(0);
  expect(costOf(asked, jslp)).toBeCloseTo(costOf(asked, highs), 6);
  expect(jslp.objective.primal).toBeCloseTo(highs.objective.primal, 6);
}

const COMPARABLE = { ...EVERYTHING, rules: EVERYTHING.rules.filter((r) => r !== "dominant-share"), types: false };

test("property: two engines agree on F, totals and cost of plain problems", () =>
  fc.assert(fc.asyncProperty(tinyProblem({ ...PLAIN, maxWorkloads: 3 }), expectAgreement), runs(40)));

test("property: two engines agree on F, totals and cost of problems with all that the format has", () =>
  fc.assert(fc.asyncProperty(tinyProblem({ ...COMPARABLE, maxWorkloads: 3 }), expectAgreement), runs(40)));

test("property: two engines agree on the penalty objective", () =>
  fc.assert(
    fc.asyncProperty(tinyProblem({ ...COMPARABLE, objective: "penalty", maxWorkloads: 3 }), async (asked) => {
      const highs = await solved(asked, { engine: "highs" });
      const jslp = await solved(asked, { engine: "jslp" });
      expect(jslp.objective.primal).toBeCloseTo(highs.objective.primal, 6);
    }),
    runs(30),
  ));
