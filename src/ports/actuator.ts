/** One change of one target's count. */
export interface ScaleCommand {
  /** Key of the `VariantAutoscaling`, `namespace/name`. */
  variant: string;
  apiVersion: string;
  kind: string;
  namespace: string;
  name: string;
  /** The count that the plan was made from; where the target asks for another one by now, nothing is written. */
  from: number;
  to: number;
  /** Set before a target shrinks: the controller stops the pods of the lowest cost first. */
  deletionCosts: DeletionCost[];
}

export interface DeletionCost {
  namespace: string;
  pod: string;
  cost: number;
}

/**
 * - `done`: written
 * - `changed`: the target's count is no longer the one planned from; nothing was written
 * - `gone`: the target is not there any more
 * - `fenced`: a newer plan has acted, or this replica no longer leads; nothing more is written
 * - `failed`: the cluster refused or did not answer
 */
export type ScaleResult = "done" | "changed" | "gone" | "fenced" | "failed";

export interface ScaleOutcome {
  command: ScaleCommand;
  result: ScaleResult;
  message: string;
  /** What the target asks for now, where that is known. */
  replicas?: number;
}

/** What is done about drained nodes. */
export interface DrainCommands {
  cordon: string[];
  uncordon: string[];
  evict: { namespace: string; pod: string }[];
}

/** What was not carried out, and why: a disruption budget refuses an eviction for now, a right is missing, … */
export interface DrainOutcome {
  done: number;
  failed: { name: string; reason: string }[];
}

export interface Actuator {
  /**
   * Cordons and opens nodes, and evicts pods, which obeys disruption budgets. Never rejects.
   *
   * @param label set on nodes with the cordon, and taken off with it
   * @param mayAct asked right before every write
   */
  drain(commands: DrainCommands, label: string, mayAct: () => boolean): Promise<DrainOutcome>;

  /**
   * Carries out steps one after the other, the commands of one step side by side. A step after one that was fenced is
   * not begun. Never rejects.
   *
   * @param revision of the plan; the cluster refuses one that is lower than what acted last
   * @param mayAct asked right before every write
   */
  apply(revision: number, steps: readonly (readonly ScaleCommand[])[], mayAct: () => boolean): Promise<ScaleOutcome[]>;
}
