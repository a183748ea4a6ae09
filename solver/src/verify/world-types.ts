import type { NodeRow, PlacementProblem, Role } from "../problem/types.ts";

/** Σ amount·replicas ≤ capacity; the amounts stand in `VariantFacts.uses`. */
export interface CapacityRow {
  key: string;
  capacity: number;
  /** Name of the pool; undefined for rows of quotas and cohorts. */
  pool?: string;
  /** Replica size of a pool row over all nodes (0 for a bag); undefined for rows of a part of the nodes. */
  size?: number;
}

export interface VariantFacts {
  name: string;
  workload: number;
  pool: number;
  role: Role;
  devices: number;
  members: number;
  /** Attainment that one replica adds; 0 for idle workloads and request types. */
  gain: number;
  /** Replicas that serve all demand of the t-th type alone; Infinity where it cannot. */
  replicasByType: number[];
  cost: number;
  startCost: number;
  current: number;
  min: number;
  max: number;
  movable: boolean;
  uses: { row: number; amount: number }[];
}

export interface WorkloadFacts {
  name: string;
  tenant: string | undefined;
  priority: number;
  weight: number;
  demand: number;
  types: { name: string; demand: number }[];
  shedPenalty: number;
  kind: "idle" | "plain" | "lanes" | "types";
  variants: number[];
}

export interface PoolFacts {
  name: string;
  nodes: NodeRow[] | undefined;
  variants: number[];
  /** Row indexes that each variant of the pool can use, in the order of `variants`. */
  eligible: number[][];
  /** All devices, and those on nodes that at least one variant can use. */
  devices: number;
  usableDevices: number;
  /** True where the size rows alone decide what fits. */
  exact: boolean;
}

/** The problem as the checker reads it: written from the model alone, nothing shared with what it checks. */
export interface World {
  problem: PlacementProblem;
  pools: PoolFacts[];
  workloads: WorkloadFacts[];
  variants: VariantFacts[];
  variantIndex: Map<string, number>;
  workloadIndex: Map<string, number>;
  rows: CapacityRow[];
  rowIndex: Map<string, number>;
}
