/** What the service says of a variant: plain values, the `status` of its `VariantAutoscaling`. */
export type ConditionType = "TargetResolved" | "MetricsAvailable" | "Planned" | "Actuated" | "Conflict";

export interface StatusCondition {
  type: ConditionType;
  status: "True" | "False" | "Unknown";
  /** A stable word in CamelCase. */
  reason: string;
  message: string;
}

export interface PlanReference {
  revision: number;
  timeMs: number;
  /** Of the certificate: `optimal`, `feasible`, `infeasible`, or `held`. */
  status: string;
  gap?: number;
}

/** `status` of a `VariantAutoscaling`. */
export interface VariantStatus {
  observedGeneration: number;
  pool?: string;
  devicesPerReplica?: number;
  nodesPerReplica?: number;
  currentReplicas: number;
  desiredReplicas?: number;
  readyReplicas: number;
  startingReplicas: number;
  pendingReplicas: number;
  failingReplicas: number;
  capacityPerSecond?: number;
  startSeconds?: number;
  attainment?: number;
  reason: string;
  message?: string;
  /** What its demand and capacity follow from: with inputs, so other in every cycle; for callers, not for the resource. */
  basis?: string[];
  lastPlan?: PlanReference;
  conditions: StatusCondition[];
}

/** The `status` of the `PlacementPolicy` of the scope. */
export interface PolicyStatus {
  observedGeneration?: number;
  leader?: string;
  summary: string;
  lastPlan?: PlanReference;
  /** Waits for approval. */
  proposal?: { revision: number; summary: string };
}
