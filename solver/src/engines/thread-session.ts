import type { VerifyReport } from "../api.ts";
import type { Plan } from "../plan/types.ts";
import type { ChangeSet } from "../session/changes.ts";
import type { RoundOptions, Scenario, WhatIfsOptions } from "../session/session.ts";

/** What a call may be told: no clock, since that cannot cross. */
export type ThreadRoundOptions = Omit<RoundOptions, "nowMs">;
export type ThreadWhatIfsOptions = Omit<WhatIfsOptions, "nowMs">;

/**
 * A `PlacementSession` in a thread of its own: the same calls with the same answers, and the caller's thread is free but for a few ms at a
 * time. Calls are taken up in the order in which they are made, each when the one before it has been answered; change sets must not
 * change before that. `elapsedMs` of a plan, and its time limit, count from there. What successive plans have in common they share.
 */
export interface ThreadSession {
  replan(changes?: ChangeSet, options?: ThreadRoundOptions): Promise<Plan>;
  whatIf(changes: ChangeSet, options?: ThreadRoundOptions): Promise<Plan>;
  whatIfs(list: readonly ChangeSet[], options?: ThreadWhatIfsOptions): Promise<Scenario[]>;
  ready(): Promise<void>;
  check(): Promise<VerifyReport>;
  /** Ends the thread. Calls that wait, and later ones, are rejected with an `EngineError`. */
  close(): Promise<void>;
}
