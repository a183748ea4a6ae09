import type { Keep } from "../chain/keep.ts";
import { nextAttainable } from "../model/attainable.ts";
import { type Goals, threshold } from "../model/goals.ts";
import type { Instance } from "../model/instance.ts";

/** What a stage minimises, workload by workload. */
export interface StageGoal {
  /** Cost per hour and start cost count. */
  cost: boolean;
  /** Weight that counts below this rung of a class. */
  below?: { cls: number; rung: number };
  /** Linear loss: `linear(m)`·(1 − a_m). */
  linear?: (m: number) => number;
}

/** A threshold of one workload: below it `objective` is paid, and `amount` is used of row `row`. */
export interface Step {
  threshold: number;
  objective: number;
  uses: { row: number; amount: number }[];
}

/**
 * One stage for prices: rows that couple workloads (capacities first, then what earlier stages reached), and for each workload its
 * hard need, its steps and its linear losses. All rows are Σ use ≤ capacity.
 */
export interface StageModel {
  instance: Instance;
  minReplicas: Float64Array;
  costFactor: number;
  /** Keys of the certificate. */
  keys: string[];
  capacity: Float64Array;
  hard: Float64Array;
  steps: Step[][];
  linear: Float64Array;
  /** Linear uses of soft rows: amount·(1 − a_m). */
  linearUses: { row: number; amount: number }[][];
}

/** Prices need workloads that are covered by plain sums of gains. */
export function canPrice(instance: Instance): boolean {
  return instance.workloads.every((w) => w.kind === "plain" || w.kind === "idle");
}

export function stageModel(instance: Instance, goals: Goals, keep: Keep, goal: StageGoal): StageModel {
  const keys = instance.rows.map((r) => r.key);
  const capacity = instance.rows.map((r) => r.capacity);
  const hard = Float64Array.from(goals.floor);
  const steps: Step[][] = instance.workloads.map(() => []);
  const linear = Float64Array.from(instance.workloads, (w, m) => (w.kind === "idle" ? 0 : (goal.linear?.(m) ?? 0)));
  const linearUses: StageModel["linearUses"] = instance.workloads.map(() => []);
  const addSteps = (cls: number, rung: number, objective: number, row: number) => {
    for (const m of instance.classes[cls]!.members) {
      const weight = goals.weight[m]!;
      if (weight === 0) continue;
      const thr = nextAttainable(instance, m, threshold(goals, m, rung));
      const use = row >= 0 ? [{ row, amount: weight }] : [];
      const known = steps[m]!.find((s) => Math.abs(s.threshold - thr) < 1e-12);
      if (known) {
        known.objective += objective * weight;
        known.uses.push(...use);
      } else steps[m]!.push({ threshold: thr, objective: objective * weight, uses: use });
    }
  };
  for (const r of keep.rungs) {
    const klass = instance.classes[r.cls]!;
    if (r.reached < 1e-6) {
      for (const m of klass.members)
        if (goals.weight[m]! > 0)
          hard[m] = Math.max(hard[m]!, nextAttainable(instance, m, threshold(goals, m, r.rung)));
      continue;
    }
    keys.push(`class/${klass.priority}/F(${r.rung})`);
    capacity.push(r.reached);
    addSteps(r.cls, r.rung, 0, capacity.length - 1);
  }
  for (const t of keep.totals) {
    const klass = instance.classes[t.cls]!;
    keys.push(`class/${klass.priority}/total`);
    // Σ w·d·(1 − a) ≤ Σ w·d − value
    let all = 0;
    for (const m of klass.members) {
      const w = instance.workloads[m]!;
      if (w.kind === "idle") continue;
      all += w.weight * w.demand;
      linearUses[m]!.push({ row: capacity.length, amount: w.weight * w.demand });
    }
    capacity.push(all - t.value);
  }
  if (goal.below) addSteps(goal.below.cls, goal.below.rung, 1, -1);
  for (const list of steps) list.sort((a, b) => a.threshold - b.threshold);
  const costFactor = goal.cost ? 1 : 0;
  return {
    instance,
    minReplicas: keep.minReplicas,
    costFactor,
    keys,
    capacity: Float64Array.from(capacity),
    hard,
    steps,
    linear,
    linearUses,
  };
}
