import type { ClassRuleName } from "../problem/types.ts";
import { attainmentCap } from "./attainment.ts";
import { dominantShare } from "./dominant-share.ts";
import { REACH_TOLERANCE } from "./findings.ts";
import type { World } from "./world.ts";

/** The workloads of one priority, most important class first in lists. */
export interface ClassFacts {
  priority: number;
  rule: ClassRuleName;
  /** All workloads of the class. */
  members: number[];
}

/** What the rules of classes compare, by workload. */
export interface Goals {
  classes: ClassFacts[];
  /** Weight over the smallest of the class (for dominant-share of w/D); 0 for workloads without demand, which never count. */
  weight: Float64Array;
  /** Attainment that the own bounds allow. */
  cap: Float64Array;
}

/** min(1, w·t, cap): what a workload has to reach at level t. */
export function threshold(goals: Goals, m: number, t: number): number {
  return Math.min(1, goals.weight[m]! * t, goals.cap[m]!);
}

/** The least attainment that counts as reaching a threshold. */
export function leastReaching(thr: number): number {
  return thr - REACH_TOLERANCE;
}

/** F(t) = Σ w over the members below their threshold at t. */
export function weightBelow(goals: Goals, cls: ClassFacts, attainment: Float64Array, t: number): number {
  let sum = 0;
  for (const m of cls.members)
    if (goals.weight[m]! > 0 && !(attainment[m]! >= leastReaching(threshold(goals, m, t)))) sum += goals.weight[m]!;
  return sum;
}

/** The largest t in [0, 1] with F(t) = 0. */
export function levelOf(goals: Goals, cls: ClassFacts, attainment: Float64Array): number {
  let level = 1;
  for (const m of cls.members) {
    const short = goals.weight[m]! > 0 && !(attainment[m]! >= leastReaching(threshold(goals, m, 1)));
    if (short) level = Math.min(level, attainment[m]! / goals.weight[m]!);
  }
  return level;
}

export function readGoals(world: World): Goals {
  const rules = new Map(world.problem.classes.map((c) => [c.priority, c.rule]));
  const classes = new Map<number, ClassFacts>();
  const goals: Goals = {
    classes: [],
    weight: new Float64Array(world.workloads.length),
    cap: new Float64Array(world.workloads.length).fill(1),
  };
  world.workloads.forEach((w, m) => {
    const known = classes.get(w.priority);
    const cls = known ?? { priority: w.priority, rule: rules.get(w.priority) ?? "max-min", members: [] };
    if (!known) classes.set(w.priority, cls);
    cls.members.push(m);
    if (w.kind === "idle") return;
    goals.cap[m] = attainmentCap(world, w);
    const share = cls.rule === "dominant-share" ? dominantShare(world, w, goals.cap[m]!) : 1;
    goals.weight[m] = share > 0 ? w.weight / share : w.weight;
  });
  goals.classes = [...classes.values()].sort((a, b) => a.priority - b.priority);
  for (const cls of goals.classes) {
    let least = Number.POSITIVE_INFINITY;
    for (const m of cls.members) if (goals.weight[m]! > 0) least = Math.min(least, goals.weight[m]!);
    for (const m of cls.members) goals.weight[m] = goals.weight[m]! / least || 0;
  }
  return goals;
}
