import type { PlacementProblem, Plan, Workload } from "../../src/index.ts";

/**
 * What plans are compared by, computed from attainments alone and in another way than the solver does: not for problems with
 * `dominant-share`, nor for request types whose variants have maxima.
 */

const TOLERANCE = 1e-6;

/** Attainment that the own bounds of a workload allow. */
function capOf(w: Workload): number {
  if (w.requestTypes) return 1;
  const lane = (role: string) =>
    w.variants
      .filter((v) => v.role === role && v.maxReplicas !== 0)
      .reduce((sum, v) => sum + (v.maxReplicas ?? Number.POSITIVE_INFINITY) * v.capacityPerSecond!, 0);
  return Math.min(1, (lane("both") + Math.min(lane("prefill"), lane("decode"))) / w.demandPerSecond);
}

interface Member {
  workload: Workload;
  /** Normalised inside the class. */
  weight: number;
}

function membersOf(problem: PlacementProblem, priority: number): Member[] {
  const active = problem.workloads.filter((w) => w.priority === priority && w.demandPerSecond > 0);
  const least = Math.min(...active.map((w) => w.weight));
  return active.map((workload) => ({ workload, weight: workload.weight / least }));
}

function attainmentIn(plan: Plan): (w: Workload) => number {
  const known = new Map(plan.workloads.map((w) => [w.name, w.attainment]));
  return (w) => known.get(w.name)!;
}

function prioritiesOf(problem: PlacementProblem): number[] {
  return [...new Set(problem.workloads.map((w) => w.priority))].sort((a, b) => a - b);
}

function ruleOf(problem: PlacementProblem, priority: number) {
  return problem.classes.find((c) => c.priority === priority)?.rule ?? "max-min";
}

/** F(t) of a class (model, "What is best"). */
export function weightBelow(problem: PlacementProblem, plan: Plan, priority: number, t: number): number {
  const a = attainmentIn(plan);
  return membersOf(problem, priority)
    .filter(({ workload, weight }) => a(workload) < Math.min(1, weight * t, capOf(workload)) - 1e-7)
    .reduce((sum, { weight }) => sum + weight, 0);
}

/** Where F steps up: above the share a/w of everyone who is not as full as its bounds allow. */
function steps(problem: PlacementProblem, plan: Plan, priority: number): number[] {
  const a = attainmentIn(plan);
  return membersOf(problem, priority)
    .filter(({ workload, weight }) => a(workload) < Math.min(1, weight, capOf(workload)) - 1e-7)
    .map(({ workload, weight }) => a(workload) / weight);
}

/** Σ w·a·d of a class. */
export function totalOf(problem: PlacementProblem, plan: Plan, priority: number): number {
  const a = attainmentIn(plan);
  return problem.workloads
    .filter((w) => w.priority === priority)
    .reduce((sum, w) => sum + (w.demandPerSecond > 0 ? w.weight * a(w) * w.demandPerSecond : 0), 0);
}

/** Weight at attainment 0 of a class, and Σ w·ln a over the others. */
export function logsOf(problem: PlacementProblem, plan: Plan, priority: number): { zero: number; sum: number } {
  const a = attainmentIn(plan);
  const active = problem.workloads.filter((w) => w.priority === priority && w.demandPerSecond > 0);
  return {
    zero: active.filter((w) => a(w) <= 0).reduce((sum, w) => sum + w.weight, 0),
    sum: active.filter((w) => a(w) > 0).reduce((sum, w) => sum + w.weight * Math.log(a(w)), 0),
  };
}

function compareNumbers(p: number, q: number): number {
  return Math.abs(p - q) <= TOLERANCE * Math.max(1, Math.abs(p), Math.abs(q)) ? 0 : p - q;
}

/** Below 0: `p` is better in that class; 0: as good. */
function compareClass(problem: PlacementProblem, p: Plan, q: Plan, priority: number): number {
  const rule = ruleOf(problem, priority);
  if (rule === "total") return compareNumbers(totalOf(problem, q, priority), totalOf(problem, p, priority));
  if (rule === "proportional") {
    const [a, b] = [logsOf(problem, p, priority), logsOf(problem, q, priority)];
    return compareNumbers(a.zero, b.zero) || compareNumbers(b.sum, a.sum);
  }
  const at = [...steps(problem, p, priority), ...steps(problem, q, priority)].sort((x, y) => x - y);
  for (const t of at) {
    const just = t + 2 * TOLERANCE;
    const difference = compareNumbers(weightBelow(problem, p, priority, just), weightBelow(problem, q, priority, just));
    if (difference !== 0) return difference;
  }
  return 0;
}

/** Below 0: the classes of `p`, one after the other, are better served; 0: alike. Cost is left aside. */
export function compareClasses(problem: PlacementProblem, p: Plan, q: Plan): number {
  for (const priority of prioritiesOf(problem)) {
    const difference = compareClass(problem, p, q, priority);
    if (difference !== 0) return difference;
  }
  return 0;
}

/** Cost per hour of what runs plus the cost of starting. */
export function costOf(problem: PlacementProblem, plan: Plan): number {
  const replicas = new Map(plan.workloads.flatMap((w) => w.variants.map((v) => [v.name, v.replicas])));
  return problem.workloads
    .flatMap((w) => w.variants)
    .reduce((sum, v) => {
      const x = replicas.get(v.name)!;
      return sum + v.costPerHour * x + v.startCost * Math.max(0, x - v.currentReplicas);
    }, 0);
}
