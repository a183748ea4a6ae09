import { nextAttainable } from "../model/attainable.ts";
import { ATTAINMENT_TOLERANCE, attainments } from "../model/attainment.ts";
import { levelOf, reaches, threshold, weightBelow } from "../model/goals.ts";
import type { ClassReport, RungReport } from "../plan/types.ts";
import { type ChainContext, searchMs } from "./context.ts";
import { Formulation } from "./formulation.ts";
import type { KeptRung } from "./keep.ts";
import { keeps } from "./keep-check.ts";
import { pricedLadder } from "./priced-ladder.ts";
import { nextWeightSum } from "./rung-counts.ts";
import { isSearchable } from "./search.ts";
import { isLarge, LADDER, NEAR, sketch, weightOf } from "./sketch-ladder.ts";
import { canSketch, sketchLevels } from "./sketch-levels.ts";
import { runStage } from "./stage.ts";

/** The search for a higher level may see this many nodes: it only has to help, the next rung proves. */
const RAISE_NODES = 20;
/** Out of time, one of so many rungs gets a bound of its own. */
const GLANCES = 4;
/** Share of the time left that prices of one rung may take. */
const RUNG_SHARE = 0.15;
/** Rungs that found a better plan before the levels above are sketched anew. */
const STALE = 2;
const INF = Number.POSITIVE_INFINITY;

/** Weight below a rung, of some workloads alone. */
function belowOf(
  context: ChainContext,
  cls: number,
  x: Float64Array,
  workloads: readonly number[],
  rung: number,
): number {
  const { instance, goals } = context;
  const members = workloads.filter((m) => instance.workloads[m]!.cls === cls);
  return weightBelow(goals, { ...instance.classes[cls]!, members }, attainments(instance, x), rung);
}

/** Out of time the plan in hand stands, but even then the first rung lets all take what fits, and some get a bound at the prices so far. */
function isGlanced(lastRung: number, rung: number): boolean {
  return lastRung === 0 || LADDER.indexOf(rung) % GLANCES === GLANCES - 1;
}

/** Minimises F(rung), keeping all that came before, and writes it into `keep`. */
async function settleRung(
  context: ChainContext,
  cls: number,
  rung: number,
  earlier: number,
  priced = true,
): Promise<RungReport & { proved: boolean }> {
  const { instance, goals } = context;
  const klass = instance.classes[cls]!;
  const all = weightOf(context, cls);
  const lastRung = context.keep.rungs.findLast((r) => r.cls === cls)?.rung ?? 0;
  // somebody misses a rung below already
  const later = context.keep.rungs.some((r) => r.cls === cls && r.reached > 0);
  const result = await runStage(context, {
    name: `class/${klass.priority}/F(${rung})`,
    sense: "min",
    trivialBound: earlier,
    extraRungs: [{ cls, rung }],
    priceShare: RUNG_SHARE,
    starts: isLarge(context) || later ? 1 : 2,
    brief: later,
    tolerance: 1e-6,
    ...(isLarge(context) ? { near: NEAR * all } : {}),
    value: (x) => {
      const a = attainments(instance, x);
      return keeps(instance, goals, context.keep, x, a) ? weightBelow(goals, klass, a, rung) : Number.NaN;
    },
    partValue: (x, workloads) => belowOf(context, cls, x, workloads, rung),
    // F only rises, and what earlier rungs reached is proved where parts are searched
    partBound: (x, workloads) => belowOf(context, cls, x, workloads, lastRung),
    ...(priced && (searchMs(context) > 0 || isGlanced(lastRung, rung))
      ? { goal: { cost: 0, below: [{ cls, rung, factor: 1 }], offset: 0 } }
      : {}),
    objective: (f) => {
      for (const r of f.reach)
        if (r.rung === rung && instance.workloads[r.m]!.cls === cls) f.builder.addCost(r.column, goals.weight[r.m]!);
      return { offset: all, factor: -1 };
    },
    patterns: (f) => {
      f.addWeight(0);
      const own = klass.members.reduce((sum, m) => (f.includes(m) ? sum + goals.weight[m]! : sum), 0);
      return { offset: own, factor: -1 };
    },
    sharpen: (bound) => nextWeightSum(context, cls, bound),
  });
  context.keep.rungs.push({ cls, rung, reached: result.reached });
  return { rung, reached: result.reached, bound: result.bound, proved: result.proved };
}

/** The largest level at which F stays at `budget`: raises the plan in hand; its proof is the next rung's F. */
async function raiseLevel(context: ChainContext, cls: number, budget: number, from: number): Promise<void> {
  const { instance, goals } = context;
  const klass = instance.classes[cls]!;
  const last = context.keep.rungs.filter((r) => r.cls === cls).at(-1);
  const f = new Formulation(instance, goals, context.keep, [], context.tangents);
  const level = f.column(from, 1, false, (_, a) => levelOf(goals, klass, a, budget));
  for (const m of klass.members) {
    const w = goals.weight[m]!;
    if (w === 0) continue;
    const full = Math.min(1, goals.cap[m]!);
    const terms = [...f.served[m]!, [level, -w] as const];
    let slack = 0;
    if (w > full) {
      const isFull = f.column(0, 1, true, (_, a) => (reaches(a[m]!, full) ? 1 : 0));
      f.builder.row(0, INF, [...f.served[m]!, [isFull, -(full - ATTAINMENT_TOLERANCE / 2)]]);
      terms.push([isFull, w]);
    }
    const z = f.reach.find((r) => r.m === m && r.rung === last?.rung);
    if (last && last.reached > 0 && w <= last.reached + 1e-6 && z) {
      terms.push([z.column, -w]);
      slack = w;
    }
    f.builder.row(-slack - 1e-9, INF, terms);
  }
  f.builder.addCost(level, 1);
  f.builder.milp.maximise = true;
  const answer = await context.backend.solve(f.builder.milp, {
    timeLimitMs: searchMs(context) / 4,
    gap: 1e-4,
    nodeLimit: RAISE_NODES,
    signal: context.signal,
    start: f.startFrom(context.x),
  });
  if (!answer.values) return;
  const x = f.read(answer.values);
  const a = attainments(instance, x);
  if (!f.rowsHold(x) || !f.exactPacking || !keeps(instance, goals, context.keep, x, a)) return;
  if (levelOf(goals, klass, a, budget) > levelOf(goals, klass, attainments(instance, context.x), budget)) context.x = x;
}

