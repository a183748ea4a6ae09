import type { ChainContext } from "../chain/context.ts";
import { highsBackend } from "../engines/backends.ts";
import { Usage } from "../heuristic/usage.ts";
import { attainments, splitTypes } from "../model/attainment.ts";
import { levelOf } from "../model/goals.ts";
import type {
  ClassReport,
  Conflict,
  GuaranteeReport,
  ObjectiveReport,
  Plan,
  PlanStatus,
  VariantPlan,
  WorkloadPlan,
} from "../plan/types.ts";
import { API_VERSION } from "../problem/types.ts";
import { Holders } from "./holders.ts";
import { poolPlans } from "./pools.ts";
import { reasonOf } from "./reasons.ts";
import { shadowPrices } from "./shadow-prices.ts";

export interface Outcome {
  status: PlanStatus;
  classes: ClassReport[];
  objective: ObjectiveReport;
  conflicts: Conflict[];
  guarantees: GuaranteeReport[];
}

function workloadPlans(context: ChainContext, outcome: Outcome, a: Float64Array): WorkloadPlan[] {
  const { instance, goals, x } = context;
  const holders = new Holders(instance, new Usage(instance, x));
  const conflicting = new Set(outcome.conflicts.flatMap((c) => c.workloads));
  const penalty = instance.problem.objective === "penalty";
  return instance.workloads.map((w, m) => {
    const split = w.kind === "types" ? splitTypes(instance, m, x) : undefined;
    const variants = w.variants.map((v, i): VariantPlan => {
      const plan: VariantPlan = { name: instance.variants[v]!.name, replicas: x[v]! };
      if (split)
        plan.servedByType = Object.fromEntries(
          w.types.map((t, k) => [t.name, split.shares[i]![k]! * t.demandPerSecond]),
        );
      return plan;
    });
    const plan: WorkloadPlan = { name: w.name, attainment: a[m]!, variants };
    if (a[m]! < 1 - 1e-7)
      plan.reason = reasonOf(instance, goals, m, a[m]!, holders, {
        penalty,
        stopped: context.stoppedAt !== undefined,
        conflict: conflicting.has(w.name),
      });
    return plan;
  });
}

/** A levelled class with the level of the finished plan; its rungs, and the other rules, are measured already. */
function withLevel(context: ChainContext, report: ClassReport, cls: number, a: Float64Array): ClassReport {
  if (report.rule === "total" || report.rule === "proportional") return report;
  const level = levelOf(context.goals, context.instance.classes[cls]!, a);
  return { ...report, level, levelBound: Math.max(level, report.levelBound) };
}

/** The plan as it is handed out: everything by name, in canonical order. */
export async function writePlan(context: ChainContext, outcome: Outcome): Promise<Plan> {
  const { instance, x } = context;
  const a = attainments(instance, x);
  const prices = await shadowPrices(context, highsBackend);
  const classes = outcome.classes.map((c, cls) =>
    instance.problem.objective === "penalty" ? c : withLevel(context, c, cls, a),
  );
  return {
    apiVersion: API_VERSION,
    kind: "PlacementPlan",
    status: outcome.status,
    objective: outcome.objective,
    classes,
    workloads: workloadPlans(context, outcome, a),
    pools: await poolPlans(instance, x, prices, highsBackend),
    conflicts: outcome.conflicts,
    guarantees: outcome.guarantees,
    certificate: context.certificate,
    engine:
      context.prices && context.backend.name !== "heuristic"
        ? `price+${context.backend.name}`
        : context.prices
          ? "price"
          : context.backend.name,
    elapsedMs: 0,
    ...(context.stoppedAt === undefined ? {} : { stoppedAt: context.stoppedAt }),
  };
}
