import type { Progress, VerifyReport } from "../api.ts";
import type { ChangeSet } from "../session/changes.ts";
import type { Scenario, WhatIfsOptions } from "../session/session.ts";
import type { Failure } from "./outcome.ts";
import type { Piece } from "./pieces.ts";
import type { PlanDifference } from "./plan-difference.ts";

/** Options that can cross; the others stay with the caller. */
export type CrossingOptions = Omit<WhatIfsOptions, "signal" | "onProgress" | "nowMs">;

export type SessionCall = "replan" | "whatIf" | "whatIfs" | "ready" | "check";

/** Values of the flag that the caller sets while the thread works on a call. */
export const FLAG = {
  /** Full solves end with what they have. */
  stop: 1,
  /** As `stop`, but then the call fails, and the session stays where it was. */
  fail: 2,
} as const;

/**
 * What the caller posts: `{ problem, plan }` in pieces and `open`; then for each call its change sets, one in a message, and `ask`, which says how many they are; one
 * `next` for each piece of the answer that it has room for. The message `stop` only wakes a thread that waits: the flag says what is
 * asked for. A call is asked for when the one before it has been answered.
 */
export type SessionRequest =
  | { kind: "piece"; piece: Piece }
  | { kind: "open" }
  | { kind: "changes"; changes: ChangeSet }
  | { kind: "ask"; call: SessionCall; sets: number; options: CrossingOptions; flag: SharedArrayBuffer }
  | { kind: "stop" }
  | { kind: "next" };

/** What the thread posts: `got` for each piece of the problem, progress of full solves, the pieces of an `Answer`, `last` at its end. */
export type SessionResponse =
  | { kind: "got" }
  | { kind: "progress"; progress: Progress }
  | { kind: "piece"; piece: Piece }
  | { kind: "last" };

/** A scenario whose plan is beside that of the last round. */
export interface SentScenario extends Omit<Scenario, "plan"> {
  plan?: PlanDifference;
}

/** What a call comes to; plans are beside that of the last round, or the one that the session was opened with. */
export type Answer =
  | { kind: "plan"; plan: PlanDifference }
  | { kind: "scenarios"; scenarios: SentScenario[] }
  | { kind: "report"; report: VerifyReport }
  | { kind: "ready" }
  | Failure;
