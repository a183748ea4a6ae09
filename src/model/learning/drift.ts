import { clamp } from "./numbers.ts";
import type { DriftRun } from "./types.ts";

/** Deviations, in standard deviations, that are no drift; evidence that is one; the most that one sample adds. */
const SLACK = 0.75;
const ALARM = 12;
const MOST_OF_ONE = 4;

export const NO_RUN: DriftRun = { evidence: 0, samples: 0, change: 0 };

/** Page's CUSUM (Biometrika 1954) to one side: `deviation` in standard deviations, `change` as a share of what was expected. */
export function withDeviation(run: DriftRun, deviation: number, change: number): DriftRun {
  const evidence = run.evidence + clamp(deviation, -MOST_OF_ONE, MOST_OF_ONE) - SLACK;
  if (!(evidence > 0)) return NO_RUN;
  return { evidence, samples: run.samples + 1, change: run.change + change };
}

/** Mean change over a run that is a drift; undefined while it is none. */
export function driftOf(run: DriftRun): number | undefined {
  return run.evidence >= ALARM ? run.change / run.samples : undefined;
}
