import { describe, expect, it } from "vitest";
import { fleet } from "../../bench/generator.ts";
import type { Keep } from "../../src/chain/keep.ts";
import { keeps } from "../../src/chain/keep-check.ts";
import { fits } from "../../src/heuristic/usage.ts";
import { COLUMNS, Columns } from "../../src/lagrange/columns.ts";
import { dive, emptyPlacement } from "../../src/lagrange/dive.ts";
import { Dual } from "../../src/lagrange/dual.ts";
import { flatten } from "../../src/lagrange/flat.ts";
import { LocalSearch } from "../../src/lagrange/local-search.ts";
import { Placement } from "../../src/lagrange/placement.ts";
import { type StageGoal, type StageModel, stageModel } from "../../src/lagrange/stage-model.ts";
import { attainmentOf, attainments } from "../../src/model/attainment.ts";
import { type Goals, goalsOf, weightBelow } from "../../src/model/goals.ts";
import { compile, type Instance } from "../../src/model/instance.ts";
import { Random } from "../oracle/random.ts";
import { type Feature, randomWorld } from "../oracle/worlds.ts";

interface Stage {
  instance: Instance;
  goals: Goals;
  keep: Keep;
  model: StageModel;
  tieBreak: boolean;
}

const nothing = (instance: Instance): Keep => ({
  minReplicas: Float64Array.from(instance.variants, (v) => v.min),
  rungs: [],
  totals: [],
  logs: [],
});

function penaltyStage(ratio: number, seed: number): Stage {
  const instance = compile(fleet({ workloads: 30, pools: 4, ratio, seed, rule: "penalty", shapes: seed % 2 === 0 }));
  const goals = goalsOf(instance);
  const keep = nothing(instance);
  const goal: StageGoal = { cost: 1, linear: (m) => instance.workloads[m]!.shedPenalty };
  return { instance, goals, keep, model: stageModel(flatten(instance), goals, keep, goal), tieBreak: false };
}

/** A plan by first fit: whole demands by rising index, as long as there is room. */
function firstFit(instance: Instance): Float64Array {
  const x = new Float64Array(instance.variants.length);
  for (const [m, w] of instance.workloads.entries())
    for (const v of w.variants) {
      while (x[v]! < instance.variants[v]!.useful) {
        x[v]!++;
        if (fits(instance, x)) continue;
        x[v]!--;
        break;
      }
      if (attainmentOf(instance, m, x) >= 1) break;
    }
  return x;
}

/** A rung of the last class while rungs of all are kept as first fit has them, so that a plan is known. */
function rungStage(ratio: number, seed: number): Stage & { known: Float64Array } {
  const instance = compile(fleet({ workloads: 30, pools: 4, ratio, seed, rule: "max-min", shapes: seed % 2 === 0 }));
  const goals = goalsOf(instance);
  const keep = nothing(instance);
  const known = firstFit(instance);
  const a = attainments(instance, known);
  for (const [cls, klass] of instance.classes.entries())
    for (const rung of [0.25, 0.5, 0.75]) keep.rungs.push({ cls, rung, reached: weightBelow(goals, klass, a, rung) });
  const cls = instance.classes.length - 1;
  const goal: StageGoal = { cost: 1e-6, below: [{ cls, rung: 1, factor: 1 }] };
  return { instance, goals, keep, model: stageModel(flatten(instance), goals, keep, goal), tieBreak: true, known };
}

function settledDual({ model, tieBreak }: Stage, known?: Float64Array): Dual {
  const dual = new Dual(model, undefined, tieBreak);
  const { flat } = model;
  if (known) for (let m = 0; m < flat.workloads; m++) dual.columns.add(m, known, flat.first[m]!, dual.prices);
  dual.run(() => false);
  expect(dual.infeasible).toBe(false);
  return dual;
}

const nearTo = (a: number, b: number) => expect(Math.abs(a - b)).toBeLessThanOrEqual(1e-7 * Math.max(1, Math.abs(b)));

function expectFresh(plan: Placement): void {
  const fresh = new Placement(plan.columns);
  fresh.load(plan.x);
  nearTo(plan.objective, fresh.objective);
  nearTo(plan.spend, fresh.spend);
  plan.used.forEach((u, r) => {
    nearTo(u, fresh.used[r]!);
  });
  plan.cost.forEach((c, m) => {
    nearTo(c, fresh.cost[m]!);
  });
}

