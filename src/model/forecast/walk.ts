import { advanced, firstLevels, type Gains, gainsOf } from "./levels.ts";
import type { DemandLevels, DemandState } from "./types.ts";

/** The recent steps (the open one too, once something was seen in it), and the levels after each of them. */
export interface Walk {
  stepMs: number;
  /** Start of the first step, epoch ms. */
  atMs: number;
  rates: (number | null)[];
  levels: DemandLevels[];
}

export function walk(state: DemandState): Walk {
  const rates = state.openCount > 0 ? [...state.recent, state.openMean] : [...state.recent];
  const gains = gainsOf(state.stepMs);
  const levels: DemandLevels[] = [];
  let now = state.levels;
  for (const rate of rates) {
    now = levelsAfter(now, rate, gains);
    levels.push(now ?? firstLevels(0));
  }
  return { stepMs: state.stepMs, atMs: state.openAtMs - state.recent.length * state.stepMs, rates, levels };
}

/** The levels after a step; one in which nothing was seen changes nothing. */
export function levelsAfter(levels: DemandLevels | null, rate: number | null, gains: Gains): DemandLevels | null {
  if (rate === null) return levels;
  return levels === null ? firstLevels(rate) : advanced(levels, rate, gains);
}
