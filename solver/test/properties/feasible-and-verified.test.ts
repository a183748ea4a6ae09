import fc from "fast-check";
import { expect, test } from "vitest";
import type { PlacementProblem } from "../../src/index.ts";
import { costOf } from "../support/profile.ts";
import { runs } from "../support/runs.ts";
import { solved } from "../support/solved.ts";
import { EVERYTHING, PLAIN, tinyProblem } from "../support/tiny.ts";

async function expectVerified(asked: PlacementProblem) {
  const plan = await solved(asked);
  expect(plan.stoppedAt).toBeUndefined();
  expect(plan.status).toBe(plan.conflicts.length > 0 ? "infeasible" : "optimal");
  expect(plan.objective.bound).toBeLessThanOrEqual(plan.objective.primal);
  if (asked.objective === "lexicographic") expect(plan.objective.primal).toBeCloseTo(costOf(asked, plan), 9);
}

test("property: every plan of a plain problem is verified and proved", () =>
  fc.assert(fc.asyncProperty(tinyProblem(PLAIN), expectVerified), runs(60)));

test("property: every plan of a problem with all that the format has is verified, and proved unless floors conflict", () =>
  fc.assert(fc.asyncProperty(tinyProblem(EVERYTHING), expectVerified), runs(100)));

test("property: every plan under objective penalty is verified and proved", () =>
  fc.assert(fc.asyncProperty(tinyProblem({ ...EVERYTHING, objective: "penalty" }), expectVerified), runs(40)));
