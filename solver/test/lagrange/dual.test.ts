import { describe, expect, it } from "vitest";
import { fleet } from "../../bench/generator.ts";
import type { Keep } from "../../src/chain/keep.ts";
import { solve } from "../../src/index.ts";
import { Dual } from "../../src/lagrange/dual.ts";
import { flatten } from "../../src/lagrange/flat.ts";
import { type StageGoal, stageModel } from "../../src/lagrange/stage-model.ts";
import { attainments } from "../../src/model/attainment.ts";
import { goalsOf, weightBelow } from "../../src/model/goals.ts";
import { compile, type Instance } from "../../src/model/instance.ts";
import type { Plan } from "../../src/plan/types.ts";
import type { PlacementProblem } from "../../src/problem/types.ts";
import { leastPattern, type PatternCost } from "./pattern-cost.ts";

const nothing = (instance: Instance): Keep => ({
  minReplicas: Float64Array.from(instance.variants, (v) => v.min),
  rungs: [],
  totals: [],
  logs: [],
});

/** What prices prove, by looking at every placement of every workload. */
function enumerated(q: PatternCost): number {
  let value = 0;
  q.model.capacity.forEach((c, r) => {
    value -= q.prices[r]! * c;
  });
  for (let m = 0; m < q.instance.workloads.length; m++) value += leastPattern(q, m);
  return value;
}

function replicas(instance: Instance, plan: Plan): Float64Array {
  const x = new Map(plan.workloads.flatMap((w) => w.variants.map((v) => [v.name, v.replicas])));
  return Float64Array.from(instance.variants, (v) => x.get(v.name)!);
}

function expectReproduced(dual: Dual, q: Omit<PatternCost, "prices" | "scale">): void {
  expect(dual.prices.every((p) => p >= 0)).toBe(true);
  const near = 1e-6 * Math.max(1, Math.abs(dual.bound));
  expect(Math.abs(enumerated({ ...q, prices: dual.prices, scale: 1 }) - dual.bound)).toBeLessThanOrEqual(near);
  expect(Math.abs(dual.evaluate(dual.prices).value - dual.bound)).toBeLessThanOrEqual(near);
  const pure = { ...q, goal: { ...q.goal, cost: dual.tieBreak ? 0 : q.goal.cost }, scale: 1 };
  const reproduced = enumerated({ ...pure, prices: dual.purePrices });
  expect(Math.abs(reproduced - dual.pureBound)).toBeLessThanOrEqual(near);
}

const cells = [1.5, 1, 0.7, 0.4].flatMap((ratio) => [1, 2, 3, 4].map((seed) => ({ ratio, seed })));
const tiny = (ratio: number, seed: number, rule: "penalty" | "max-min"): PlacementProblem =>
  fleet({ workloads: 4 + (seed % 3), pools: 2, ratio, seed, rule, shapes: seed % 2 === 0 });

describe("duals of tiny fleets", () => {
  it.each(cells)("penalty, capacity $ratio, seed $seed: below the optimum, and its prices prove it", async (cell) => {
    const problem = tiny(cell.ratio, cell.seed, "penalty");
    const instance = compile(problem);
    const goals = goalsOf(instance);
    const keep = nothing(instance);
    const goal: StageGoal = { cost: 1, linear: (m) => instance.workloads[m]!.shedPenalty };
    const model = stageModel(flatten(instance), goals, keep, goal);
    const dual = new Dual(model);
    dual.run(() => false);
    const { objective, status } = await solve(problem, { engine: "highs", timeLimitMs: 60_000 });
    expect(status).toBe("optimal");
    expect(dual.infeasible).toBe(false);
    expect(dual.bound).toBeLessThanOrEqual(objective.primal + 1e-6 * objective.primal);
    // not an empty claim: better than what no row binds
    const free = enumerated({
      instance,
      goals,
      keep,
      goal,
      model,
      prices: new Float64Array(model.keys.length),
      scale: 1,
    });
    expect(dual.bound).toBeGreaterThanOrEqual(free - 1e-6 * free);
    expectReproduced(dual, { instance, goals, keep, goal, model });
  });

  it.each(cells)("rungs, capacity $ratio, seed $seed: no plan of the search passes the bound", async (cell) => {
    const problem = tiny(cell.ratio, cell.seed, "max-min");
    const instance = compile(problem);
    const goals = goalsOf(instance);
    const plan = await solve(problem, { engine: "highs", timeLimitMs: 60_000 });
    const a = attainments(instance, replicas(instance, plan));
    const keep = nothing(instance);
    for (const [cls, klass] of instance.classes.entries())
      for (const rung of [0.3, 0.7, 1]) {
        const reached = weightBelow(goals, klass, a, rung);
        const goal: StageGoal = { cost: 1e-6, below: [{ cls, rung, factor: 1 }] };
        const model = stageModel(flatten(instance), goals, keep, goal);
        const dual = new Dual(model, undefined, true);
        dual.run(() => false);
        expect(dual.infeasible).toBe(false);
        expect(dual.pureBound).toBeLessThanOrEqual(reached + 1e-6);
        expectReproduced(dual, { instance, goals, keep, goal, model });
        keep.rungs.push({ cls, rung, reached });
      }
  });

  it("a need that no placement meets is said to be infeasible", () => {
    const instance = compile(tiny(1, 1, "penalty"));
    const goals = goalsOf(instance);
    const model = stageModel(flatten(instance), goals, nothing(instance), { cost: 1 });
    const m = instance.workloads.findIndex((w) => w.kind !== "idle");
    model.hard[m] = 1e6;
    const dual = new Dual(model);
    dual.run(() => false);
    expect(dual.infeasible).toBe(true);
    expect(dual.bound).toBe(Number.NEGATIVE_INFINITY);
  });
});
