import type { Keep } from "../chain/keep.ts";
import { Pricer } from "../lagrange/pricer.ts";
import { type StageGoal, type StageModel, stageModel } from "../lagrange/stage-model.ts";
import type { Instance } from "../model/instance.ts";
import type { CertificateEntry, Plan } from "../plan/types.ts";
import type { Part } from "./part.ts";

/** One stage of a certificate that a quick round can bound anew. */
export interface RoundStage {
  name: string;
  kind: "rung" | "cost" | "penalty";
  /** Class index; −1 where the stage is of all. */
  cls: number;
  rung: number;
  /** By row key or name of an earlier stage; undefined where nothing is priced and the bound is the trivial one. */
  prices: Map<string, number> | undefined;
}

/** The stages of a plan; undefined where one of them is of another kind. */
export function stagesOf(instance: Instance, plan: Plan): RoundStage[] | undefined {
  const byPriority = new Map(instance.classes.map((c, i) => [c.priority, i]));
  const stages: RoundStage[] = [];
  for (const entry of plan.certificate) {
    // minima that fit need no proof
    if (entry.stage.startsWith("floors/")) continue;
    const prices = pricesOf(entry);
    if (entry.stage === "cost" || entry.stage === "penalty") {
      // without any price the cheapest of each workload alone is a bound
      stages.push({ name: entry.stage, kind: entry.stage, cls: -1, rung: 0, prices: prices ?? new Map() });
      continue;
    }
    const [, priority, rung] = /^class\/(-?\d+)\/F\((.+)\)$/.exec(entry.stage) ?? [];
    const cls = byPriority.get(Number(priority));
    if (rung === undefined || cls === undefined || instance.classes[cls]!.rule !== "max-min") return undefined;
    stages.push({ name: entry.stage, kind: "rung", cls, rung: Number(rung), prices });
  }
  return stages;
}

function pricesOf(entry: CertificateEntry): Map<string, number> | undefined {
  return entry.method === "dual" ? new Map((entry.prices ?? []).map((p) => [p.row, p.price])) : undefined;
}

/** Rungs this far apart in what they reached both stay rows of a stage: one that equals the next would be left out. */
const APART = 2e-9;

/** What stage `at` keeps of those before it. `reached`: by stage. */
function keepOf(part: Part, stages: readonly RoundStage[], reached: ArrayLike<number>, at: number): Keep {
  const rungs = stages.slice(0, at).flatMap((s, i) => {
    return s.kind === "rung" ? [{ cls: s.cls, rung: s.rung, reached: reached[i]! - (at - i) * APART }] : [];
  });
  const minReplicas = Float64Array.from(part.instance.variants, (v) => v.min);
  return { minReplicas, rungs, totals: [], logs: [] };
}

function goalOf(part: Part, stage: RoundStage): StageGoal {
  if (stage.kind === "rung") return { cost: 0, below: [{ cls: stage.cls, rung: stage.rung, factor: 1 }] };
  if (stage.kind === "cost") return { cost: 1 };
  return { cost: 1, linear: (m) => part.instance.workloads[m]!.shedPenalty };
}

/** A stage of some workloads with its prices, by row of the model. */
export function pricedModel(
  part: Part,
  stages: readonly RoundStage[],
  reached: ArrayLike<number>,
  at: number,
): { model: StageModel; prices: Float64Array } {
  const stage = stages[at]!;
  const model = stageModel(part.flat, part.goals, keepOf(part, stages, reached, at), goalOf(part, stage));
  const prices = Float64Array.from(model.keys, (key) => stage.prices?.get(key) ?? 0);
  return { model, prices };
}

/** The least priced value of each workload of a part (proved); undefined where one cannot meet its hard need. */
export function leastValues(
  part: Part,
  stages: readonly RoundStage[],
  reached: ArrayLike<number>,
  at: number,
): Float64Array | undefined {
  const { model, prices } = pricedModel(part, stages, reached, at);
  const pricer = new Pricer(model);
  const least = new Float64Array(part.members.length);
  for (let i = 0; i < least.length; i++) {
    if (!(pricer.solve(i, prices) < Number.POSITIVE_INFINITY)) return undefined;
    least[i] = pricer.lower;
  }
  return least;
}
