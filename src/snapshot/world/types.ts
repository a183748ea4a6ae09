import type { PerformanceProfile, SloTargets, TokenMix } from "../profile.ts";
import type { ScaleToZero, Serving, VariantServing } from "../serving.ts";
import type { WorkloadSignals } from "../signals.ts";
import type { SnapshotClass, SnapshotCohort, SnapshotQuota, SnapshotTaint, SnapshotToleration } from "../types.ts";
import type { Memory } from "./memory.ts";

/**
 * All that one cycle looks at, as plain data: what adapters read of the cluster, what controllers reported, what people
 * decided, what earlier cycles learned, and the time. A cycle is a function of it, so a recorded world replays to the
 * same bytes. Times are epoch milliseconds.
 */
export interface World {
  apiVersion: "apportion.dev/v1";
  kind: "World";
  takenAtMs: number;
  /** The clock of the cluster when the world was taken (the API server's `Date`), where it is known: a skewed clock holds. */
  clusterTimeMs?: number;
  /** Another installation that acts on this scope: this one waits. */
  otherInstallation?: string;
  policy: Policy;
  inventory: WorldInventory;
  pods: WorldPod[];
  targets: WorldTarget[];
  variants: WorldVariant[];
  classes: WorldServiceClass[];
  overrides: WorldOverride[];
  demands: WorldDemand[];
  /** What the serving systems say about themselves, where a collector reads it; by workload. */
  signals?: WorkloadSignals[];
  memory: Memory;
}

/** `known: false`: what there is cannot be told (why in `reason`); the last good plan is held and nothing grows. */
export interface WorldInventory {
  known: boolean;
  reason?: string;
  nodes: WorldNode[];
}

export interface WorldNode {
  name: string;
  ready: boolean;
  /** `spec.unschedulable`. */
  cordoned: boolean;
  labels: Record<string, string>;
  taints: SnapshotTaint[];
  /** Allocatable devices by resource name, such as `nvidia.com/gpu`. */
  devices: Record<string, number>;
}

/** A pod that asks for devices, managed or foreign. Finished pods are left out. */
export interface WorldPod {
  namespace: string;
  name: string;
  /** Target whose replica (or member of a replica group) it is: `namespace/kind/name`; absent: foreign. */
  target?: string;
  /** The group that it is a member of, where a replica is several pods. */
  group?: string;
  node?: string;
  /** Requested devices by resource name. */
  devices: Record<string, number>;
  createdAtMs: number;
  scheduledAtMs?: number;
  readyAtMs?: number;
  ready: boolean;
  terminating: boolean;
  /** The scheduler refused it: message of `PodScheduled=False`, reason `Unschedulable`. */
  unschedulable?: string;
  /** An autoscaler or provisioning request says that a node for it is on its way. */
  nodeComing: boolean;
  /** For scraping its metrics where there is no Prometheus: its address, and the `prometheus.io/` annotations. */
  ip?: string;
  metrics?: Record<string, string>;
  /** `CrashLoopBackOff`, `ImagePullBackOff`, `ErrImagePull`, `OOMKilled`, …; absent: not failing. */
  failing?: string;
  restarts: number;
  /** `controller.kubernetes.io/pod-deletion-cost`; 0 where absent. */
  deletionCost: number;
}

/** What a variant scales. */
export interface WorldTarget {
  /** `namespace/kind/name`. */
  key: string;
  apiVersion: string;
  kind: string;
  namespace: string;
  name: string;
  found: boolean;
  /** Why it cannot be used although it is there: no `/scale`, forbidden, no devices asked for. */
  problem?: string;
  resourceVersion?: string;
  /** `spec.replicas` of `/scale`; a missing value is 0. */
  specReplicas: number;
  /** Devices that one replica asks for on each of its nodes; 0 unknown. */
  devicesPerReplica: number;
  resource?: string;
  nodesPerReplica: number;
  /** From the pod template. */
  nodeSelector: Record<string, string>;
  nodeAffinity: NodeAffinityTerm[];
  tolerations: SnapshotToleration[];
  /** An HPA or ScaledObject that scales it too: `kind namespace/name`. */
  ownedBy?: string;
  /** A ScaledObject that asks this service for the count and writes it: `kind namespace/name`. */
  handedTo?: string;
  /** Whoever last wrote `/scale`, by `managedFields`; and when (0: not told). */
  scaledBy?: { manager: string; atMs: number };
}

/** One required term: all expressions hold. A node matches where one of the terms does, or where there are none. */
export interface NodeAffinityTerm {
  expressions: NodeExpression[];
}

export interface NodeExpression {
  key: string;
  operator: "In" | "NotIn" | "Exists" | "DoesNotExist" | "Gt" | "Lt";
  values: string[];
}

export type BehaviorPolicy = { type: "Pods" | "Percent"; value: number; periodSeconds: number };

