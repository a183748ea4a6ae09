import type { NodeRow, PlacementProblem, Variant } from "../problem/types.ts";

/** Σ amount·replicas ≤ capacity; the amounts stand in `VariantFacts.uses`. */
export interface CapacityRow {
  key: string;
  capacity: number;
  /** Name of the pool; undefined for rows of quotas and cohorts. */
  pool?: string;
  /** Replica size of a pool row over all nodes (0 for a bag); undefined for rows of a part of the nodes. */
  size?: number;
}

export interface Use {
  row: number;
  amount: number;
}

/** Most variants belong to workloads without request types, and all of those share this. */
export const NO_TYPES: readonly number[] = [];

const NO_USES: readonly Use[] = [];
const NO_NODES: readonly number[] = [];

/** A variant of the problem with what follows from the model. It reads the problem instead of copying it: there are many. */
export class VariantFacts {
  readonly given: Variant;
  readonly workload: number;
  readonly pool: number;
  /** Attainment that one replica adds; 0 for idle workloads and request types. */
  readonly gain: number;
  /** Replicas that serve all demand of the t-th type alone; Infinity where it cannot. */
  readonly replicasByType: readonly number[];
  /** What one replica takes of each row. Variants that are alike share the list. */
  uses: readonly Use[] = NO_USES;
  /** Node rows of the pool that it can use, rising; shared likewise. */
  eligible: readonly number[] = NO_NODES;

  constructor(given: Variant, workload: number, pool: number, gain: number, replicasByType: readonly number[]) {
    this.given = given;
    this.workload = workload;
    this.pool = pool;
    this.gain = gain;
    this.replicasByType = replicasByType;
  }

  get name() {
    return this.given.name;
  }
  get role() {
    return this.given.role;
  }
  get devices() {
    return this.given.devicesPerReplica;
  }
  get members() {
    return this.given.nodesPerReplica;
  }
  get cost() {
    return this.given.costPerHour;
  }
  get startCost() {
    return this.given.startCost;
  }
  get current() {
    return this.given.currentReplicas;
  }
  get min() {
    return this.given.minReplicas;
  }
  get max() {
    return this.given.maxReplicas ?? Number.POSITIVE_INFINITY;
  }
  get movable() {
    return this.given.movable;
  }
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
  variants: VariantFacts[];
  /** Index of a variant by name; the names are only gathered where somebody asks. */
  variantNamed(name: string): number | undefined;
  workloadIndex: Map<string, number>;
  rows: CapacityRow[];
  rowIndex: Map<string, number>;
}
