import { describe, expect, it } from "vitest";
import { verify } from "../../src/verify/verify.ts";
import { bruteForce } from "../oracle/brute-force.ts";
import { planOf, TEST_LADDER } from "../oracle/plan-of.ts";
import { FEATURES, type Feature, randomWorld } from "../oracle/worlds.ts";

/** Every feature alone, and mixtures that meet in practice. */
const MIXTURES: Feature[][] = [
  [],
  ...FEATURES.map((f) => [f]),
  ["classes", "weights", "floors", "start-cost"],
  ["quotas", "cohorts", "guarantees", "classes"],
  ["taints", "holds", "groups", "odd-sizes"],
  ["roles", "types", "weights", "classes"],
  ["penalty", "start-cost", "roles", "types"],
  ["classes", "total", "proportional", "dominant-share", "weights"],
];

describe("verify accepts the oracle's best plans", () => {
  it.each(MIXTURES.map((features) => ({ features, title: features.join(" + ") || "plain" })))(
    "$title",
    ({ features }) => {
      for (let seed = 1; seed <= 25; seed++) {
        const problem = randomWorld(seed, features);
        const plan = planOf(problem, bruteForce(problem, { ladder: TEST_LADDER }));
        expect({ seed, findings: verify(problem, plan).findings }).toEqual({ seed, findings: [] });
      }
    },
  );
});