/** `autoscaling/v2` HPAScalingRules. */
export interface ScalingRules {
  stabilizationWindowSeconds: number;
  selectPolicy: "Max" | "Min" | "Disabled";
  policies: BehaviorPolicy[];
  /** Relative change of the desired count below which nothing changes; 0: every change counts. */
  tolerance: number;
}

export interface Behavior {
  scaleUp: ScalingRules;
  scaleDown: ScalingRules;
}

/** A `VariantAutoscaling`, with the defaults of the policy filled in. */
export interface WorldVariant {
  /** `namespace/name`: the variant's name in problem and plan. */
  key: string;
  namespace: string;
  name: string;
  uid: string;
  generation: number;
  /** Key of its `WorldTarget`. */
  target: string;
  /** Key `namespace/workload` of the workload that it serves. */
  workload: string;
  serviceClass: string;
  tenant?: string;
  role: "both" | "prefill" | "decode";
  costPerHour?: number;
  minReplicas: number;
  maxReplicas?: number;
  /** Demand that the resource itself states, where no controller reports any. */
  demandPerSecond?: number;
  capacityPerSecond?: number;
  profile?: PerformanceProfile;
  tokenMix?: TokenMix;
  /** Expected start time until one is learned. */
  startSeconds: number;
  behavior: Behavior;
  suspended: boolean;
  /** How its workload is served; of several variants the first by key that says it counts. Absent: `llm`. */
  serving?: Serving;
  /** What a replica does of another kind than `llm`. */
  work?: VariantServing;
  /** Of its workload, as `serving`. Absent: zero where nothing is asked of it. */
  scaleToZero?: ScaleToZero;
  /** Whether signals change what its profile states. Absent: they do. */
  learning?: "on" | "frozen" | "off";
}

export interface WorldServiceClass {
  name: string;
  priority: number;
  weight: number;
  rule: SnapshotClass["rule"];
  shedPenalty: number;
  /** Replicas of all variants of a workload together that full service takes at least; absent: 0. */
  minReplicas?: number;
  slo: SloTargets;
  /** Quantile of the demand over one start time that is planned for, 0.5 to 0.999. Absent: the demand of now. */
  demandQuantile?: number;
}

export type Mode = "observe" | "recommend" | "approve" | "act";

/** The `PlacementPolicy` of the scope, with its defaults. */
export interface Policy {
  name: string;
  mode: Mode;
  objective: "lexicographic" | "penalty";
  pools: PoolPolicy[];
  quotas: SnapshotQuota[];
  cohorts: SnapshotCohort[];
  /** Replicas that one cycle may start and stop in all; absent: no limit. */
  maxStartsPerCycle?: number;
  maxStopsPerCycle?: number;
  /** Reports older than this are stale: the workload holds what it has. */
  demandStaleAfterMs: number;
  /** A source silent for longer no longer counts where another one of the workload reports in time; absent: it always does. */
  demandForgetAfterMs?: number;
  /** Unschedulable for longer: the pool loses trust for that size. */
  unschedulableTimeoutMs: number;
  /** Trust is probed again after this, doubled by every failed probe up to the maximum. */
  probeAfterMs: number;
  probeAfterMaxMs: number;
  /** A failing variant is quarantined this long, doubled each time up to the maximum. */
  quarantineMs: number;
  quarantineMaxMs: number;
  /** How long a `kubectl scale` by a person stands. */
  manualPinMs: number;
  /** Quantile of learned start times after which a starting replica counts as failing. */
  startTimeQuantile: number;
  timeLimitMs: number;
  /** How long a node that is on its way may take; absent: ten minutes. */
  nodeStartMs?: number;
}

/** Nodes of one accelerator: those that have the resource and match the labels. */
export interface PoolPolicy {
  name: string;
  accelerator?: string;
  resource: string;
  nodeLabels: Record<string, string>;
  pricePerDeviceHour: number;
}

export type OverrideAction =
  | { type: "pin"; replicas: number }
  | { type: "floor"; replicas: number }
  | { type: "ceiling"; replicas: number }
  | { type: "freeze" }
  | { type: "exclude" }
  | { type: "drain" };

export interface WorldOverride {
  id: string;
  action: OverrideAction;
  /** `variant` for all but drain; `pool` or `node` for drain. */
  subject: { kind: "variant" | "pool" | "node"; name: string };
  reason: string;
  author: string;
  createdAtMs: number;
  /** Absent: until it is cleared. */
  expiresAtMs?: number;
}

/** What is asked of a workload, by the newest report of each source that is not stale; several sources add up. */
export interface WorldDemand {
  workload: string;
  source: string;
  /** Requests per second. */
  ratePerSecond: number;
  tokenMix?: TokenMix;
  reportedAtMs: number;
}
