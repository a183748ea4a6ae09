import { nextAttainable } from "../model/attainable.ts";
import { attainments } from "../model/attainment.ts";
import { levelOf } from "../model/goals.ts";
import type { ClassReport } from "../plan/types.ts";
import { type ChainContext, relativeGap } from "./context.ts";
import { keeps, logsOf, totalOf } from "./keep-check.ts";
import { runStage } from "./stage.ts";

/** The rung that stands for "any attainment at all" in the ladder of a proportional class. */
const ZERO_RUNG = 1e-9;
/** Outer approximations of ln a before the bound of the last one is taken as it is. */
const TANGENT_ROUNDS = 12;

/** Rule `total`: the largest Σ w·a·d. */
export async function totalClass(context: ChainContext, cls: number): Promise<ClassReport> {
  const { instance, goals } = context;
  const klass = instance.classes[cls]!;
  const asked = klass.members.reduce((sum, m) => {
    const w = instance.workloads[m]!;
    return w.kind === "idle" ? sum : sum + w.weight * w.demand * goals.cap[m]!;
  }, 0);
  const demand = totalOf(instance, cls, new Float64Array(instance.workloads.length).fill(1));
  const scale = Math.max(demand, 1e-12);
  const result = await runStage(context, {
    name: `class/${klass.priority}/total`,
    sense: "max",
    trivialBound: asked,
    tolerance: 1e-9 * scale,
    value: (x) => {
      const a = attainments(instance, x);
      return keeps(instance, goals, context.keep, x, a) ? totalOf(instance, cls, a) : Number.NaN;
    },
    goal: {
      cost: 0,
      offset: demand,
      linear: (m) =>
        instance.workloads[m]!.cls === cls ? instance.workloads[m]!.weight * instance.workloads[m]!.demand : 0,
    },
    objective: (f) => {
      f.addObjective(f.totalTerms(cls), 1 / scale);
      return { offset: 0, factor: scale };
    },
  });
  context.keep.totals.push({ cls, value: result.reached });
  const level = demand > 0 ? result.reached / demand : 1;
  const levelBound = demand > 0 ? Math.min(1, result.bound / demand) : 1;
  return { priority: klass.priority, rule: "total", level, levelBound: Math.max(level, levelBound), ladder: [] };
}

/** With request types "anything at all" is no sum of gains, and broken guarantees are no rows: such classes are searched only. */
function canPriceLogs(context: ChainContext, cls: number): boolean {
  const { instance, keep } = context;
  if (keep.brokenGuarantees) return false;
  return instance.classes[cls]!.members.every((m) => instance.workloads[m]!.kind !== "types");
}

