import type { PlacementProblem, Toleration } from "../problem/types.ts";

const NONE: Toleration[] = [];

/** Lets the variants of a copied problem share their empty list of tolerations: nearly all have one. For a copy that nobody changes. */
export function leanProblem(problem: PlacementProblem): PlacementProblem {
  for (const w of problem.workloads) for (const v of w.variants) if (v.tolerations.length === 0) v.tolerations = NONE;
  return problem;
}
