import { describe, expect, it } from "vitest";
import { fleet } from "../../bench/generator.ts";
import { Usage } from "../../src/heuristic/usage.ts";
import { applyChanges, type Plan, solve, verify } from "../../src/index.ts";
import type { BindingRow } from "../../src/plan/types.ts";
import type { PlacementProblem } from "../../src/problem/types.ts";
import { Holders } from "../../src/report/holders.ts";
import { type Base, baseOf } from "../../src/session/base.ts";
import { changedInstance } from "../../src/session/changed-instance.ts";
import { running } from "../../src/session/changes.ts";
import { committed } from "../../src/session/commit.ts";
import { quickPlan } from "../../src/session/quick-plan.ts";
import { quickRound, type Round } from "../../src/session/quick-round.ts";
import { bruteForce } from "../oracle/brute-force.ts";
import { FEATURES, type Feature, randomWorld } from "../oracle/worlds.ts";
import { randomChanges } from "./changes.ts";

/** The base after a full plan; undefined where quick rounds cannot follow it. */
function baseAfter(problem: PlacementProblem, plan: Plan): Base | undefined {
  const steps = baseOf(running(problem, plan), plan);
  for (let step = steps.next(); ; step = steps.next()) if (step.done) return step.value;
}

/** What the reasons of a plan say of rows. */
function rowsIn(plan: Plan): BindingRow[] {
  return plan.workloads.flatMap((w) => w.reason?.binding ?? []);
}

/** The same, gathered from all counts. */
function rowsAnew({ changed, x }: Round, plan: Plan): BindingRow[] {
  const holders = new Holders(changed.instance, new Usage(changed.instance, x));
  const rowOf = new Map(changed.instance.rows.map((row, r) => [row.key, r]));
  return rowsIn(plan).map((b) => holders.row(rowOf.get(b.key)!));
}

const FLEETS = [
  { name: "penalty, bags, tight", rule: "penalty", shapes: false, ratio: 1 },
  { name: "penalty, shapes, scarce", rule: "penalty", shapes: true, ratio: 0.7 },
  { name: "max-min, shapes, ample", rule: "max-min", shapes: true, ratio: 2 },
  { name: "max-min, shapes, tight", rule: "max-min", shapes: true, ratio: 1 },
] as const;

describe("quick rounds on fleets", () => {
  it.each(FLEETS)(
    "$name: every plan passes the checker, and a cold one is better by no more than the gap",
    async (f) => {
      const problem = fleet({ workloads: 120, pools: 6, ratio: f.ratio, seed: 5, rule: f.rule, shapes: f.shapes });
      const options = { engine: "price", timeLimitMs: 20_000 } as const;
      let base = baseAfter(problem, await solve(problem, options));
      let followed = 0;
      for (let seed = 1; seed <= 12; seed++) {
        const changes = randomChanges(base!.problem, seed);
        const changed = changedInstance(base!, changes);
        const round = changed && quickRound(base!, changed);
        if (!round) continue;
        followed++;
        const plan = quickPlan(base!, round);
        const planned = applyChanges(base!.problem, changes);
        expect(round.changed.problem).toEqual(planned);
        const report = verify(planned, plan);
        expect(report.findings, `seed ${seed}`).toEqual([]);
        expect(report.bounds.filter((b) => !b.checked)).toEqual([]);
        expect(rowsIn(plan)).toEqual(rowsAnew(round, plan));
        if (seed % 6 === 0 && f.rule === "penalty") {
          const cold = await solve(planned, options);
          expect(cold.objective.primal).toBeGreaterThanOrEqual(plan.objective.bound - 1e-6 * plan.objective.primal);
          expect(plan.objective.bound).toBeLessThanOrEqual(cold.objective.primal * (1 + 1e-6));
        }
        base = committed(base!, round, plan);
      }
      expect(followed).toBeGreaterThan(0);
    },
  );
});

describe("quick rounds on tiny worlds", () => {
  const features: Feature[] = FEATURES.filter((f) => f !== "types" && f !== "guarantees" && f !== "dominant-share");

  it.each(["penalty", "lexicographic"])("%s: bounds hold against every placement", async (objective) => {
    let followed = 0;
    for (let seed = 1; seed <= 150; seed++) {
      const own = features.filter((f, i) =>
        f === "penalty" ? objective === "penalty" : ((seed * 31 + i * 17) >> 2) % 3 === 0,
      );
      const problem = randomWorld(seed, own);
      const base = baseAfter(problem, await solve(problem, { engine: "price", timeLimitMs: 20_000 }));
      if (!base) continue;
      const changes = randomChanges(base.problem, seed, 0.5);
      const changed = changedInstance(base, changes);
      const round = changed && quickRound(base, changed);
      if (!round) continue;
      followed++;
      const plan = quickPlan(base, round);
      const planned = applyChanges(base.problem, changes);
      const report = verify(planned, plan);
      expect(report.findings, `seed ${seed}, ${own.join()}`).toEqual([]);
      if (objective === "penalty")
        expect(plan.objective.bound, `seed ${seed}`).toBeLessThanOrEqual(bruteForce(planned, {}).objective + 1e-6);
    }
    expect(followed).toBeGreaterThan(10);
  });
});
