import { attainments } from "../model/attainment.ts";
import { type Goals, goalsOf, weightBelow } from "../model/goals.ts";
import { compile, type Instance } from "../model/instance.ts";
import type { Plan } from "../plan/types.ts";
import type { PlacementProblem } from "../problem/types.ts";
import { type Names, namesOf } from "./changes.ts";
import { NeighbourSearch, type Neighbours } from "./neighbours.ts";
import { whole } from "./part.ts";
import { rowsSaid } from "./row-holders.ts";
import { leastValues, pricedModel, type RoundStage, stagesOf } from "./stages.ts";

/** What a session knows between rounds: the problem as it runs, its plan, and what proves it, all by index of the instance. */
export interface Base {
  problem: PlacementProblem;
  names: Names;
  instance: Instance;
  goals: Goals;
  plan: Plan;
  /** Workload of the instance by position in the problem, and back. */
  modelOf: Int32Array;
  positionOf: Int32Array;
  x: Float64Array;
  /** Attainments. */
  a: Float64Array;
  /** By workload: cost and start cost of its counts. */
  cost: Float64Array;
  /** By row. */
  used: Float64Array;
  stages: RoundStage[];
  /** By stage: F, or cost, or penalty. */
  reached: Float64Array;
  /** By stage that is priced: the least priced values of the workloads. */
  least: (Float64Array | undefined)[];
  neighbours: Neighbours;
  /** By class. */
  classWeight: Float64Array;
  /** Workloads whose counts the last round changed: what they started runs now. */
  moved: Set<number>;
  /** By stage: reached − bound of the last full solve; of cost and penalty relative to what is reached. */
  open: Float64Array;
}

/** Cost per hour of the counts of workload m, with starts. */
export function costOfWorkload(instance: Instance, m: number, x: Float64Array): number {
  let sum = 0;
  for (const v of instance.workloads[m]!.variants) {
    const { cost, startCost, current } = instance.variants[v]!;
    sum += cost * x[v]! + startCost * Math.max(0, x[v]! - current);
  }
  return sum;
}

/** What a plan reaches in a stage. */
export function reachedIn(
  stage: RoundStage,
  instance: Instance,
  goals: Goals,
  cost: Float64Array,
  a: Float64Array,
): number {
  if (stage.kind === "rung") return weightBelow(goals, instance.classes[stage.cls]!, a, stage.rung);
  let sum = 0;
  for (let m = 0; m < cost.length; m++) {
    sum += cost[m]!;
    if (stage.kind === "penalty" && a[m]! < 1) sum += instance.workloads[m]!.shedPenalty * (1 - a[m]!);
  }
  return sum;
}

/** Whether quick rounds can follow a plan: what it would take to bound or to report the rest anew is a solve of its own. */
function followable(instance: Instance, plan: Plan): boolean {
  const { objective } = instance.problem;
  return (
    plan.status !== "infeasible" &&
    plan.guarantees.length === 0 &&
    instance.problem.quotas.every((q) => q.guaranteedDevices === 0) &&
    instance.workloads.every((w) => w.kind !== "types") &&
    instance.classes.every((c) => c.rule !== "dominant-share" && (objective === "penalty" || c.rule === "max-min"))
  );
}

/** Workloads looked at before others have their turn. */
const AT_ONCE = 2000;

/**
 * The base of quick rounds after a full plan, where `problem` is that of the plan with the plan's counts running. In steps: the longest
 * ones compile the problem and price one stage, 0.1 s or more at 10,000 workloads. undefined where quick rounds cannot follow.
 */
export function* baseOf(problem: PlacementProblem, plan: Plan): Generator<void, Base | undefined> {
  const instance = compile(problem);
  if (!followable(instance, plan)) return undefined;
  const stages = stagesOf(instance, plan);
  if (!stages || stages.length === 0) return undefined;
  yield;
  const goals = goalsOf(instance);
  const names = namesOf(problem);
  yield;
  const counts = new Map(plan.workloads.flatMap((w) => w.variants.map((v) => [v.name, v.replicas] as const)));
  const x = Float64Array.from(instance.variants, (v) => counts.get(v.name)!);
  // also where a name is not in the plan
  if (!x.every((k, v) => k >= instance.variants[v]!.min)) return undefined;
  const a = attainments(instance, x).slice();
  const cost = Float64Array.from(instance.workloads, (_, m) => costOfWorkload(instance, m, x));
  const used = new Float64Array(instance.rows.length);
  instance.rows.forEach((row, r) => {
    row.variants.forEach((v, i) => {
      used[r] = used[r]! + row.coefficients[i]! * x[v]!;
    });
  });
  yield;
  const reached = Float64Array.from(stages, (s) => reachedIn(s, instance, goals, cost, a));
  const all = whole(instance, goals);
  const least: Base["least"] = [];
  for (let at = 0; at < stages.length; at++) {
    yield;
    const values = stages[at]!.prices ? leastValues(all, stages, reached, at) : undefined;
    if (stages[at]!.prices && !values) return undefined;
    least.push(values);
  }
  yield;
  const { model, prices } = pricedModel(all, stages, reached, stages.length - 1);
  const search = new NeighbourSearch(model, prices, x);
  for (let m = 0; m < instance.workloads.length; m += AT_ONCE) {
    yield;
    search.run(m, Math.min(m + AT_ONCE, instance.workloads.length));
  }
  yield;
  const modelOf = new Int32Array(instance.workloads.length);
  const positionOf = Int32Array.from(instance.workloads, (w) => names.workloads.get(w.name)!);
  positionOf.forEach((position, m) => {
    modelOf[position] = m;
  });
  rowsSaid(plan, instance);
  const entries = new Map(plan.certificate.map((e) => [e.stage, e]));
  const open = Float64Array.from(stages, (s) => {
    const e = entries.get(s.name)!;
    return (e.reached - e.bound) / (s.kind === "rung" ? 1 : Math.max(1e-9, Math.abs(e.reached)));
  });
  return {
    problem,
    names,
    instance,
    goals,
    plan,
    modelOf,
    positionOf,
    x,
    a,
    cost,
    used,
    stages,
    reached,
    least,
    neighbours: search.found,
    classWeight: Float64Array.from(instance.classes, (c) => c.members.reduce((sum, m) => sum + goals.weight[m]!, 0)),
    moved: new Set(),
    open,
  };
}
