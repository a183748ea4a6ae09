import type { Plan, Progress } from "@apportion/solver";
import { status } from "@grpc/grpc-js";
import type { Placement } from "../../ports/placement.ts";
import { CallError } from "./call-error.ts";
import type { SolveInput } from "./requests.ts";
import type { SolveGate } from "./solve-gate.ts";
import { timeUntil } from "./solve-options.ts";

/** What a solve needs to know of the call that asks for it. */
export interface SolveCall {
  /** As `Date.now`; Infinity where the client set none. */
  deadlineMs: number;
  /** Fires when the client cancels or the service stops. */
  signal: AbortSignal;
  onProgress?: (progress: Progress) => void;
}

/**
 * Waits for its turn, solves within the deadline of the call.
 *
 * @throws CallError RESOURCE_EXHAUSTED, DEADLINE_EXCEEDED, CANCELLED
 */
export async function solveCall(
  placement: Placement,
  gate: SolveGate,
  { problem, options }: SolveInput,
  call: SolveCall,
): Promise<Plan> {
  return gate.run(async () => {
    const left = timeUntil(call.deadlineMs, Date.now());
    if (left <= 0) {
      throw new CallError(
        status.DEADLINE_EXCEEDED,
        "no time was left for a solve before the deadline; ask for more time",
      );
    }
    const timeLimitMs = Math.min(left, options.timeLimitMs ?? DEFAULT_TIME_LIMIT_MS);
    return placement.solve(problem, {
      ...options,
      timeLimitMs,
      signal: call.signal,
      ...(call.onProgress && { onProgress: call.onProgress }),
    });
  }, call.signal);
}

const DEFAULT_TIME_LIMIT_MS = 10_000;
