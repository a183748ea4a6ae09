import type { Note } from "../domain/reason-codes.ts";

/** What one target is to be changed to. */
export interface Change {
  /** Key of the variant. */
  variant: string;
  from: number;
  to: number;
}

/** Pods of a target that shrinks, in the order in which they are to go: the first of `cost` −n, … */
export interface PodCost {
  namespace: string;
  pod: string;
  cost: number;
}

export interface Step {
  changes: (Change & { deletionCosts: PodCost[] })[];
  /** What the step is for, for people. */
  title: string;
}

/** A change that waits for a later cycle, and what for. */
export interface Deferred {
  change: Change;
  note: Note;
}

export interface Order {
  /** Carried out one after the other. */
  steps: Step[];
  deferred: Deferred[];
}
