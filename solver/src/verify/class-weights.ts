import type { ClassFacts } from "./goals.ts";
import type { Measured, Stage } from "./stages.ts";

/** Weight with which a workload with demand counts in an F stage. */
export function weightOf({ world, goals }: Measured, stage: Stage, m: number): number {
  return stage.kind === "anything" ? world.workloads[m]!.weight : goals.weight[m]!;
}

interface Range {
  lightest: number;
  heaviest: number;
}

/** The least and the largest weight with which members of a class count: every stage asks for those of all that bind it. */
export class ClassWeights {
  private readonly measured: Measured;
  private readonly rungs = new Map<ClassFacts, Range>();
  private readonly anything = new Map<ClassFacts, Range>();

  constructor(measured: Measured) {
    this.measured = measured;
  }

  /** Of the workloads with demand; Infinity and 0 where there are none. */
  of(stage: Stage): Range {
    const known = stage.kind === "anything" ? this.anything : this.rungs;
    let range = known.get(stage.cls!);
    if (!range) {
      range = { lightest: Number.POSITIVE_INFINITY, heaviest: 0 };
      for (const m of stage.cls!.members) {
        if (this.measured.world.workloads[m]!.kind === "idle") continue;
        const weight = weightOf(this.measured, stage, m);
        range.lightest = Math.min(range.lightest, weight);
        range.heaviest = Math.max(range.heaviest, weight);
      }
      known.set(stage.cls!, range);
    }
    return range;
  }
}
