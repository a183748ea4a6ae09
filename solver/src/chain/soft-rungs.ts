import { fits } from "../heuristic/usage.ts";
import type { StageGoal } from "../lagrange/stage-goal.ts";
import { type ChainContext, searchMs } from "./context.ts";
import type { Keep, KeptRung } from "./keep.ts";
import { keeps } from "./keep-check.ts";
import { type RungCounts, rungCounts } from "./rung-counts.ts";

/** Temperature of dives: rungs at their prices are many small steps, between which a warmer one cannot tell. */
const COLD = 3e-5;
const WARMER = 2;
/** By what a kept rung gets dearer where a plan leaves more below it than is kept. */
const RISE = 1.3;
/** By how much an aim counts more in the next round, at most, where a plan is far from its bound. */
const MOST_RISE = 4;

/** One bound that plans are to come near: its Lagrangian is what it minimises, with rungs at the prices of the bound. */
export interface Aim {
  /** How much it counts beside the others. */
  share: number;
  /** Price of one unit of weight below each rung; 1 for the rung that it is about. */
  prices: ReadonlyMap<KeptRung, number>;
  /** How far a plan is from the bound, over what is near enough. */
  open(counts: RungCounts): number;
}

/** A stage whose rungs are not rows but add to what it minimises. */
export interface SoftStage {
  /** What it minimises beside rungs. */
  goal: StageGoal;
  aims: Aim[];
  /** Kept rungs that may not be given up for the aims: they get dearer where a plan does. */
  guarded: readonly KeptRung[];
  /** How bad a plan is: less is better, up to 1 good enough; NaN where it may not be taken. */
  score(x: Float64Array, counts: RungCounts): number;
  rounds: number;
  /** Loss above the bound that is near enough for one round. */
  near: number;
  /** Share of the time left to the phase that these rounds may take. */
  share: number;
}

/** The goal with its rungs at their prices, and what is still kept as it was: rungs that nobody may miss. */
function softened({ keep, instance, goals }: ChainContext, goal: StageGoal, factors: ReadonlyMap<KeptRung, number>) {
  const isHard = (r: KeptRung) => r.reached <= 1e-6;
  const below = [...(goal.below ?? [])];
  for (const r of keep.rungs) {
    if (isHard(r)) continue;
    const factor = factors.get(r) ?? 0;
    const binds = instance.classes[r.cls]!.members.some((m) => goals.weight[m]! > r.reached + 1e-6);
    if (factor > 0 || binds) below.push({ cls: r.cls, rung: r.rung, factor, allowed: r.reached });
  }
  const rest: Keep = { ...keep, rungs: keep.rungs.filter(isHard) };
  return { goal: { ...goal, below }, keep: rest };
}

/** Prices of all aims together, each by its share. */
function mixOf(aims: readonly Aim[], dearer: ReadonlyMap<KeptRung, number>): Map<KeptRung, number> {
  const mix = new Map<KeptRung, number>();
  const all = aims.reduce((sum, a) => sum + a.share, 0);
  for (const { share, prices } of aims)
    for (const [r, price] of prices) mix.set(r, (mix.get(r) ?? 0) + (share / all) * price * (dearer.get(r) ?? 1));
  return mix;
}

/**
 * Plans of a stage with the rungs that were reached before at their prices instead of as rows: between rows that just hold few moves fit,
 * while a price lets many plans be about as good. A plan is as far from a bound as its Lagrangian says, so the bounds of all rungs are aimed
 * at together, and those that a plan misses count more in the next round (multiplicative weights, Arora, Hazan and Kale 2012). Takes the best
 * plan into the context; its score.
 */
export function softPlans(context: ChainContext, stage: SoftStage): number {
  const { instance, goals, prices } = context;
  let best = stage.score(context.x, rungCounts(context, context.x));
  const until = searchMs(context) * (1 - stage.share);
  const left = () => searchMs(context) - until;
  const dearer = new Map<KeptRung, number>();
  for (let round = 0; round < stage.rounds && !(best <= 1) && left() > 0; round++) {
    const { goal, keep } = softened(context, stage.goal, mixOf(stage.aims, dearer));
    const answer = prices?.stage(keep, goal, context.x, {
      enough: () => false,
      met: (loss, bound) => loss - bound <= stage.near,
      out: () => left() <= 0 || context.signal?.aborted === true,
      remainingMs: left,
      starts: 1,
      dive: COLD * WARMER ** (round % 3),
    });
    const x = answer?.plans[0];
    if (!x) break;
    const counts = rungCounts(context, x);
    if (fits(instance, x) && keeps(instance, goals, keep, x)) {
      const score = stage.score(x, counts);
      if (score < best || (Number.isNaN(best) && !Number.isNaN(score))) {
        best = score;
        context.x = x;
      }
    }
    for (const a of stage.aims) a.share *= Math.min(MOST_RISE, Math.max(1, a.open(counts)) ** 2);
    for (const r of stage.guarded) if (counts(r) > r.reached + 1e-6) dearer.set(r, RISE * (dearer.get(r) ?? 1));
  }
  return best;
}
