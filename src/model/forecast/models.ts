import { gainsOf } from "./levels.ts";
import { clamp } from "./numbers.ts";
import { dailyAt, weeklyAt } from "./season.ts";
import type { DemandModel, DemandState, DemandTarget } from "./types.ts";
import type { Walk } from "./walk.ts";

/** In the order in which states keep their losses; the first of equals is taken. */
export const MODELS: readonly DemandModel[] = [
  "last value",
  "fast mean",
  "mean",
  "trend",
  "reverting mean",
  "daily profile",
  "weekly profile",
];
/** Pairs whose worth of "half of it stays" a reversion starts from. */
const NEUTRAL_PAIRS = 8;
/** Parts of the horizon at which a profile is read to find its highest. */
const PEAK_PARTS = [0.5, 1];

/** What each model, in order, expects `steps` after each step of the walk, requests/s: NaN where it cannot say. */
export function expectations(state: DemandState, of: Walk, steps: number, target: DemandTarget): Float64Array[] {
  const { damping } = gainsOf(state.stepMs);
  const first = damping;
  const all = (damping * (1 - damping ** steps)) / (1 - damping);
  const reversion = reversionOf(of, steps);
  const parts = (target === "peak" ? PEAK_PARTS : [1]).map((part) => Math.max(1, part * steps));
  const seen = state.season.daily.length > 0;
  return [
    path(of, (i) => of.levels[i]!.last),
    path(of, (i) => of.levels[i]!.fast),
    path(of, (i) => of.levels[i]!.slow),
    path(of, (i) => {
      const { level, trend } = of.levels[i]!;
      return Math.max(0, level + trend * (target === "peak" && trend < 0 ? first : all));
    }),
    path(of, (i) => Math.max(0, of.levels[i]!.slow + reversion * (of.levels[i]!.fast - of.levels[i]!.slow))),
    path(of, (i) => (seen ? onProfile(of, i, parts, (atMs) => dailyAt(state.season, atMs)) : Number.NaN)),
    path(of, (i) => (seen ? onProfile(of, i, parts, (atMs) => weeklyAt(state.season, atMs)) : Number.NaN)),
  ];
}

function path(of: Walk, expected: (i: number) => number): Float64Array {
  const result = new Float64Array(of.levels.length);
  for (let i = 0; i < result.length; i++) result[i] = expected(i);
  return result;
}

/** What is now, changed by as much as the profile changes until its highest of the given times. */
function onProfile(of: Walk, i: number, parts: readonly number[], profileAt: (atMs: number) => number): number {
  const middleMs = of.atMs + (i + 0.5) * of.stepMs;
  let most = Number.NEGATIVE_INFINITY;
  for (const part of parts) most = Math.max(most, profileAt(middleMs + part * of.stepMs));
  return Math.max(0, of.levels[i]!.fast + most - profileAt(middleMs));
}

/** How much of a deviation of the fast from the slow mean is left after `steps`: least squares over the walk, drawn to a half. */
function reversionOf(of: Walk, steps: number): number {
  let together = 0;
  let alone = 0;
  let pairs = 0;
  for (let i = 0; i + steps < of.rates.length; i++) {
    const rate = of.rates[i + steps];
    const { fast, slow } = of.levels[i]!;
    if (rate === null || rate === undefined) continue;
    together += (fast - slow) * (rate - slow);
    alone += (fast - slow) ** 2;
    pairs += 1;
  }
  if (alone === 0) return 0.5;
  const pull = (NEUTRAL_PAIRS * alone) / pairs;
  return clamp((together + 0.5 * pull) / (alone + pull), -0.5, 2);
}
