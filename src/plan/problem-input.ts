import type {
  ClassRule,
  Cohort,
  NodeRow,
  ObjectiveName,
  Pool,
  Quota,
  Toleration,
  Variant,
  Workload,
} from "@apportion/solver";

/** Fields that have a default may be left out of an input. */
type WithDefaults<T, K extends keyof T> = Omit<T, K> & Partial<Pick<T, K>>;

type NodeRowInput = WithDefaults<NodeRow, "taints" | "holds">;
export type PoolInput = Omit<Pool, "nodes"> & { nodes?: NodeRowInput[] };
export type VariantInput = WithDefaults<
  Omit<Variant, "tolerations">,
  "role" | "nodesPerReplica" | "costPerHour" | "startCost" | "currentReplicas" | "minReplicas" | "movable"
> & { tolerations?: Partial<Toleration>[] };
export type WorkloadInput = WithDefaults<Omit<Workload, "variants">, "weight" | "shedPenalty"> & {
  variants: VariantInput[];
};

/** A placement problem as people write it: what `parseProblem` reads. */
export interface ProblemInput {
  apiVersion: "apportion.dev/v1";
  kind: "PlacementProblem";
  objective?: ObjectiveName;
  pools: PoolInput[];
  classes?: ClassRule[];
  quotas?: WithDefaults<Quota, "guaranteedDevices">[];
  cohorts?: Cohort[];
  workloads: WorkloadInput[];
}