/** The next rung above `level` at which anybody's attainment can lie, for those who are still asked for more. */
function nextRung(context: ChainContext, cls: number, level: number): number {
  const { instance, goals } = context;
  let next = 1;
  for (const m of instance.classes[cls]!.members) {
    const w = goals.weight[m]!;
    if (w === 0) continue;
    const asked = threshold(goals, m, level);
    if (asked >= Math.min(1, goals.cap[m]!) - ATTAINMENT_TOLERANCE) continue;
    next = Math.min(next, nextAttainable(instance, m, asked + 2 * ATTAINMENT_TOLERANCE) / w);
  }
  // so far above that whoever stays at the level misses it by more than the tolerance
  return Math.max(next, level + 2 * ATTAINMENT_TOLERANCE);
}

async function exactLevels(context: ChainContext, cls: number): Promise<RungReport[]> {
  const klass = context.instance.classes[cls]!;
  const ladder: RungReport[] = [];
  // levels a hair apart are more than the linear programs behind request types can tell
  const priced = context.instance.workloads.every((w) => w.kind !== "types");
  let budget = 0;
  let bound = 0;
  let level = 0;
  let stale = 0;
  for (let round = 0; round <= 2 * klass.members.length + 2; round++) {
    let reached = levelOf(context.goals, klass, attainments(context.instance, context.x), budget);
    if (reached < 1 && searchMs(context) > 0) {
      if (!canSketch(context)) await raiseLevel(context, cls, budget, Math.max(level, 0));
      else if (round === 0 || stale === STALE) {
        await sketchLevels(context, cls, level);
        stale = 0;
      }
      reached = levelOf(context.goals, klass, attainments(context.instance, context.x), budget);
    }
    if (reached > level + ATTAINMENT_TOLERANCE) {
      const settled = await settleRung(context, cls, reached, bound, priced);
      ladder.push(settled);
      level = reached;
    }
    if (reached >= 1) return ladder;
    const before = context.x;
    const settled = await settleRung(context, cls, nextRung(context, cls, level), bound, priced);
    ladder.push(settled);
    if (context.x !== before) stale++;
    budget = settled.reached;
    bound = settled.bound;
    level = settled.rung;
    if (level >= 1) return ladder;
    // out of time: the rungs so far stand
    if (searchMs(context) <= 0) break;
  }
  ladder.push(await settleRung(context, cls, 1, bound, priced));
  return ladder;
}

async function ladderLevels(context: ChainContext, cls: number): Promise<RungReport[]> {
  if (context.prices && isLarge(context) && !isSearchable(context)) return pricedLadder(context, cls);
  const { instance, goals, keep } = context;
  const ladder: RungReport[] = [];
  const kept: KeptRung[] = [];
  const near = isLarge(context) ? NEAR * weightOf(context, cls) : 0;
  let bound = 0;
  sketch(context, cls);
  const full = levelOf(goals, instance.classes[cls]!, attainments(instance, context.x)) >= 1;
  for (const rung of full ? [1] : LADDER) {
    const settled = await settleRung(context, cls, rung, bound);
    ladder.push({ rung: settled.rung, reached: settled.reached, bound: settled.bound });
    bound = settled.bound;
    const last = keep.rungs.at(-1)!;
    // what is near enough for this rung is room for those above
    if (bound > 1e-6) last.reached = Math.max(last.reached, bound + near);
    kept.push(last);
  }
  const a = attainments(instance, context.x);
  for (const r of kept) r.reached = Math.min(r.reached, weightBelow(goals, instance.classes[cls]!, a, r.rung));
  return ladder;
}

/**
 * The highest level below a rung that somebody must miss: the rung before it, where no attainment lies between the two. A rung that a
 * cut left open may have values above it.
 */
function lastBelow(context: ChainContext, cls: number, ladder: RungReport[], short: RungReport): number {
  const before = ladder[ladder.indexOf(short) - 1]?.rung ?? 0;
  return nextRung(context, cls, before) >= short.rung - ATTAINMENT_TOLERANCE ? before : short.rung;
}

/** Weighted max-min of a class: exact over all attainable levels, or on the ladder. */
export async function maxMinClass(context: ChainContext, cls: number, exact: boolean): Promise<ClassReport> {
  const klass = context.instance.classes[cls]!;
  const rungs = exact ? await exactLevels(context, cls) : await ladderLevels(context, cls);
  const ladder = rungs.map(({ rung, reached, bound }) => ({ rung, reached, bound }));
  const level = levelOf(context.goals, klass, attainments(context.instance, context.x));
  const short = ladder.find((r) => r.bound > 0);
  const levelBound = short ? Math.max(level, exact ? lastBelow(context, cls, ladder, short) : short.rung) : 1;
  return { priority: klass.priority, rule: klass.rule, level, levelBound, ladder };
}
