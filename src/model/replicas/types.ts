/**
 * What became of the replicas that were asked for (model, "Pending pods").
 * - `ready`: supply.
 * - `starting`: scheduled; supply from `expectedReadyAtMs`.
 * - `node-coming`: not scheduled, a node for it is on its way; as starting, with the longer time.
 * - `pending`: asked for or created, and the scheduler has not spoken yet; as starting.
 * - `unschedulable`: the scheduler refused it.
 * - `failing`: crashes, cannot pull, or takes far longer than it should: counts for nothing.
 */
export type ReplicaPhase = "ready" | "starting" | "node-coming" | "pending" | "unschedulable" | "failing";

/** One replica: a pod, or the whole group of pods where a replica has several nodes. */
export interface ReplicaState {
  /** `namespace/` pod or group. */
  name: string;
  phase: ReplicaPhase;
  /** Pods of it, `namespace/name`. */
  pods: string[];
  /** Nodes of its members that are scheduled, one entry for each member. */
  nodes: string[];
  /** In this phase since then, as far as can be told. */
  sinceMs: number;
  /** Of `starting`, `node-coming` and `pending`. */
  expectedReadyAtMs?: number;
  /** Of `unschedulable` and `failing`: a stable word or the scheduler's message. */
  reason?: string;
  /** Unschedulable for longer than the policy's timeout. */
  overdue: boolean;
  deletionCost: number;
  createdAtMs: number;
}

export interface VariantReplicas {
  variant: string;
  target: string;
  /** `spec.replicas` of its target. */
  asked: number;
  /** Devices on each of its nodes; 0 unknown. */
  size: number;
  /** Those that count towards `asked`, best first. */
  replicas: ReplicaState[];
  /** More than are asked for (or terminating): they leave by themselves. */
  leaving: ReplicaState[];
  ready: number;
  starting: number;
  nodeComing: number;
  /** Pods that the scheduler has not spoken about, and replicas that do not exist yet (`missing` of them). */
  pending: number;
  missing: number;
  unschedulable: number;
  /** Of the unschedulable ones: refused for longer than the timeout. */
  overdue: number;
  /** Including those that were never created. */
  failing: number;
  /** Supply now and to come: all that is asked for, less failing and overdue ones. */
  current: number;
  /** Replicas all of whose members have a node, whatever they do there. */
  scheduled: number;
  /** Expected time from scheduled to ready, ms. */
  startMs: number;
  /** A start that takes longer than this has failed, ms. */
  startLimitMs: number;
}

/** By variant. */
export type ReplicaStates = ReadonlyMap<string, VariantReplicas>;
