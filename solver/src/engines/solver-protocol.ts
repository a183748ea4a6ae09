import type { Progress, SolveOptions } from "../api.ts";
import type { Plan } from "../plan/types.ts";
import type { PlacementProblem } from "../problem/types.ts";
import type { Piece } from "./pieces.ts";

/** Options that can cross; the others stay with the caller. */
export type CrossingOptions = Omit<SolveOptions, "signal" | "onProgress" | "nowMs" | "previous">;

/** What is large, and crosses in pieces. */
export interface Asked {
  problem: PlacementProblem;
  previous: Plan | undefined;
}

/**
 * What the caller posts: `begin`, an `Asked` in pieces, `end`; later one `next` for each piece of the outcome that it has room for.
 * `stop` is a shared flag, non-zero once the solve is to end with what it has; the message of that name only wakes a thread that waits.
 * `rehearse` may come before the first `begin`, which ends it.
 */
export type SolverRequest =
  | { kind: "rehearse" }
  | { kind: "begin"; options: CrossingOptions; startedMs: number; stop: SharedArrayBuffer }
  | { kind: "piece"; piece: Piece }
  | { kind: "end" }
  | { kind: "stop" }
  | { kind: "next" };

/** What the thread posts: `got` for each piece of the problem, progress, then the pieces of its `Outcome`, `last` at the end. */
export type SolverResponse =
  | { kind: "got" }
  | { kind: "progress"; progress: Progress }
  | { kind: "piece"; piece: Piece }
  | { kind: "last" };

/** Milliseconds on a clock that all threads of the process share. */
export function sharedNowMs(): number {
  return performance.timeOrigin + performance.now();
}
