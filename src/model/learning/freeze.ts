import type { LearningState } from "./types.ts";

/** Samples no longer change the numbers, until `unfrozen`. */
export function frozen(state: LearningState, atMs: number, reason: string): LearningState {
  return { ...state, frozen: { atMs, reason } };
}

export function unfrozen(state: LearningState): LearningState {
  const { frozen: _frozen, ...rest } = state;
  return rest;
}
