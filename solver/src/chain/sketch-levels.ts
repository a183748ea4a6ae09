import { fits } from "../heuristic/usage.ts";
import { nextAttainable } from "../model/attainable.ts";
import { ATTAINMENT_TOLERANCE, attainments } from "../model/attainment.ts";
import { threshold, weightBelow } from "../model/goals.ts";
import { type ChainContext, searchMs } from "./context.ts";
import { keeps } from "./keep-check.ts";
import { PATTERN_TOLERANCE, PatternMilp, usesPatterns } from "./pattern-milp.ts";

/** Levels that one sketch looks at. */
const LEVELS = 12;
/** Attainments above a level that are gathered of one workload. */
const STEPS = 8;
/** How much less a level counts than the one below it. */
const STEEPNESS = 0.6;
/** The search only has to help, the rungs that follow prove. */
const SKETCH_NODES = 1;
const SKETCH_GAP = 3e-3;

/** Levels above `level` that somebody of the class can just reach, rising, and 1. */
function levelsAbove(context: ChainContext, cls: number, level: number): number[] {
  const { instance, goals } = context;
  const found: number[] = [];
  for (const m of instance.classes[cls]!.members) {
    const w = goals.weight[m]!;
    if (w === 0) continue;
    const full = Math.min(1, goals.cap[m]!);
    let at = threshold(goals, m, level);
    for (let k = 0; k < STEPS && at < full - ATTAINMENT_TOLERANCE && at < w; k++) {
      at = nextAttainable(instance, m, at + 2 * ATTAINMENT_TOLERANCE);
      if (at / w < 1) found.push(at / w);
    }
  }
  return [...new Set(found), 1].sort((a, b) => a - b);
}

/** At most `LEVELS` of them, evenly, and the last. */
function fewOf(levels: number[]): number[] {
  const step = Math.max(1, (levels.length - 1) / LEVELS);
  const chosen: number[] = [];
  for (let i = 0; i < levels.length - 1; i += step) chosen.push(levels[Math.floor(i)]!);
  return [...chosen, levels.at(-1)!];
}

/** Weight of a class below a level in a plan. */
function below(context: ChainContext, cls: number, x: Float64Array, level: number): number {
  return weightBelow(context.goals, context.instance.classes[cls]!, attainments(context.instance, x), level);
}

/** The stage that counts weight that reaches levels of a class, each with its factor. */
function milpOf(context: ChainContext, cls: number, levels: number[]): PatternMilp {
  const { instance, goals, keep } = context;
  const rungs = levels.map((rung) => ({ cls, rung }));
  const f = new PatternMilp(instance, goals, keep, rungs);
  for (let j = 0; j < levels.length; j++) f.addWeight(j, STEEPNESS ** j);
  f.builder.milp.maximise = true;
  return f;
}

/** True where not even the linear relaxation gets all weight above the level. */
async function isOut(context: ChainContext, cls: number, f: PatternMilp): Promise<boolean> {
  const { milp } = f.builder;
  const { members } = context.instance.classes[cls]!;
  const all = members.reduce((sum, m) => sum + context.goals.weight[m]!, 0);
  const relaxed = { ...milp, integer: milp.integer.map(() => false) };
  const limits = { timeLimitMs: searchMs(context) / 4, gap: 0, signal: context.signal };
  const { status, bound } = await context.backend.solve(relaxed, limits);
  return status === "infeasible" || (status === "optimal" && bound < all - 1e-6);
}

/** A plan that keeps all; undefined where none was found. */
async function planOf(context: ChainContext, f: PatternMilp): Promise<Float64Array | undefined> {
  const { instance, goals, keep } = context;
  const answer = await context.backend.solve(f.builder.milp, {
    timeLimitMs: searchMs(context) / 4,
    gap: SKETCH_GAP,
    nodeLimit: SKETCH_NODES,
    tolerance: PATTERN_TOLERANCE,
    signal: context.signal,
    start: f.startFrom(context.x),
  });
  if (!answer.values) return undefined;
  const x = f.read(answer.values);
  return fits(instance, x) && keeps(instance, goals, keep, x) ? x : undefined;
}

/**
 * Looks for a plan that is good at all levels of a class above one at once, with weights that fall from level to level, and takes it where it
 * has less weight at the first level where they differ. First whether all can be full, which settles the class.
 */
export async function sketchLevels(context: ChainContext, cls: number, above: number): Promise<void> {
  const full = milpOf(context, cls, [1]);
  if (above === 0 && !(await isOut(context, cls, full))) {
    const x = await planOf(context, full);
    if (x && below(context, cls, x, 1) <= 1e-6) {
      context.x = x;
      return;
    }
  }
  const levels = fewOf(levelsAbove(context, cls, above));
  const x = await planOf(context, milpOf(context, cls, levels));
  if (!x) return;
  const at = levels.find(
    (level) => Math.abs(below(context, cls, x, level) - below(context, cls, context.x, level)) > 1e-6,
  );
  if (at !== undefined && below(context, cls, x, at) < below(context, cls, context.x, at)) context.x = x;
}

/** True where levels can be sketched by patterns. */
export function canSketch(context: ChainContext): boolean {
  const { instance, backend } = context;
  return usesPatterns(context) && instance.variants.length <= (backend.columnLimit ?? Number.POSITIVE_INFINITY);
}