/** Whole replicas from the minima up that fit, need for need. */
function expectPlan({ instance, goals, keep, model }: Stage, x: Float64Array): void {
  x.forEach((k, v) => {
    expect(Number.isInteger(k)).toBe(true);
    expect(k).toBeGreaterThanOrEqual(model.min[v]!);
    expect(k).toBeLessThanOrEqual(instance.variants[v]!.useful);
  });
  expect(fits(instance, x)).toBe(true);
  expect(keeps(instance, goals, keep, x)).toBe(true);
}

const MIXES: Feature[][] = [
  ["classes", "weights", "start-cost", "floors", "quotas"],
  ["roles", "classes", "start-cost", "bags"],
  ["types", "start-cost", "odd-sizes"],
];

describe("a placement that is changed one workload at a time", () => {
  it.each(MIXES.map((features) => ({ features })))("carries what a fresh one does: $features", ({ features }) => {
    for (let seed = 1; seed <= 30; seed++) {
      const random = new Random(seed);
      const instance = compile(randomWorld(seed, features));
      const goals = goalsOf(instance);
      const keep = nothing(instance);
      instance.classes.forEach((_, cls) => {
        keep.rungs.push({ cls, rung: 0.4, reached: 2 }, { cls, rung: 0.9, reached: 5 });
        keep.totals.push({ cls, value: 1 });
        keep.logs.push({ cls, zeroWeight: 1, value: -2 });
      });
      const goal: StageGoal = { cost: 1, linear: (m) => 3 + m, below: [{ cls: 0, rung: 0.7, factor: 2 }] };
      const model = stageModel(flatten(instance), goals, keep, goal);
      const { flat } = model;
      const plan = new Placement(new Columns(model));
      plan.load(Float64Array.from(instance.variants, (v) => random.whole(0, v.useful)));
      for (let i = 0; i < 30; i++) {
        const m = random.whole(0, flat.workloads - 1);
        const counts = Float64Array.from(instance.workloads[m]!.variants, (v) =>
          random.whole(0, instance.variants[v]!.useful),
        );
        const before = plan.objective;
        const change = plan.look(m, counts, 0);
        plan.set(m, counts, 0);
        if (!Number.isNaN(change)) nearTo(before + change, plan.objective);
      }
      expectFresh(plan);
      const used = instance.rows.map(({ variants, coefficients }) =>
        variants.reduce((sum, v, i) => sum + coefficients[i]! * plan.x[v]!, 0),
      );
      used.forEach((u, r) => {
        nearTo(plan.used[r]!, u);
      });
    }
  });

  it("looks at what fits as the rows say", () => {
    const { model, instance } = penaltyStage(0.7, 2);
    const { flat } = model;
    const random = new Random(3);
    const plan = new Placement(new Columns(model));
    let refused = 0;
    for (let i = 0; i < 400; i++) {
      const m = random.whole(0, flat.workloads - 1);
      const counts = Float64Array.from(instance.workloads[m]!.variants, (v) =>
        random.whole(0, Math.min(3, instance.variants[v]!.useful)),
      );
      const trial = plan.x.slice();
      trial.set(counts, flat.first[m]!);
      const change = plan.look(m, counts, 0);
      expect(Number.isNaN(change)).toBe(!fits(instance, trial));
      if (Number.isNaN(change)) refused++;
      else plan.set(m, counts, 0);
    }
    expect(refused).toBeGreaterThan(20);
    const limits = new Float64Array(flat.widest);
    for (let m = 0; m < flat.workloads; m++) {
      plan.limits(m, limits);
      instance.workloads[m]!.variants.forEach((v, i) => {
        const trial = plan.x.slice();
        for (const o of instance.workloads[m]!.variants) trial[o] = 0;
        trial[v] = limits[i]!;
        expect(fits(instance, trial)).toBe(true);
        trial[v]!++;
        expect(limits[i]! === instance.variants[v]!.useful || !fits(instance, trial)).toBe(true);
      });
    }
  });
});