/** Rule `proportional`: first the least weight at a = 0, then the largest Σ w·ln a, by tangents that are added where the plan lies. */
export async function proportionalClass(context: ChainContext, cls: number): Promise<ClassReport> {
  const { instance, goals } = context;
  const klass = instance.classes[cls]!;
  const active = klass.members.filter((m) => instance.workloads[m]!.kind !== "idle");
  const report: ClassReport = { priority: klass.priority, rule: "proportional", level: 1, levelBound: 1, ladder: [] };
  if (active.length === 0) return report;
  const zero = await settleZero(context, cls, active);
  report.ladder.push({ rung: ZERO_RUNG, ...zero });
  for (const m of active) context.tangents.set(m, firstTangents(context, m));
  const most = active.reduce(
    (sum, m) => sum + instance.workloads[m]!.weight * Math.log(Math.min(1, goals.cap[m]!) || 1),
    0,
  );
  let bound = Math.max(0, most);
  let reached = Number.NEGATIVE_INFINITY;
  for (let round = 0; round < TANGENT_ROUNDS; round++) {
    const at = context.certificate.length;
    const result = await runStage(context, {
      name: `class/${klass.priority}/proportional`,
      sense: "max",
      trivialBound: bound,
      ...(canPriceLogs(context, cls) ? { goal: { cost: 0, offset: 0, log: { cls, zeroWeight: zero.reached } } } : {}),
      value: (x) => {
        const a = attainments(instance, x);
        const logs = logsOf(instance, cls, a);
        return keeps(instance, goals, context.keep, x, a) && logs.zeroWeight <= zero.reached + 1e-6
          ? logs.value
          : Number.NaN;
      },
      objective: (f) => {
        f.addObjective(f.logTerms(cls, zero.reached));
        return { offset: 0, factor: 1 };
      },
    });
    if (round > 0) {
      const [before] = context.certificate.splice(at - 1, 1);
      const entry = context.certificate[at - 1]!;
      // what this round took as given, the search of an earlier one has shown
      if (entry.method === "trivial") {
        entry.method = before!.method;
        if (before!.prices) entry.prices = before!.prices;
      }
    }
    bound = Math.min(bound, result.bound);
    const stuck = result.reached === reached && result.proved;
    reached = result.reached;
    if (stuck || relativeGap(reached, bound) <= context.gap || context.remainingMs() <= 0) break;
    const a = attainments(instance, context.lastSolution ?? context.x);
    for (const m of active) if (a[m]! > 0) context.tangents.get(m)!.push(a[m]!);
  }
  context.keep.logs.push({ cls, zeroWeight: zero.reached, value: reached });
  const served = active.reduce((sum, m) => sum + instance.workloads[m]!.weight, 0) - zero.reached;
  report.level = served > 0 ? Math.exp(reached / served) : 0;
  report.levelBound =
    served > 0 ? Math.min(1, Math.max(report.level, Math.exp(bound / served))) : zero.bound < zero.reached ? 1 : 0;
  return report;
}

async function settleZero(
  context: ChainContext,
  cls: number,
  active: number[],
): Promise<{ reached: number; bound: number }> {
  const { instance, goals } = context;
  const all = active.reduce((sum, m) => sum + instance.workloads[m]!.weight, 0);
  const hopeless = active.filter((m) => goals.cap[m]! <= 0).reduce((sum, m) => sum + instance.workloads[m]!.weight, 0);
  const result = await runStage(context, {
    name: `class/${instance.classes[cls]!.priority}/F(${ZERO_RUNG})`,
    sense: "min",
    trivialBound: hopeless,
    ...(canPriceLogs(context, cls) ? { goal: { cost: 0, offset: 0, zero: cls } } : {}),
    tolerance: 1e-6,
    value: (x) => {
      const a = attainments(instance, x);
      return keeps(instance, goals, context.keep, x, a) ? logsOf(instance, cls, a).zeroWeight : Number.NaN;
    },
    objective: (f) => {
      for (const m of active) {
        const positive = f.column(0, 1, true, (_, a) => (a[m]! > 0 ? 1 : 0));
        f.builder.row(0, Number.POSITIVE_INFINITY, [...f.served[m]!, [positive, -smallestAttainment(context, m)]]);
        f.builder.addCost(positive, instance.workloads[m]!.weight);
      }
      return { offset: all, factor: -1 };
    },
  });
  return { reached: result.reached, bound: result.bound };
}

/** The smallest attainment above 0, a little lower: nothing lies between, and rounding never cuts it off. */
function smallestAttainment(context: ChainContext, m: number): number {
  return (1 - 1e-6) * Math.max(1e-6, nextAttainable(context.instance, m, 1e-6));
}

/** Tangent points of ln a to begin with: geometric between the smallest attainment and 1. */
function firstTangents(context: ChainContext, m: number): number[] {
  const least = smallestAttainment(context, m);
  return Array.from({ length: 9 }, (_, i) => least ** (1 - i / 8));
}

/** Level of a class under `penalty`, where no rule orders it. */
export function observedClass(context: ChainContext, cls: number): ClassReport {
  const klass = context.instance.classes[cls]!;
  const level = levelOf(context.goals, klass, attainments(context.instance, context.x));
  return { priority: klass.priority, rule: klass.rule, level, levelBound: 1, ladder: [] };
}
