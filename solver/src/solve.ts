import { ProblemTooLargeError, type SolveOptions } from "./api.ts";
import { warmUpHighs } from "./engines/backends.ts";
import { sharedNowMs } from "./engines/solver-protocol.ts";
import { solveInThread, warmUpThread } from "./engines/solver-thread.ts";
import { DEFAULT_MEMORY_LIMIT_BYTES, estimateMemoryBytes } from "./memory.ts";
import type { Plan } from "./plan/types.ts";
import type { PlacementProblem } from "./problem/types.ts";
import { variantsOf } from "./size.ts";
import { DEFAULT_LIMIT_MS, solveHere } from "./solve-here.ts";

/** Problems of up to this many variants are solved where they are: pricing them never takes long enough to be worth a thread. */
const HERE_UP_TO_VARIANTS = 16;

/**
 * Solves a parsed problem: a certified plan, checked by `verify` before anyone sees it. Stops at the time limit, which counts from this
 * call, or at the signal, with the best plan so far and its true gap. The work is done in another thread (but for small problems, and
 * where `nowMs` is injected: a clock cannot cross), so the problem must not change before the promise settles.
 * @throws UnverifiedPlanError where the plan fails its own check: a defect of the solver, never of the input.
 * @throws EngineError where the engine that was asked for cannot do this problem.
 * @throws ProblemTooLargeError where it would take more memory than `memoryLimitBytes`.
 */
export async function solve(problem: PlacementProblem, options: SolveOptions = {}): Promise<Plan> {
  const startedMs = sharedNowMs();
  const memoryLimitBytes = options.memoryLimitBytes ?? DEFAULT_MEMORY_LIMIT_BYTES;
  const estimateBytes = estimateMemoryBytes(problem);
  if (estimateBytes > memoryLimitBytes) throw new ProblemTooLargeError(estimateBytes, memoryLimitBytes);
  if (options.nowMs || variantsOf(problem) <= HERE_UP_TO_VARIANTS) return solveHere(problem, options);
  const timeLimitMs = options.timeLimitMs ?? DEFAULT_LIMIT_MS;
  return solveInThread(problem, options, { startedMs, timeLimitMs, estimateBytes, memoryLimitBytes });
}

/** Starts the threads that the first solve needs, ahead of it: its own, and the engine of small problems. Returns at once. */
export function warmUp(): void {
  warmUpHighs();
  warmUpThread();
}
