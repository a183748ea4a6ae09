import type { ContinuousProfile } from "../../snapshot/continuous-profile.ts";

/** A node of the cluster that is simulated. Times are ms since its beginning, unless they say otherwise. */
export interface SimulatedNode {
  name: string;
  pool: string;
  devices: number;
}

/** A variant: one scale target with its pods. */
export interface SimulatedVariant {
  /** `namespace/name`, that of its target too. */
  key: string;
  /** `namespace/name`. */
  workload: string;
  pool: string;
  devicesPerReplica: number;
  /** What a replica really does, whatever anybody says about it. */
  truth: ContinuousProfile;
  /** From scheduled to ready: log-normal. */
  start: { meanSeconds: number; variation: number };
  /** Mean crashes of a ready replica per hour; it starts anew in place. Absent: none. */
  crashesPerHour?: number;
  initialReplicas: number;
}

/** What happens to the cluster from outside. */
export type ScriptedEvent =
  | { atMs: number; type: "node-lost" | "node-back" | "cordon" | "uncordon"; node: string }
  /** A pod of nobody here takes devices of a node, where they are free, and goes again. */
  | { atMs: number; type: "foreign-pod"; node: string; devices: number; forMs: number };

/** A request as it comes in. */
export interface Arrival {
  atMs: number;
  /** `namespace/name` of a workload. */
  workload: string;
  inputTokens: number;
  outputTokens: number;
  /** Prompt tokens that a prefix cache would have. Absent: 0. */
  cachedTokens?: number;
}

/** A request that was answered, or will never be. */
export interface ServedRequest {
  workload: string;
  /** The variant that answered; empty: none did. */
  variant: string;
  arrivalMs: number;
  inputTokens: number;
  outputTokens: number;
  /** Infinity: it was turned away, or nothing can serve it. */
  ttftMs: number;
  /** Mean time between its tokens; 0 where it has one. */
  tpotMs: number;
  endToEndMs: number;
}

export interface ClusterScenario {
  nodes: readonly SimulatedNode[];
  variants: readonly SimulatedVariant[];
  /** In the order of time. */
  events: readonly ScriptedEvent[];
  seed: number;
}

/** What has been counted since the beginning. */
export interface ClusterCounts {
  started: number;
  stopped: number;
  crashed: number;
  /** Devices held by pods of variants × ms, and by variant. */
  deviceMs: Map<string, number>;
  /** Pods without a node, or not ready yet, × ms. */
  pendingMs: number;
}
