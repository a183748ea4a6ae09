import { attainments } from "../model/attainment.ts";
import { cohortsWithGuarantees } from "../model/quota-rows.ts";
import type { ClassReport, ObjectiveReport } from "../plan/types.ts";
import { type ChainContext, relativeGap } from "./context.ts";
import { costOf, keeps } from "./keep-check.ts";
import { maxMinClass } from "./max-min.ts";
import { observedClass, proportionalClass, totalClass } from "./other-rules.ts";
import { pricedCost } from "./priced-cost.ts";
import { isSearchable } from "./search.ts";
import { runStage, type StageResult } from "./stage.ts";
import type { StageSpec } from "./stage-spec.ts";

/** Classes of up to this many workloads are levelled exactly, larger ones on the ladder. */
const EXACT_LEVELS_LIMIT = 24;
/** Ties by name are settled by a search of their own up to this many workloads; beyond, by the engine's fixed order. */
const TIE_LIMIT = 16;

/** Starts of the recovery where cost is what counts: as many as time allows, nearly. */
const COST_STARTS = 60;

/** Nodes of that search: what it finds by then stands. */
const TIE_NODES = 10;

/** Share of the time that is kept for cost while the classes are settled; the rest is split among them. */
const COST_SHARE = 0.25;

/** The lexicographic chain after the floors: classes, loans to cohorts, cost, ties. Leaves the plan in `context.x`. */
export async function runLexicographic(
  context: ChainContext,
): Promise<{ classes: ClassReport[]; objective: ObjectiveReport }> {
  const classes: ClassReport[] = [];
  const all = context.remainingMs();
  const count = context.instance.classes.length;
  for (const [cls, { rule, members }] of context.instance.classes.entries()) {
    context.reservedMs = all * (COST_SHARE + ((1 - COST_SHARE) * (count - 1 - cls)) / count);
    if (rule === "total") classes.push(await totalClass(context, cls));
    else if (rule === "proportional") classes.push(await proportionalClass(context, cls));
    else classes.push(await maxMinClass(context, cls, members.length <= EXACT_LEVELS_LIMIT));
  }
  context.reservedMs = 0;
  await lendToCohortsFirst(context);
  const cost = await leastCost(context);
  await settleTies(context, cost.proved);
  return { classes, objective: objectiveReport("lexicographic", costOf(context.instance, context.x), cost.bound) };
}

function objectiveReport(name: ObjectiveReport["name"], primal: number, bound: number): ObjectiveReport {
  const exact = relativeGap(primal, bound) <= 1e-12;
  return { name, primal, bound: exact ? primal : Math.min(primal, bound), gap: exact ? 0 : relativeGap(primal, bound) };
}

/** What a guarantee leaves idle goes to workloads of its cohort first (a tie-break before cost). */
async function lendToCohortsFirst(context: ChainContext): Promise<void> {
  const { instance, goals, keep } = context;
  const pairs = new Set(cohortsWithGuarantees(instance.problem).map((p) => JSON.stringify([p.tenant, p.pool])));
  if (pairs.size === 0) return;
  const members = instance.workloads.flatMap((w, m) => {
    const uses = w.variants.some((v) =>
      pairs.has(JSON.stringify([w.tenant, instance.pools[instance.variants[v]!.pool]!.name])),
    );
    return uses && w.kind !== "idle" ? [m] : [];
  });
  if (members.length === 0) return;
  const lent = new Set(members);
  const sum = (a: ArrayLike<number>) => members.reduce((s, m) => s + instance.workloads[m]!.weight * a[m]!, 0);
  const result = await runStage(context, {
    name: "cohort-first",
    sense: "max",
    trivialBound: sum(goals.cap),
    value: (x) => {
      const a = attainments(instance, x);
      return keeps(instance, goals, keep, x, a) ? sum(a) : Number.NaN;
    },
    goal: {
      cost: 0,
      offset: members.reduce((s, m) => s + instance.workloads[m]!.weight, 0),
      linear: (m) => (lent.has(m) ? instance.workloads[m]!.weight : 0),
    },
    objective: (f) => {
      f.addObjective(members.map((m) => [f.attainment(m), instance.workloads[m]!.weight] as const));
      return { offset: 0, factor: 1 };
    },
  });
  keep.cohortFirst = { members, value: result.reached };
}

/** Cost of the floors: no plan that keeps them costs less. */
function floorCost(context: ChainContext): number {
  return costOf(context.instance, context.keep.minReplicas);
}

