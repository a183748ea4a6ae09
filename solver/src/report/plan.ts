import type { ChainContext } from "../chain/context.ts";
import { logsOf, totalOf } from "../chain/keep-check.ts";
import { highsBackend } from "../engines/backends.ts";
import { Usage } from "../heuristic/usage.ts";
import { attainments, splitTypes } from "../model/attainment.ts";
import { levelOf, weightBelow } from "../model/goals.ts";
import type {
  CertificateEntry,
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
  const usage = new Usage(instance, x);
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
      plan.reason = reasonOf(instance, goals, m, a[m]!, usage, {
        penalty,
        stopped: context.stoppedAt !== undefined,
        conflict: conflicting.has(w.name),
      });
    return plan;
  });
}

/**
 * What the plan reaches in the end: a later stage may have reached more than an unproved earlier one asked it to keep. Bounds stay:
 * they hold for all plans that keep less.
 */
function settledCertificate(context: ChainContext, a: Float64Array): CertificateEntry[] {
  const { instance, goals } = context;
  const now = new Map<string, number>();
  for (const r of context.keep.rungs) {
    const klass = instance.classes[r.cls]!;
    now.set(`class/${klass.priority}/F(${r.rung})`, weightBelow(goals, klass, a, r.rung));
  }
  for (const t of context.keep.totals)
    now.set(`class/${instance.classes[t.cls]!.priority}/total`, totalOf(instance, t.cls, a));
  for (const l of context.keep.logs)
    now.set(`class/${instance.classes[l.cls]!.priority}/proportional`, logsOf(instance, l.cls, a).value);
  return context.certificate.map((entry) => ({ ...entry, reached: now.get(entry.stage) ?? entry.reached }));
}

/** Levels and rungs of a class as the finished plan has them. */
function settledClass(context: ChainContext, report: ClassReport, cls: number, a: Float64Array): ClassReport {
  const { instance, goals } = context;
  const klass = instance.classes[cls]!;
  if (report.rule === "total") {
    const demand = totalOf(instance, cls, new Float64Array(instance.workloads.length).fill(1));
    const level = demand > 0 ? totalOf(instance, cls, a) / demand : 1;
    return { ...report, level, levelBound: Math.max(level, report.levelBound) };
  }
  if (report.rule === "proportional") return report;
  const level = levelOf(goals, klass, a);
  const ladder = report.ladder.map((r) => ({ ...r, reached: weightBelow(goals, klass, a, r.rung) }));
  return { ...report, level, levelBound: Math.max(level, report.levelBound), ladder };
}

/** The plan as it is handed out: everything by name, in canonical order. */
export async function writePlan(context: ChainContext, outcome: Outcome): Promise<Plan> {
  const { instance, x } = context;
  const a = attainments(instance, x);
  const prices = await shadowPrices(context, highsBackend);
  const classes = outcome.classes.map((c, cls) =>
    instance.problem.objective === "penalty" ? c : settledClass(context, c, cls, a),
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
    certificate: settledCertificate(context, a),
    engine:
      context.usePrices && context.backend.name !== "heuristic"
        ? `price+${context.backend.name}`
        : context.usePrices
          ? "price"
          : context.backend.name,
    elapsedMs: 0,
    ...(context.stoppedAt === undefined ? {} : { stoppedAt: context.stoppedAt }),
  };
}
