import type { ClassRuleName, PlacementProblem, RequestType, Role } from "../problem/types.ts";

/** A pool, compiled: its nodes (empty for a bag) and whether the size rows alone decide what fits. */
export interface PoolShape {
  name: string;
  /** In the order of the problem; `holds` by variant index, of variants that cannot move. */
  nodes: { freeDevices: number; count: number; holds: Map<number, number> }[];
  /** Variant indexes. */
  variants: number[];
  /** Devices on nodes that some variant of the pool can use; for a bag all. */
  devices: number;
  /** False: the rows are necessary but a packing must show that the counts fit. */
  rowsAreExact: boolean;
  /** Where replicas of chain sizes are placed beside held ones that stay: see `fitsBeside`. */
  beside?: Beside;
}

/** Slots that are free beside all held replicas, on nodes that every variant of the pool can use. */
export interface Beside {
  /** Replica sizes in use, rising. */
  sizes: number[];
  /** By size: Σ floor((free − held devices) / size). */
  slots: number[];
  /** Held replicas by variant. */
  held: Map<number, number>;
}

/** A capacity that several variants use: Σ coefficient·replicas ≤ capacity. */
export interface Row {
  key: string;
  capacity: number;
  variants: number[];
  coefficients: number[];
  /** Index into `pools`; −1 for quota and cohort rows. */
  pool: number;
  /** Replica size of a pool row; 0 for bags and quotas. */
  size: number;
}

export interface VariantModel {
  name: string;
  workload: number;
  pool: number;
  role: Role;
  /** Devices of one member. */
  size: number;
  /** Members of one replica. */
  members: number;
  /** Attainment that one replica adds (capacity / demand); 0 for idle workloads and for request types. */
  gain: number;
  /** For request types: replicas that serve all demand of type t by this variant alone (d_t / c_{v,t}); Infinity where it cannot. */
  replicasByType: number[];
  cost: number;
  startCost: number;
  current: number;
  min: number;
  /** What the bounds of the problem allow. */
  max: number;
  /** What can ever be of use: `max`, the rows, and what serves all demand. Never below `min`. */
  useful: number;
  /** Row indexes of the pool's node rows that it can use; empty for bags. */
  eligible: number[];
  movable: boolean;
}

export type WorkloadKind = "idle" | "plain" | "lanes" | "types";

export interface WorkloadModel {
  name: string;
  tenant: string | undefined;
  kind: WorkloadKind;
  /** Index into `classes`. */
  cls: number;
  /** As given in the problem. */
  weight: number;
  demand: number;
  types: RequestType[];
  shedPenalty: number;
  variants: number[];
}

export interface ClassModel {
  priority: number;
  rule: ClassRuleName;
  /** All workloads of the class. */
  members: number[];
}

/** A row that a variant uses, and how much of it one replica takes. */
export interface RowUse {
  row: number;
  coefficient: number;
}

/**
 * The problem in canonical order (names in code-unit order, classes by priority), with linear rows: what every engine works on.
 * Two inputs that differ only in order compile to the same instance.
 */
export interface Instance {
  problem: PlacementProblem;
  pools: PoolShape[];
  workloads: WorkloadModel[];
  variants: VariantModel[];
  classes: ClassModel[];
  rows: Row[];
  /** Rows by variant. Variants that use the same rows alike share one list. */
  rowsOf: RowUse[][];
  /** Row indexes by pool. */
  rowsOfPool: number[][];
}
