import { fits } from "../heuristic/usage.ts";
import type { StageLimits } from "../lagrange/stage-limits.ts";
import type { StageGoal } from "../lagrange/stage-model.ts";
import { attainments } from "../model/attainment.ts";
import { weightBelow } from "../model/goals.ts";
import { type ChainContext, searchMs } from "./context.ts";
import type { Keep } from "./keep.ts";
import { keeps } from "./keep-check.ts";

/** Rungs of the ladder where levels are not searched exactly. */
export const LADDER = Array.from({ length: 20 }, (_, i) => (i + 1) / 20);
/** Share of a large class's weight within which a rung is left as it is. */
export const NEAR = 0.006;
/** Workloads beyond which one start for each rung is enough. */
const BRIEF_FROM = 2000;
/** Share of a class's time for each sketch. */
const SKETCH_SHARE = 0.25;
/** Share of a large class's weight within which a sketch is good enough. */
const SKETCH_NEAR = 0.002;
/** Share of a class's weight that must miss full service for its first rung to be in doubt. */
const SCARCE = 0.05;
/** How much less a rung counts than the one below it while all are sketched at once. */
const STEEPNESS = 0.6;

/** Weight of all of a class that counts. */
export function weightOf(context: ChainContext, cls: number): number {
  return context.instance.classes[cls]!.members.reduce((sum, m) => sum + context.goals.weight[m]!, 0);
}

/** True where there are so many workloads that time is short, and a few of them weigh little. */
export function isLarge(context: ChainContext): boolean {
  return context.instance.workloads.length > BRIEF_FROM;
}

/** Weight below each rung of the ladder. */
function profileOf(context: ChainContext, cls: number, x: Float64Array): number[] {
  const a = attainments(context.instance, x);
  return LADDER.map((rung) => weightBelow(context.goals, context.instance.classes[cls]!, a, rung));
}

/** True where profile p is better than q: less weight at the first rung where they differ. */
function isBetter(p: number[], q: number[]): boolean {
  const at = p.findIndex((f, i) => Math.abs(f - q[i]!) > 1e-6);
  return at >= 0 && p[at]! < q[at]!;
}

/** Takes plans from prices for a goal where they are better along the ladder; the proved bound of the goal. */
function attempt(
  context: ChainContext,
  cls: number,
  goal: StageGoal,
  keep: Keep,
  near: StageLimits["near"],
  hopeless?: StageLimits["hopeless"],
): number {
  const { instance, goals, prices } = context;
  const until = searchMs(context) * (1 - SKETCH_SHARE);
  const left = () => searchMs(context) - until;
  const answer = prices?.stage(keep, goal, context.x, {
    enough: () => false,
    met: (loss) => loss < STEEPNESS ** LADDER.length,
    ...(near ? { near } : {}),
    ...(hopeless ? { hopeless } : {}),
    out: () => left() <= 0 || context.signal?.aborted === true,
    remainingMs: left,
    starts: 1,
  });
  for (const x of answer?.plans ?? [])
    if (
      fits(instance, x) &&
      keeps(instance, goals, keep, x) &&
      isBetter(profileOf(context, cls, x), profileOf(context, cls, context.x))
    )
      context.x = x;
  return answer?.bound ?? 0;
}

/** Index of the first rung that somebody misses in the plan in hand. */
function firstMissed(context: ChainContext, cls: number): number {
  const at = profileOf(context, cls, context.x).findIndex((f) => f > 1e-6);
  return at < 0 ? LADDER.length : at;
}

/** Raises the rung that all reach, by bisection: those up to it need no stage of their own. What is not found here, the next rung's stage may find. */
function raiseRung(context: ChainContext, cls: number, isScarce: boolean): void {
  let high = LADDER.length;
  for (let low = firstMissed(context, cls); low < high && searchMs(context) > 0; low = firstMissed(context, cls)) {
    // where many must miss full service, somebody may well have to miss the first rung
    const mid = isScarce && low === 0 ? 0 : (low + high) >> 1;
    const goal: StageGoal = { cost: 0, below: [{ cls, rung: LADDER[mid]!, factor: 1 }] };
    attempt(context, cls, goal, context.keep, (_, bound) => bound > 1e-6);
    if (firstMissed(context, cls) <= mid) high = mid;
  }
}

/**
 * Plans for the whole ladder at once, from prices: whether all can be full, or all but the top; else up to which rung all can be served, and
 * weights that fall steeply from rung to rung above it. They prove nothing; the rungs that follow start from the better plan.
 */
export function sketch(context: ChainContext, cls: number): void {
  const { keep } = context;
  const all = weightOf(context, cls);
  const isDone = () => profileOf(context, cls, context.x).at(-1)! <= 1e-6 || searchMs(context) <= 0;
  const near = (loss: number, bound: number) => isLarge(context) && bound > 0 && loss - bound < SKETCH_NEAR * all;
  if (isDone()) return;
  const one = (rung: number): StageGoal => ({ cost: 0, below: [{ cls, rung, factor: 1 }] });
  const proved = attempt(context, cls, one(1), keep, near);
  if (isDone()) return;
  // where next to nobody misses the top, and perhaps nobody has to, the rung before it may be reached by all: that settles the others
  if (profileOf(context, cls, context.x).at(-1)! <= NEAR * all && proved <= 0)
    attempt(context, cls, one(LADDER.at(-2)!), keep, near);
  else {
    if (isLarge(context)) raiseRung(context, cls, proved > SCARCE * all);
    if (isDone() || (isLarge(context) && firstMissed(context, cls) > 0)) return;
    const below = LADDER.map((rung, i) => ({ cls, rung, factor: STEEPNESS ** i }));
    attempt(context, cls, { cost: 0, below }, keep, near);
  }
}

/** A plan that serves a class in full, or nearly: whether it does, and the weight that has to miss it. */
export function sketchFull(context: ChainContext, cls: number): { isDone: boolean; bound: number } {
  const all = weightOf(context, cls);
  const missing = () => profileOf(context, cls, context.x).at(-1)!;
  if (missing() <= 1e-6 || searchMs(context) <= 0) return { isDone: missing() <= 1e-6, bound: 0 };
  const near = (loss: number, bound: number) => bound > 0 && loss - bound < SKETCH_NEAR * all;
  const goal = { cost: 0, below: [{ cls, rung: 1, factor: 1 }] };
  const bound = attempt(context, cls, goal, context.keep, near, (b) => b > NEAR * all);
  return { isDone: missing() <= 1e-6, bound };
}