function leastCost(context: ChainContext): Promise<StageResult> {
  const spec = costStage(context);
  const isMissed = context.keep.rungs.some((r) => r.reached > 1e-6);
  if (isMissed && context.prices && !isSearchable(context)) return pricedCost(context, spec);
  return runStage(context, spec);
}

function costStage(context: ChainContext): StageSpec {
  const { instance, goals, keep } = context;
  return {
    name: "cost",
    share: 1,
    sense: "min",
    trivialBound: floorCost(context),
    value: (x) => (keeps(instance, goals, keep, x) ? costOf(instance, x) : Number.NaN),
    partValue: (x, workloads) => costOf(instance, x, workloads),
    goal: { cost: 1, offset: 0 },
    starts: COST_STARTS,
    objective: (f) => {
      f.addObjective(f.costTerms());
      return { offset: 0, factor: 1 };
    },
    patterns: (f) => {
      f.addCosts();
      return { offset: 0, factor: 1 };
    },
  };
}

/** Among equals, earlier names are served more, and then run on their earlier variants. */
async function settleTies(context: ChainContext, proved: boolean): Promise<void> {
  const { instance, goals, keep } = context;
  if (!proved || instance.workloads.length > TIE_LIMIT || context.remainingMs() <= 0) return;
  const n = instance.workloads.length;
  const few = instance.variants.length;
  const preference = (x: Float64Array, a: Float64Array) =>
    instance.workloads.reduce((s, w, m) => (w.kind === "idle" ? s : s + a[m]! * (1 + (n - m) / n)), 0) -
    instance.variants.reduce((s, _, v) => s + (1e-3 * (v + 1) * x[v]!) / few, 0);
  const bound = context.certificate.length;
  const before = { keep: context.keep, stoppedAt: context.stoppedAt };
  context.keep = { ...keep, cost: costOf(instance, context.x) };
  await runStage(context, {
    name: "ties",
    nodeLimit: TIE_NODES,
    quiet: true,
    sense: "max",
    trivialBound: Number.POSITIVE_INFINITY,
    value: (x) => {
      const a = attainments(instance, x);
      return keeps(instance, goals, context.keep, x, a) ? preference(x, a) : Number.NaN;
    },
    objective: (f) => {
      instance.workloads.forEach((w, m) => {
        if (w.kind !== "idle") f.addObjective([[f.attainment(m), 1 + (n - m) / n]]);
      });
      instance.variants.forEach((_, v) => {
        f.addObjective([[f.replicas[v]!, (-1e-3 * (v + 1)) / few]]);
      });
      return { offset: 0, factor: 1 };
    },
  });
  // a tie that stays open takes nothing from the proof
  context.certificate.length = bound;
  context.keep = before.keep;
  if (before.stoppedAt === undefined) delete context.stoppedAt;
}

/** Objective `penalty`: cost, start cost and shed penalties of all classes at once. */
export async function runPenalty(
  context: ChainContext,
): Promise<{ classes: ClassReport[]; objective: ObjectiveReport }> {
  const { instance, goals, keep } = context;
  const penalty = (x: Float64Array) => {
    const a = attainments(instance, x);
    if (!keeps(instance, goals, keep, x, a)) return Number.NaN;
    return instance.workloads.reduce((s, w, m) => s + w.shedPenalty * (1 - a[m]!), costOf(instance, x));
  };
  const result = await runStage(context, {
    name: "penalty",
    share: 1,
    sense: "min",
    trivialBound:
      floorCost(context) + instance.workloads.reduce((s, w, m) => s + w.shedPenalty * (1 - goals.cap[m]!), 0),
    value: penalty,
    partValue: (x, workloads) => {
      const a = attainments(instance, x);
      return workloads.reduce(
        (s, m) => s + instance.workloads[m]!.shedPenalty * (1 - a[m]!),
        costOf(instance, x, workloads),
      );
    },
    starts: COST_STARTS,
    goal: { cost: 1, linear: (m) => instance.workloads[m]!.shedPenalty, offset: 0 },
    objective: (f) => {
      f.addObjective(f.costTerms());
      let offset = 0;
      instance.workloads.forEach((w, m) => {
        if (w.kind === "idle" || w.shedPenalty === 0 || !f.includes(m)) return;
        offset += w.shedPenalty;
        f.addObjective([[f.attainment(m), -w.shedPenalty]]);
      });
      return { offset, factor: 1 };
    },
  });
  const classes = instance.classes.map((_, cls) => observedClass(context, cls));
  return { classes, objective: objectiveReport("penalty", result.reached, result.bound) };
}
