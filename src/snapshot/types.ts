import type { PerformanceProfile, SloTargets, TokenMix } from "./profile.ts";

/**
 * One picture of a fleet: what there is, who wants what, and what replicas can do; not yet capacities. It is the file of
 * `apportion plan`. Units stand in the names; costs are in one currency, whichever.
 */
export interface Snapshot {
  apiVersion: "apportion.dev/v1";
  kind: "Snapshot";
  objective: "lexicographic" | "penalty";
  inventory: { pools: SnapshotPool[] };
  /** A class that is not listed follows max-min. */
  classes: SnapshotClass[];
  quotas: SnapshotQuota[];
  cohorts: SnapshotCohort[];
  workloads: SnapshotWorkload[];
}

/** Devices of one type in one cluster that are interchangeable to a replica: node rows, or one bag of `devices`. */
export interface SnapshotPool {
  name: string;
  /** What the devices are, for people. */
  accelerator?: string;
  pricePerDeviceHour?: number;
  nodes?: SnapshotNodeRow[];
  devices?: number;
}

/** `count` identical nodes. */
export interface SnapshotNodeRow {
  /** Allocatable devices minus all that this snapshot's variants do not hold. */
  freeDevices: number;
  count: number;
  taints: SnapshotTaint[];
  /** Replicas of each variant on each of these nodes. */
  holds: Record<string, number>;
}

type TaintEffect = "NoSchedule" | "NoExecute" | "PreferNoSchedule";

export interface SnapshotTaint {
  key: string;
  value: string;
  effect: TaintEffect;
}

export interface SnapshotToleration {
  key: string;
  operator: "Equal" | "Exists";
  value: string;
  effect?: TaintEffect;
}

export interface SnapshotClass {
  priority: number;
  rule: "max-min" | "proportional" | "total" | "dominant-share";
}

export interface SnapshotQuota {
  tenant: string;
  pool?: string;
  guaranteedDevices: number;
  maxDevices?: number;
  maxCostPerHour?: number;
  cohort?: string;
}

export interface SnapshotCohort {
  name: string;
  parent?: string;
  pool?: string;
  maxDevices?: number;
}

/** One model served under one service class for one tenant. */
export interface SnapshotWorkload {
  name: string;
  tenant?: string;
  priority: number;
  weight: number;
  demandPerSecond: number;
  shedPenalty: number;
  /**
   * Replicas of all variants together that full service takes at least. Without demand it is the floor of the cheapest variant.
   */
  minReplicas: number;
  /** Needed where a variant has a profile. */
  tokenMix?: TokenMix;
  slo: SloTargets;
  variants: SnapshotVariant[];
}

/** One way to serve a workload: with a profile, from which its capacity inside the SLO follows, or with that capacity given. */
export interface SnapshotVariant {
  name: string;
  pool: string;
  role: "both" | "prefill" | "decode";
  devicesPerReplica: number;
  nodesPerReplica: number;
  profile?: PerformanceProfile;
  /** Requests per second of one ready replica inside the SLO. */
  capacityPerSecond?: number;
  /** Of one replica. Absent: the pool's price times the devices. */
  costPerHour?: number;
  startCost: number;
  currentReplicas: number;
  minReplicas: number;
  maxReplicas?: number;
  tolerations: SnapshotToleration[];
  movable: boolean;
  /** Why this variant must not be used, where it must not: it stays in the picture and is left out of the plan. */
  excluded?: string;
}