const cells = [1.5, 1, 0.6].flatMap((ratio) => [1, 2, 3].map((seed) => ({ ratio, seed })));
const never = () => false;

describe("plans from prices", () => {
  it.each(cells)("penalty, capacity $ratio, seed $seed: dives settle, search only improves", ({ ratio, seed }) => {
    const stage = penaltyStage(ratio, seed);
    const dual = settledDual(stage);
    for (const tau of [3e-5, 1e-3]) {
      const plan = dive(dual, dual.all, emptyPlacement(dual), dual.prices, tau);
      const search = new LocalSearch(dual, plan, dual.prices);
      expect(search.settle()).toBe(true);
      improve(stage, search);
      expect(plan.objective).toBeGreaterThanOrEqual(dual.bound - 1e-6 * Math.abs(dual.bound));
    }
  });

  it.each(cells)("a rung, capacity $ratio, seed $seed: what is kept stays kept", ({ ratio, seed }) => {
    const stage = rungStage(ratio, seed);
    const dual = settledDual(stage, stage.known);
    const plan = new Placement(dual.columns);
    plan.load(stage.known);
    expect(plan.feasible()).toBe(true);
    improve(stage, new LocalSearch(dual, plan, dual.prices));
    const dived = dive(dual, dual.all, emptyPlacement(dual), dual.prices, 3e-5);
    const search = new LocalSearch(dual, dived, dual.prices);
    // where rows are tight a dive need not come to rest; where it does, it is a plan
    if (search.settle()) improve(stage, search);
    expectFresh(dived);
    // without the cost that breaks ties, the objective is the weight that the stage counts
    const last = stage.instance.classes.at(-1)!;
    const a = attainments(stage.instance, dived.x);
    nearTo(dived.objective - dived.spend, weightBelow(stage.goals, last, a, 1));
  });

  it.each(cells)("a pass, capacity $ratio, seed $seed: makes no more moves than it may", ({ ratio, seed }) => {
    const stage = rungStage(ratio, seed);
    const dual = settledDual(stage, stage.known);
    const plan = new Placement(dual.columns);
    plan.load(stage.known);
    const search = new LocalSearch(dual, plan, dual.prices);
    expect(search.pass(0, 200, never, 0)).toBe(0);
    expect(plan.x).toEqual(stage.known);
    search.pass(0, 200, never, 50);
    expectPlan(stage, plan.x);
  });
});

/** Every kind of improvement in turn: the objective never rises, the plan stays one. */
function improve(stage: Stage, search: LocalSearch): void {
  const { plan } = search;
  let objective = plan.objective;
  const check = (gain: number) => {
    nearTo(objective - gain, plan.objective);
    expect(plan.objective).toBeLessThanOrEqual(objective + 1e-9 * Math.max(1, Math.abs(objective)));
    objective = plan.objective;
    expect(plan.feasible()).toBe(true);
    expectPlan(stage, plan.x);
    expectFresh(plan);
  };
  check(0);
  for (const share of [1, 0.3, 0]) check(search.fill(share, never));
  for (let k = 0; k < 3; k++) check(search.pass(1e-7, 200, never));
  check(search.redive(10, 12, 1e-3, never));
  for (let m = 0; m < stage.model.flat.workloads; m++) expect(plan.columns.count[m]).toBeLessThanOrEqual(COLUMNS);
}

describe("a dive into a scarce fleet", () => {
  it("leaves no devices to those who are as well off without them", () => {
    const instance = compile(fleet({ workloads: 600, pools: 6, ratio: 0.7, seed: 3, rule: "penalty", shapes: false }));
    const goal: StageGoal = { cost: 1, linear: (m) => instance.workloads[m]!.shedPenalty };
    const dual = new Dual(stageModel(flatten(instance), goalsOf(instance), nothing(instance), goal));
    dual.run(() => false);
    const plan = dive(dual, dual.all, emptyPlacement(dual), dual.prices, 1e-4);
    const search = new LocalSearch(dual, plan, dual.prices);
    expect(search.settle()).toBe(true);
    for (const share of [1, 0.3, 0]) search.fill(share, () => false);
    expect(plan.objective).toBeGreaterThanOrEqual(dual.bound);
    expect((plan.objective - dual.bound) / plan.objective).toBeLessThan(0.01);
  });
});
