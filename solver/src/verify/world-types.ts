import type { NodeRow, PlacementProblem } from "../problem/types.ts";
import type { Variants } from "./variants.ts";

/** Σ amount·replicas ≤ capacity; the amounts stand in `Variants.uses`. */
export interface CapacityRow {
  key: string;
  capacity: number;
  /** Name of the pool; undefined for rows of quotas and cohorts. */
  pool?: string;
  /** Replica size of a pool row over all nodes (0 for a bag); undefined for rows of a part of the nodes. */
  size?: number;
}

export interface WorkloadFacts {
  name: string;
  tenant: string | undefined;
  priority: number;
  weight: number;
  demand: number;
  types: readonly { name: string; demand: number }[];
  shedPenalty: number;
  kind: "idle" | "plain" | "lanes" | "types";
  variants: number[];
}

export interface PoolFacts {
  name: string;
  nodes: NodeRow[] | undefined;
  variants: number[];
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
  variants: Variants;
  /** Indexes by name; the names are only gathered where somebody asks. */
  variantNamed(name: string): number | undefined;
  workloadNamed(name: string): number | undefined;
  rows: CapacityRow[];
  rowIndex: Map<string, number>;
}
