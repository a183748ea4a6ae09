import { attainments } from "../model/attainment.ts";
import { type Goals, reaches, weightBelow } from "../model/goals.ts";
import type { Instance } from "../model/instance.ts";
import type { Keep, KeptRung } from "./keep.ts";

function variantCost(instance: Instance, x: ArrayLike<number>, i: number): number {
  const v = instance.variants[i]!;
  return v.cost * x[i]! + v.startCost * Math.max(0, x[i]! - v.current);
}

/** Cost per hour of what runs plus the cost of starting what is above the current replicas; of all, or of some workloads. */
export function costOf(instance: Instance, x: ArrayLike<number>, workloads?: readonly number[]): number {
  let sum = 0;
  if (workloads)
    for (const m of workloads) for (const i of instance.workloads[m]!.variants) sum += variantCost(instance, x, i);
  else for (let i = 0; i < instance.variants.length; i++) sum += variantCost(instance, x, i);
  return sum;
}

/** Σ w·a·d of a class. */
export function totalOf(instance: Instance, cls: number, a: ArrayLike<number>): number {
  return instance.classes[cls]!.members.reduce((sum, m) => {
    const w = instance.workloads[m]!;
    return w.kind === "idle" ? sum : sum + w.weight * a[m]! * w.demand;
  }, 0);
}

/** Weight at a = 0, and Σ w·ln a over the others. */
export function logsOf(instance: Instance, cls: number, a: ArrayLike<number>): { zeroWeight: number; value: number } {
  let zeroWeight = 0;
  let value = 0;
  for (const m of instance.classes[cls]!.members) {
    const w = instance.workloads[m]!;
    if (w.kind === "idle") continue;
    if (a[m]! <= 0) zeroWeight += w.weight;
    else value += w.weight * Math.log(a[m]!);
  }
  return { zeroWeight, value };
}

/** Σ over the class of replicas missing to the asked minimum. */
export function missingReplicas(
  instance: Instance,
  cls: number,
  asked: ArrayLike<number>,
  x: ArrayLike<number>,
): number {
  return instance.classes[cls]!.members.reduce(
    (sum, m) => sum + instance.workloads[m]!.variants.reduce((s, v) => s + Math.max(0, asked[v]! - x[v]!), 0),
    0,
  );
}

/** Σ over the class of attainment missing to what is asked. */
export function missingAttainment(
  instance: Instance,
  cls: number,
  asked: ArrayLike<number>,
  a: ArrayLike<number>,
): number {
  return instance.classes[cls]!.members.reduce((sum, m) => {
    const lack = asked[m]! - a[m]!;
    return lack > 1e-7 ? sum + lack : sum;
  }, 0);
}

/** Weight below kept rungs, by attainments: the same few plans are held against ever more rungs. */
const below = new WeakMap<ArrayLike<number>, Map<KeptRung, number>>();

function weightBelowRung(instance: Instance, goals: Goals, a: Float64Array, rung: KeptRung): number {
  let known = below.get(a);
  if (!known) {
    known = new Map();
    below.set(a, known);
  }
  const weight = known.get(rung) ?? weightBelow(goals, instance.classes[rung.cls]!, a, rung.rung);
  known.set(rung, weight);
  return weight;
}

/** True where a plan keeps at least the minima and the floors of each workload. */
function keepsFloors(goals: Goals, keep: Keep, x: Float64Array, a: Float64Array): boolean {
  for (let v = 0; v < x.length; v++) if (x[v]! < keep.minReplicas[v]!) return false;
  for (let m = 0; m < a.length; m++) if (!reaches(a[m]!, goals.floor[m]!)) return false;
  return true;
}

/** True where a plan keeps all that earlier stages reached. */
export function keeps(
  instance: Instance,
  goals: Goals,
  keep: Keep,
  x: Float64Array,
  a = attainments(instance, x),
): boolean {
  if (!keepsFloors(goals, keep, x, a)) return false;
  for (const f of keep.brokenMinima?.missing ?? [])
    if (missingReplicas(instance, f.cls, keep.brokenMinima!.asked, x) > f.reached + 1e-6) return false;
  for (const f of keep.brokenGuarantees?.missing ?? [])
    if (missingAttainment(instance, f.cls, keep.brokenGuarantees!.asked, a) > f.reached + 1e-6) return false;
  for (const r of keep.rungs) if (weightBelowRung(instance, goals, a, r) > r.reached + 1e-6) return false;
  for (const t of keep.totals)
    if (totalOf(instance, t.cls, a) < t.value - 1e-8 * Math.max(1, Math.abs(t.value))) return false;
  for (const l of keep.logs) {
    const { zeroWeight, value } = logsOf(instance, l.cls, a);
    if (zeroWeight > l.zeroWeight + 1e-6 || value < l.value - 1e-6) return false;
  }
  if (keep.cohortFirst) {
    const { members, value } = keep.cohortFirst;
    const sum = members.reduce((s, m) => s + instance.workloads[m]!.weight * a[m]!, 0);
    if (sum < value - 1e-6) return false;
  }
  return keep.cost === undefined || costOf(instance, x) <= keep.cost + 1e-8 * Math.max(1, Math.abs(keep.cost));
}
