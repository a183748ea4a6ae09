import type { Keep } from "../../src/chain/keep.ts";
import type { StageGoal, StageModel } from "../../src/lagrange/stage-model.ts";
import { attainmentOf } from "../../src/model/attainment.ts";
import { type Goals, threshold } from "../../src/model/goals.ts";
import type { Instance } from "../../src/model/instance.ts";

/**
 * What one workload pays at prices, from what a stage means and not from its arrays: `keep` and `goal` are read as the chain reads them,
 * rows are told apart by their keys.
 */
export interface PatternCost {
  instance: Instance;
  goals: Goals;
  keep: Keep;
  goal: StageGoal;
  model: StageModel;
  prices: Float64Array;
  /** Factor of the objective. */
  scale: number;
}

const INF = Number.POSITIVE_INFINITY;

function isBelow(q: PatternCost, m: number, a: number, rung: number): boolean {
  return q.goals.weight[m]! > 0 && a < threshold(q.goals, m, rung) - 1e-7;
}

function logLoss(a: number): number {
  return a > 1e-9 ? -Math.log(a) : 0;
}

/** What attainment `a` costs by what is kept; Infinity where it breaks what is hard for this workload alone. */
function keptCost(q: PatternCost, m: number, a: number): number {
  const { instance, goals, keep, model } = q;
  const w = instance.workloads[m]!;
  const price = (key: string) => q.prices[model.keys.indexOf(key)] ?? 0;
  const prefix = `class/${instance.classes[w.cls]!.priority}`;
  if (a < goals.floor[m]! - 1e-9) return INF;
  let sum = 0;
  for (const r of keep.rungs) {
    if (r.cls !== w.cls || !isBelow(q, m, a, r.rung)) continue;
    if (goals.weight[m]! > r.reached + 1e-6) return INF;
    sum += goals.weight[m]! * price(`${prefix}/F(${r.rung})`);
  }
  for (const t of keep.totals) if (t.cls === w.cls) sum += w.weight * w.demand * (1 - a) * price(`${prefix}/total`);
  for (const l of keep.logs) {
    if (l.cls !== w.cls) continue;
    if (a <= 1e-9) sum += w.weight * price(`${prefix}/F(${1e-9})`);
    sum += w.weight * logLoss(a) * price(`${prefix}/proportional`);
  }
  if (keep.cohortFirst?.members.includes(m)) sum += w.weight * (1 - a) * price("cohort-first");
  return sum;
}

function goalCost(q: PatternCost, m: number, a: number): number {
  const { goal } = q;
  const w = q.instance.workloads[m]!;
  let sum = goal.linear ? goal.linear(m) * (1 - a) : 0;
  for (const b of goal.below ?? [])
    if (b.cls === w.cls && isBelow(q, m, a, b.rung)) sum += b.factor * q.goals.weight[m]!;
  if (goal.log?.cls === w.cls) {
    sum += w.weight * logLoss(a);
    if (a <= 1e-9)
      sum +=
        w.weight *
        (q.prices[q.model.keys.indexOf(`class/${q.instance.classes[w.cls]!.priority}/F(${1e-9})`)]! / q.scale);
  }
  return sum;
}

/** The Lagrangian of counts `x` (by variant index) of workload m. */
export function patternCost(q: PatternCost, m: number, x: Record<number, number>): number {
  const { instance, goal, prices, scale } = q;
  const w = instance.workloads[m]!;
  let sum = 0;
  for (const v of w.variants) {
    const { cost, startCost, current } = instance.variants[v]!;
    sum += scale * goal.cost * (cost * x[v]! + startCost * Math.max(0, x[v]! - current));
    for (const { row, coefficient } of instance.rowsOf[v]!) sum += prices[row]! * coefficient * x[v]!;
  }
  if (goal.missing) {
    // while minima are settled nothing else counts
    if (goal.missing.cls === w.cls) for (const v of w.variants) sum += Math.max(0, goal.missing.asked[v]! - x[v]!);
    return sum;
  }
  if (w.kind === "idle") return sum;
  const a = attainmentOf(instance, m, x);
  return sum + keptCost(q, m, a) + scale * goalCost(q, m, a);
}

/** Every point of the box of workload m, by variant index. The record is reused. */
function eachPattern(
  q: PatternCost,
  m: number,
  limits: ArrayLike<number> | undefined,
  visit: (x: Record<number, number>) => void,
): void {
  const { variants } = q.instance.workloads[m]!;
  const x: Record<number, number> = {};
  const descend = (i: number) => {
    const v = variants[i];
    if (v === undefined) return visit(x);
    const least = q.model.min[v]!;
    const most = Math.max(least, Math.min(q.instance.variants[v]!.useful, limits?.[i] ?? INF));
    for (let k = least; k <= most; k++) {
      x[v] = k;
      descend(i + 1);
    }
  };
  descend(0);
}

/** The least over the box. */
export function leastPattern(q: PatternCost, m: number, limits?: ArrayLike<number>): number {
  let best = INF;
  eachPattern(q, m, limits, (x) => {
    best = Math.min(best, patternCost(q, m, x));
  });
  return best;
}
