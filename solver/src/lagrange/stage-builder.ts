import type { Keep } from "../chain/keep.ts";
import { nextAttainable } from "../model/attainable.ts";
import { ATTAINMENT_TOLERANCE } from "../model/attainment.ts";
import { type Goals, threshold } from "../model/goals.ts";
import type { Instance } from "../model/instance.ts";
import type { Flat } from "./flat.ts";
import { NONE, OBJECTIVE, type StageGoal } from "./stage-goal.ts";
import { Terms } from "./terms.ts";

/** The least attainment that is looked for above nothing at all, and how far below the next attainable one a step stands. */
const LEAST = 1e-6;

/** Rungs of a class that are kept and bind: a rung with the same F as the next one follows from it. */
function bindingRungs(keep: Keep, cls: number) {
  const own = keep.rungs.filter((r) => r.cls === cls).sort((a, b) => a.rung - b.rung);
  return own.filter((r, i) => !(i + 1 < own.length && own[i + 1]!.reached <= r.reached + 1e-9));
}

/** Collects what a stage is made of: rows, hard needs, and what workloads pay by their attainment. */
export class StageBuilder {
  readonly keys: string[];
  readonly capacity: number[];
  readonly hard: Float64Array;
  readonly steps = new Terms();
  readonly slopes = new Terms();
  readonly logRow: Int32Array;
  readonly logWeight: Float64Array;
  readonly missRow: Int32Array;
  readonly min: Float64Array;
  readonly unpriced = new Set<number>();
  asked: Float64Array = new Float64Array(0);
  private readonly floors: boolean;
  private readonly instance: Instance;
  private readonly goals: Goals;

  constructor(flat: Flat, goals: Goals, min: Float64Array, floors: boolean) {
    this.floors = floors;
    this.min = Float64Array.from(min);
    this.instance = flat.instance;
    this.goals = goals;
    this.keys = flat.instance.rows.map((r) => r.key);
    this.capacity = Array.from(flat.capacity);
    this.hard = Float64Array.from(goals.floor);
    this.logRow = new Int32Array(flat.workloads).fill(NONE);
    this.logWeight = new Float64Array(flat.workloads);
    this.missRow = new Int32Array(flat.workloads).fill(NONE);
  }

  private row(key: string, capacity: number): number {
    this.keys.push(key);
    this.capacity.push(capacity);
    return this.capacity.length - 1;
  }

  /** Weight below a rung; a workload that outweighs what is allowed below must reach it. */
  private below(cls: number, rung: number, row: number, factor: number, allowed: number): void {
    for (const m of this.instance.classes[cls]!.members) {
      const weight = this.goals.weight[m]!;
      if (weight === 0) continue;
      const at = nextAttainable(this.instance, m, threshold(this.goals, m, rung) - ATTAINMENT_TOLERANCE);
      if (at <= 0) continue;
      if (allowed < weight - 1e-6) this.hard[m] = Math.max(this.hard[m]!, at);
      else this.steps.push(m, row, at, factor * weight);
    }
  }

  private zeros(cls: number, row: number): void {
    for (const m of this.instance.classes[cls]!.members) {
      const w = this.instance.workloads[m]!;
      if (w.kind === "idle") continue;
      this.steps.push(m, row, nextAttainable(this.instance, m, LEAST) * (1 - LEAST), w.weight);
    }
  }

  private log(cls: number, row: number): void {
    for (const m of this.instance.classes[cls]!.members) {
      if (this.instance.workloads[m]!.kind === "idle") continue;
      this.logRow[m] = row;
      this.logWeight[m] = this.instance.workloads[m]!.weight;
    }
  }

  keep(keep: Keep): void {
    const { classes, workloads } = this.instance;
    for (const [cls, { priority }] of classes.entries())
      for (const r of bindingRungs(keep, cls)) {
        const row = r.reached > 1e-6 ? this.row(`class/${priority}/F(${r.rung})`, r.reached) : NONE;
        this.below(cls, r.rung, row, 1, r.reached);
      }
    for (const t of keep.totals) {
      let all = 0;
      const row = this.row(`class/${classes[t.cls]!.priority}/total`, 0);
      for (const m of classes[t.cls]!.members) {
        const w = workloads[m]!;
        if (w.kind === "idle") continue;
        all += w.weight * w.demand;
        this.slopes.push(m, row, 0, w.weight * w.demand);
      }
      // Σ w·d·(1 − a) ≤ Σ w·d − value
      this.capacity[row] = all - t.value;
    }
    for (const l of keep.logs) {
      const { priority, members } = classes[l.cls]!;
      const zero = this.row(`class/${priority}/F(${1e-9})`, l.zeroWeight);
      const log = this.row(`class/${priority}/proportional`, Math.max(0, -l.value));
      this.zeros(l.cls, zero);
      this.log(l.cls, log);
      // with request types "anything at all" is no sum of gains: such rows are kept by plans, not priced
      if (members.some((m) => workloads[m]!.kind === "types")) {
        this.unpriced.add(zero);
        this.unpriced.add(log);
      }
    }
    if (keep.cohortFirst) {
      const { members, value } = keep.cohortFirst;
      const row = this.row("cohort-first", members.reduce((s, m) => s + workloads[m]!.weight, 0) - value);
      for (const m of members) this.slopes.push(m, row, 0, workloads[m]!.weight);
    }
    for (const f of keep.brokenMinima?.missing ?? []) {
      const row = this.row(`floors/${classes[f.cls]!.priority}`, f.reached);
      if (!this.floors) this.unpriced.add(row);
      this.missing(f.cls, row, keep.brokenMinima!.asked);
      // any one variant of the class may miss all that is missed
      if (!this.floors || f.reached === 0)
        for (const m of classes[f.cls]!.members)
          for (const v of workloads[m]!.variants)
            this.min[v] = Math.max(this.min[v]!, keep.brokenMinima!.asked[v]! - f.reached);
    }
  }

  private missing(cls: number, row: number, asked: Float64Array): void {
    this.asked = asked;
    for (const m of this.instance.classes[cls]!.members) this.missRow[m] = row;
  }

  goal(goal: StageGoal): void {
    for (const b of goal.below ?? [])
      this.below(b.cls, b.rung, OBJECTIVE, b.factor, b.allowed ?? Number.POSITIVE_INFINITY);
    if (goal.zero !== undefined) this.zeros(goal.zero, OBJECTIVE);
    if (goal.log) {
      this.zeros(
        goal.log.cls,
        this.row(`class/${this.instance.classes[goal.log.cls]!.priority}/F(${1e-9})`, goal.log.zeroWeight),
      );
      this.log(goal.log.cls, OBJECTIVE);
    }
    if (goal.missing) this.missing(goal.missing.cls, OBJECTIVE, goal.missing.asked);
    const { linear } = goal;
    if (linear)
      for (const [m, w] of this.instance.workloads.entries()) {
        const amount = w.kind === "idle" ? 0 : linear(m);
        if (amount > 0) this.slopes.push(m, OBJECTIVE, 0, amount);
      }
  }
}
