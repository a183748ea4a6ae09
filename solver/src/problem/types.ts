/**
 * The placement problem: what the solver is asked.
 *
 * Units stand in the names. Everything is plain data that survives `JSON.stringify`; `parseProblem` turns unknown data
 * into this shape or into a list of violations.
 */

export const API_VERSION = "apportion.dev/v1";

/** A Kubernetes taint. `PreferNoSchedule` never excludes a replica. */
export interface Taint {
  key: string;
  value: string;
  effect: "NoSchedule" | "NoExecute" | "PreferNoSchedule";
}

/** A Kubernetes toleration. An empty `key` with `Exists` tolerates everything; an absent `effect` matches every effect. */
export interface Toleration {
  key: string;
  operator: "Equal" | "Exists";
  value: string;
  effect?: "NoSchedule" | "NoExecute" | "PreferNoSchedule";
}

/** `count` identical nodes of a pool. */
export interface NodeRow {
  /** Allocatable devices minus all that this problem's variants do not hold: their current replicas live inside it. */
  freeDevices: number;
  count: number;
  taints: Taint[];
  /** Replicas (for a group: members) of each variant on each of these nodes; part of `freeDevices`. */
  holds: Record<string, number>;
}

/** Devices of one type in one cluster that are interchangeable to a replica: node shape, or one bag of `devices`. */
export interface Pool {
  name: string;
  nodes?: NodeRow[];
  devices?: number;
}

export type ClassRuleName = "max-min" | "proportional" | "total" | "dominant-share";

export interface ClassRule {
  /** Lower number = more important. */
  priority: number;
  rule: ClassRuleName;
}

/** Limits of a tenant. Without `pool`, the maxima hold over all pools together; a guarantee needs a pool. */
export interface Quota {
  tenant: string;
  pool?: string;
  guaranteedDevices: number;
  maxDevices?: number;
  maxCostPerHour?: number;
  cohort?: string;
}

/** A tree of tenants that borrow from and lend to each other. `maxDevices` bounds all tenants below it, on `pool` or on all pools. */
export interface Cohort {
  name: string;
  parent?: string;
  pool?: string;
  maxDevices?: number;
}

export interface RequestType {
  name: string;
  demandPerSecond: number;
}

export type Role = "both" | "prefill" | "decode";

/** One way to serve a workload: one scale target in Kubernetes. */
export interface Variant {
  name: string;
  pool: string;
  role: Role;
  /** Devices of one replica; of one member where `nodesPerReplica` > 1. */
  devicesPerReplica: number;
  /** More than 1: a group of members on that many different nodes, all or nothing. */
  nodesPerReplica: number;
  /** Requests per second of one ready replica inside the SLO. Absent where `capacityByType` is given. */
  capacityPerSecond?: number;
  /** Requests per second of one ready replica that serves only that type; a type that is not named cannot be served. */
  capacityByType?: Record<string, number>;
  /** Of one replica. */
  costPerHour: number;
  /** Of one replica above `currentReplicas`. */
  startCost: number;
  currentReplicas: number;
  minReplicas: number;
  /** Absent: unbounded. */
  maxReplicas?: number;
  tolerations: Toleration[];
  /** Held replicas may be moved to another node of the pool. */
  movable: boolean;
}

export interface Workload {
  name: string;
  tenant?: string;
  priority: number;
  weight: number;
  /** Sum over `requestTypes` where those are given. 0 means attainment 1. */
  demandPerSecond: number;
  requestTypes?: RequestType[];
  /** Cost per hour of serving none of it; objective `penalty` only. */
  shedPenalty: number;
  variants: Variant[];
}

/** Several models in one server replica (constraint 5 of the model). Reserved: a problem that names it is refused for now. */
export interface SharedServer {
  name: string;
  pool: string;
  devicesPerServer: number;
  memoryGibPerServer: number;
  variants: string[];
}

export type ObjectiveName = "lexicographic" | "penalty";

export interface PlacementProblem {
  apiVersion: typeof API_VERSION;
  kind: "PlacementProblem";
  objective: ObjectiveName;
  pools: Pool[];
  /** A class that is not listed follows max-min. */
  classes: ClassRule[];
  quotas: Quota[];
  cohorts: Cohort[];
  workloads: Workload[];
  sharedServers: SharedServer[];
}

/** One thing that is wrong with an input. `path` is like `workloads[3].variants[0].pool`. */
export interface Violation {
  path: string;
  value: string;
  rule: string;
  fix: string;
}
