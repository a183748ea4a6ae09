import type { PlacementProblem } from "./problem/types.ts";

/** Variants of all workloads. */
export function variantsOf(problem: PlacementProblem): number {
  return problem.workloads.reduce((sum, w) => sum + w.variants.length, 0);
}
