import { type Progress, type SolveOptions, UnverifiedPlanError } from "./api.ts";
import { certify } from "./certify.ts";
import type { Plan } from "./plan/types.ts";
import type { PlacementProblem } from "./problem/types.ts";
import { addCures } from "./report/cures.ts";
import { verify } from "./verify/verify.ts";

const DEFAULT_LIMIT_MS = 10_000;
/** Kept back from the time limit for packings, prices, reasons and the check. */
const REPORT_MS = 300;

/**
 * Solves a parsed problem: a certified plan, checked by `verify` before anyone sees it.
 * Stops at the time limit or the signal with the best plan so far and its true gap.
 * @throws UnverifiedPlanError where the plan fails its own check: a defect of the solver, never of the input.
 */
export async function solve(problem: PlacementProblem, options: SolveOptions = {}): Promise<Plan> {
  const nowMs = options.nowMs ?? (() => performance.now());
  const started = nowMs();
  const limit = options.timeLimitMs ?? DEFAULT_LIMIT_MS;
  const reserve = Math.min(REPORT_MS, limit / 10);
  const plan = await certify(problem, {
    engine: options.engine ?? "auto",
    gap: options.gap ?? 1e-6,
    remainingMs: () => limit - reserve - (nowMs() - started),
    signal: options.signal,
    progress: (p) => options.onProgress?.(withGap(p, nowMs() - started)),
  });
  plan.elapsedMs = Math.round((nowMs() - started) * 1000) / 1000;
  const report = verify(problem, plan);
  if (!report.ok) throw new UnverifiedPlanError(plan, report);
  if (options.cures) {
    // as much time again: a cure that was not confirmed by then is not claimed
    const until = nowMs() + limit;
    const { onProgress: _, ...quiet } = options;
    await addCures(
      problem,
      plan,
      (p) => solve(p, { ...quiet, cures: false, timeLimitMs: until - nowMs() }),
      () => nowMs() >= until,
    );
  }
  return plan;
}

function withGap(p: Omit<Progress, "elapsedMs" | "gap">, elapsedMs: number): Progress {
  const gap = p.incumbent === p.bound ? 0 : Math.abs(p.incumbent - p.bound) / Math.max(1e-9, Math.abs(p.incumbent));
  return { ...p, gap, elapsedMs };
}
