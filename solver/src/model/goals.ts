import { ATTAINMENT_TOLERANCE, attainmentCap } from "./attainment.ts";
import { CheapestCover } from "./cover.ts";
import type { ClassModel, Instance } from "./instance.ts";

/** What the class rules look at: shares inside a class, caps, floors. All by workload index. */
export interface Goals {
  /** Class weight divided by the smallest of the class (for dominant-share: of w/D). At least 1; 0 for idle workloads. */
  weight: Float64Array;
  /** Attainment that the own bounds allow. */
  cap: Float64Array;
  /** Attainment that a guarantee promises and no conflict broke. */
  floor: Float64Array;
}

/** The threshold of workload m at level t: min(1, w·t, cap). */
export function threshold(goals: Goals, m: number, t: number): number {
  return Math.min(1, goals.weight[m]! * t, goals.cap[m]!);
}

/** True where an attainment counts as reaching a threshold. */
export function reaches(attainment: number, thr: number): boolean {
  return attainment >= thr - ATTAINMENT_TOLERANCE;
}

/** F(t) = Σ w over the workloads of the class below their threshold (model, "What is best"). */
export function weightBelow(goals: Goals, cls: ClassModel, a: ArrayLike<number>, t: number): number {
  let sum = 0;
  for (const m of cls.members)
    if (goals.weight[m]! > 0 && !reaches(a[m]!, threshold(goals, m, t))) sum += goals.weight[m]!;
  return sum;
}

/** The largest t in [0, 1] with F(t) ≤ `budget`. */
export function levelOf(goals: Goals, cls: ClassModel, a: ArrayLike<number>, budget = 0): number {
  const breaks: { t: number; weight: number }[] = [];
  for (const m of cls.members) {
    const w = goals.weight[m]!;
    if (w === 0 || reaches(a[m]!, Math.min(1, w, goals.cap[m]!))) continue;
    breaks.push({ t: a[m]! / w, weight: w });
  }
  breaks.sort((p, q) => p.t - q.t);
  let below = 0;
  for (const b of breaks) {
    below += b.weight;
    if (below > budget + 1e-9) return b.t;
  }
  return 1;
}

export function goalsOf(instance: Instance): Goals {
  const n = instance.workloads.length;
  const goals: Goals = { weight: new Float64Array(n), cap: new Float64Array(n).fill(1), floor: new Float64Array(n) };
  instance.workloads.forEach((w, m) => {
    if (w.kind === "idle") return;
    goals.cap[m] = attainmentCap(instance, m);
    goals.weight[m] = w.weight;
  });
  for (const cls of instance.classes) {
    const active = cls.members.filter((m) => goals.weight[m]! > 0);
    if (cls.rule === "dominant-share") {
      const cover = new CheapestCover(instance);
      for (const m of active) {
        // D_m (dominant resource fairness, Ghodsi et al., NSDI 2011)
        const share = cover.share(m, goals.cap[m]!);
        goals.weight[m] = share > 0 ? goals.weight[m]! / share : goals.weight[m]!;
      }
    }
    const least = active.reduce((least, m) => Math.min(least, goals.weight[m]!), Number.POSITIVE_INFINITY);
    for (const m of active) goals.weight[m] = goals.weight[m]! / least;
  }
  return goals;
}
