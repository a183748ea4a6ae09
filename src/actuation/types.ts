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

/** What is done about drained nodes, beside counts. */
export interface Drain {
  /** Nodes that take no pods from now on, and nodes that do again. */
  cordon: string[];
  uncordon: string[];
  /** Pods of one replica, which its controller makes anew elsewhere. */
  evict: { variant: string; replica: string; pods: { namespace: string; pod: string }[] }[];
}

export interface Order {
  /** Carried out one after the other. */
  steps: Step[];
  deferred: Deferred[];
}
