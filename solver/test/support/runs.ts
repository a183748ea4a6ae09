import type { Parameters } from "fast-check";

/** Multiplies the runs of every property: for a deeper search than the usual test run has time for. */
const FACTOR = Number(process.env.PROPERTY_RUNS_FACTOR ?? 1);
const SEED = Number(process.env.PROPERTY_SEED ?? 20261101);

/** Seeded, so that a run can be repeated. */
export function runs<T>(numRuns: number): Parameters<T> {
  return { seed: SEED, numRuns: Math.ceil(numRuns * FACTOR) };
}
