import { type ClassWeights, weightOf } from "./class-weights.ts";
import { leastReaching, threshold } from "./goals.ts";
import type { Measured, Stage } from "./stages.ts";
import { NOTHING } from "./values.ts";
import type { Step, Worth } from "./worth.ts";

/** A stage of rungs that binds the one at hand: its price, and what a workload below it pays for each unit of weight. */
interface Multiplier {
  stage: Stage;
  current: boolean;
  penalty: number;
  /** No workload of the class may be below it. */
  hard: boolean;
}

/** F ≤ reached leaves no room for a workload that weighs more. */
function tooHeavy(stage: Stage, weight: number): boolean {
  return stage.reached < weight - 1e-6;
}

/**
 * What attainments are worth in one stage, workload by workload: `read` fills this object for the next one, since a large problem
 * would make millions of them.
 */
export class StageWorth implements Worth {
  floor = 0;
  steps: Step[] = [];
  linear = 0;
  log = 0;
  logFromZero = false;
  private readonly measured: Measured;
  private readonly stage: Stage;
  /** Stages that are maximised and weigh on this one; itself with factor 1. */
  private readonly negated: { stage: Stage; factor: number }[] = [];
  private readonly rungsByClass = new Map<number, Multiplier[]>();
  private readonly spare: Step[] = [];

  constructor(measured: Measured, weights: ClassWeights, stage: Stage, earlier: Stage[], prices: Map<Stage, number>) {
    this.measured = measured;
    this.stage = stage;
    for (const [s, factor] of prices) if (s.sense === "max") this.negated.push({ stage: s, factor });
    if (stage.sense === "max") this.negated.push({ stage, factor: 1 });
    for (const s of earlier) this.addRung(s, weights, prices.get(s) ?? 0);
    this.addRung(stage, weights, 1);
  }

  /** Stages before this one bind it with a price, or hard for the workloads that are too heavy to be below: others say nothing. */
  private addRung(stage: Stage, weights: ClassWeights, penalty: number): void {
    if (stage.kind !== "rung" && stage.kind !== "anything") return;
    const { lightest, heaviest } = weights.of(stage);
    const current = stage === this.stage;
    if (!current && penalty === 0 && !tooHeavy(stage, heaviest)) return;
    const own = this.rungsByClass.get(stage.cls!.priority) ?? [];
    this.rungsByClass.set(stage.cls!.priority, own);
    const hard = !current && stage.kind === "rung" && tooHeavy(stage, lightest);
    const last = own[own.length - 1];
    // where two rungs in a row are hard for all, the higher one says it all
    if (hard && last?.hard && last.stage.rung! <= stage.rung!) own.pop();
    own.push({ stage, current, penalty, hard });
  }

  /** What the stage makes of workload m; returns the constant that goes with it. */
  read(m: number): number {
    const { world, floors } = this.measured;
    const w = world.workloads[m]!;
    const promised = floors.leastAttainment[m]!;
    this.floor = promised > 0 ? leastReaching(promised) : 0;
    this.steps.length = 0;
    this.linear = 0;
    this.log = 0;
    this.logFromZero = false;
    if (w.kind === "idle") return 0;
    const rungs = this.rungsByClass.get(w.priority);
    if (rungs) for (const r of rungs) this.addStep(r, m);
    let constant = 0;
    for (const n of this.negated) constant += this.addNegated(n.stage, n.factor, m);
    if (this.stage.kind === "penalty") this.linear += w.shedPenalty;
    return constant;
  }

  private addStep({ stage, current, penalty }: Multiplier, m: number): void {
    const { goals } = this.measured;
    const weight = weightOf(this.measured, stage, m);
    if (weight === 0) return;
    const at = stage.kind === "anything" ? NOTHING : leastReaching(threshold(goals, m, stage.rung!));
    if (at <= 0) return;
    if (!current && tooHeavy(stage, weight)) this.floor = Math.max(this.floor, at);
    else if (penalty > 0) {
      const n = this.steps.length;
      let step = this.spare[n];
      if (!step) {
        step = { at: 0, penalty: 0 };
        this.spare.push(step);
      }
      step.at = at;
      step.penalty = penalty * weight;
      this.steps.push(step);
    }
  }

  /** Adds `factor` times a stage that is maximised, negated; returns the constant that goes with it. */
  private addNegated(stage: Stage, factor: number, m: number): number {
    const w = this.measured.world.workloads[m]!;
    if (stage.cls && stage.cls.priority !== w.priority) return 0;
    if (stage.kind === "proportional") {
      this.log += factor * w.weight;
      this.logFromZero = true;
      return 0;
    }
    const slope = factor * (stage.kind === "total" ? w.weight * w.demand : this.measured.cohort[m]!);
    this.linear += slope;
    return -slope;
  }
}
