import type { PlacementProblem } from "./problem/types.ts";

/** What a solve may take where nothing else is said: room for about 600,000 workloads of four variants. */
export const DEFAULT_MEMORY_LIMIT_BYTES = 4 * 2 ** 30;

/** A solver thread and its engine, before they hold anything. */
const BYTES_OF_THREADS = 130 * 2 ** 20;
const BYTES_PER_WORKLOAD = 500;
const BYTES_PER_VARIANT = 1600;
/** Node rows, request types, tolerations, quotas and cohorts: what is copied and compiled, with its rows. */
const BYTES_PER_DETAIL = 400;

/**
 * Bytes that `solve` takes beside the problem itself: 130 MiB + 500 per workload + 1,600 per variant + 400 per node row, request type
 * (of a workload, and again of each variant), toleration, quota and cohort. From measured peaks of resident memory at 1,000, 10,000
 * and 100,000 workloads of four variants each with engine `auto`, the plan included.
 */
export function estimateMemoryBytes(problem: PlacementProblem): number {
  let variants = 0;
  let details = problem.quotas.length + problem.cohorts.length;
  for (const pool of problem.pools) details += pool.nodes?.length ?? 0;
  for (const w of problem.workloads) {
    variants += w.variants.length;
    details += (w.requestTypes?.length ?? 0) * (1 + w.variants.length);
    for (const v of w.variants) details += v.tolerations.length;
  }
  return (
    BYTES_OF_THREADS +
    BYTES_PER_WORKLOAD * problem.workloads.length +
    BYTES_PER_VARIANT * variants +
    BYTES_PER_DETAIL * details
  );
}
