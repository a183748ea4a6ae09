import { type Progress, type SolveOptions, UnverifiedPlanError } from "./api.ts";
import { certify } from "./certify.ts";
import type { Plan } from "./plan/types.ts";
import type { PlacementProblem } from "./problem/types.ts";
import { addCures } from "./report/cures.ts";
import { variantsOf } from "./size.ts";
import { verify } from "./verify/verify.ts";

export const DEFAULT_LIMIT_MS = 10_000;
/** Kept back from the time limit for packings, prices, reasons and the check. */
const REPORT_MS = 300;
/** And for each variant: reasons, the check and the way back to the caller, measured at 10,000 and 100,000 workloads. */
const REPORT_MS_PER_VARIANT = 0.003;
/** And for each variant and stage: the check recomputes the bound of each. */
const CHECK_MS_PER_STAGE = 0.0004;

/** Up to this many variants, relaxations for shadow prices take a few ms: they are solved even when the time is over. */
const QUICK_UP_TO_VARIANTS = 256;

/** On a busy machine, or in code that is not compiled yet, it takes longer: this share of the time that it took to come to the first stage. */
const SLOWNESS = 0.8;
/** But it takes no more than that of the time that is left. */
const MOST_OF_REST = 0.25;

/**
 * Milliseconds of the limit that belong to what comes after the last search, with so many stages to check. `readMs`: what it took to come to
 * the first stage, which on a free machine is less than what comes after the last: where it was more, that will be, too.
 */
function reserveMs(variants: number, limitMs: number, stages: number, readMs: number): number {
  const perVariant = REPORT_MS_PER_VARIANT + CHECK_MS_PER_STAGE * stages;
  const usual = Math.min(REPORT_MS, limitMs / 20) + perVariant * variants;
  const more = Math.min(usual, SLOWNESS * readMs - usual, MOST_OF_REST * (limitMs - readMs - usual));
  return Math.min(limitMs / 2, usual + Math.max(0, more));
}

/**
 * One solve, all of it in this thread (but the engines): a certified plan, checked by `verify`. `startedMs`: when the time limit began,
 * on the clock `options.nowMs`; default now.
 * @throws UnverifiedPlanError, EngineError
 */
export async function solveHere(
  problem: PlacementProblem,
  options: SolveOptions = {},
  startedMs?: number,
): Promise<Plan> {
  const nowMs = options.nowMs ?? (() => performance.now());
  const started = startedMs ?? nowMs();
  const limit = options.timeLimitMs ?? DEFAULT_LIMIT_MS;
  const variants = variantsOf(problem);
  const stages = new Set<string>();
  let readMs = 0;
  const over = new AbortController();
  const quick = variants <= QUICK_UP_TO_VARIANTS;
  const remainingMs = () => {
    const left = limit - reserveMs(variants, limit, stages.size, readMs) - (nowMs() - started);
    // a reason of its own: the stack of the default one would hold on to the instance
    if (left <= 0 && !quick && !over.signal.aborted) over.abort("the time is over");
    return left;
  };
  const plan = await certify(problem, {
    engine: options.engine ?? "auto",
    gap: options.gap ?? 1e-6,
    threads: options.threads,
    remainingMs,
    previous: options.previous,
    signal: options.signal ? AbortSignal.any([options.signal, over.signal]) : over.signal,
    progress: (p) => {
      if (stages.size === 0) readMs = nowMs() - started;
      stages.add(p.stage);
      options.onProgress?.(withGap(p, nowMs() - started));
    },
  });
  // the chain remembers how to measure each entry, and with it the whole instance: copies let go of that before the check
  plan.certificate = plan.certificate.map((entry) => ({ ...entry }));
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
      (p) => solveHere(p, { ...quiet, cures: false, timeLimitMs: until - nowMs() }),
      () => nowMs() >= until,
    );
  }
  return plan;
}

function withGap(p: Omit<Progress, "elapsedMs" | "gap">, elapsedMs: number): Progress {
  const gap = p.incumbent === p.bound ? 0 : Math.abs(p.incumbent - p.bound) / Math.max(1e-9, Math.abs(p.incumbent));
  return { ...p, gap, elapsedMs };
}
