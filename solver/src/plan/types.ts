import type { ClassRuleName, ObjectiveName } from "../problem/types.ts";

/**
 * The certified plan: what the solver answers. Plain data, written as JSON.
 *
 * A plan is its own witness: everything that an independent reader needs in order to check it (packings of nodes, splits of
 * request types, prices of dual bounds, plans of guarantees) is inside.
 */

export type PlanStatus = "optimal" | "feasible" | "infeasible";

/** Cost per hour; for `penalty` the whole objective. `gap` = (primal − bound) / |primal|, never smaller than the true one. */
export interface ObjectiveReport {
  name: ObjectiveName;
  primal: number;
  bound: number;
  gap: number;
}

/** One rung of the ladder: F(rung) = Σ normalised weight of the workloads with attainment < min(1, weight·rung). */
export interface RungReport {
  rung: number;
  reached: number;
  /** No plan that keeps the earlier rungs (and the classes before) has a smaller F. */
  bound: number;
}

/**
 * What a class got.
 * - `max-min`, `dominant-share`: `level` = the largest t with F(t) = 0, `levelBound` = no plan passes it.
 * - `total`: `level` = Σ w·a·d / Σ w·d.
 * - `proportional`: `level` = exp(Σ w·log a / Σ w) over the workloads with a > 0; the first rung (1e-9) carries the weight at a = 0.
 * Under `penalty` only `level` (as for max-min) is reported, `levelBound` is 1.
 */
export interface ClassReport {
  priority: number;
  rule: ClassRuleName;
  level: number;
  levelBound: number;
  ladder: RungReport[];
}

export interface VariantPlan {
  name: string;
  replicas: number;
  /** Requests per second by request type; where the workload has request types. */
  servedByType?: Record<string, number>;
}

/** A pool row or quota row that binds. `key` as in `RowKey` of the certificate. */
export interface BindingRow {
  key: string;
  used: number;
  capacity: number;
  /** Classes whose workloads use the row, with devices (or cost per hour) held. */
  heldBy: { priority: number; amount: number }[];
}

export interface Cure {
  pool: string;
  /** Nodes of `devicesPerNode` to add; for a bag pool, `devicesPerNode` is 1 and `nodes` counts devices. */
  nodes: number;
  devicesPerNode: number;
  attainment: number;
}

export type ReasonCode =
  | "PoolFull"
  | "Fragmented"
  | "QuotaReached"
  | "MaxReplicas"
  | "NoVariantFits"
  | "FloorsConflict"
  | "TradedForOthers"
  | "NotWorthItsCost"
  | "StoppedEarly";

export interface Reason {
  code: ReasonCode;
  sentence: string;
  binding: BindingRow[];
  /** Only where cures were asked for; null: no single pool addition that was tried lifts it to what its bounds allow. */
  cure?: Cure | null;
}

export interface WorkloadPlan {
  name: string;
  attainment: number;
  reason?: Reason;
  variants: VariantPlan[];
}

/** `count` nodes of row `row` of the pool each run these replicas (for groups: members). */
export interface PackedNodes {
  row: number;
  count: number;
  replicas: Record<string, number>;
}

export interface PoolRowReport {
  /** Replica size in devices; 0 for the one row of a bag pool. */
  size: number;
  /** Node rows (comma-joined) that the row is about, where only some variants can use them. */
  nodes?: string;
  used: number;
  capacity: number;
  /** What one more unit of capacity is worth, by the linear relaxation of the stage it binds in. */
  shadowPrice: number;
  /** Attainment of the class that is short, or cost per hour. */
  shadowPriceUnit: "attainment" | "costPerHour";
}

export interface PoolPlan {
  name: string;
  usedDevices: number;
  freeDevices: number;
  rows: PoolRowReport[];
  /** `rows`: the counts fit by the size rows (exact); `packing`: they fit because this packing shows it. */
  fits: "rows" | "packing";
  packing?: PackedNodes[];
}

export interface Conflict {
  rule: "MinReplicas" | "Guarantee";
  /** The pool whose row cannot hold what is asked; empty where no single pool does. */
  pool: string;
  workloads: string[];
  variants: string[];
  asked: number;
  available: number;
}

/**
 * A proved bound of one stage.
 * - `dual`: `prices` are non-negative multipliers of rows; anyone can recompute the bound from them workload by workload.
 * - `search`: the bound comes from a search tree and has no short witness.
 * - `trivial`: the stage reached what no plan can pass by definition (F = 0, attainment 1, cost of the floors).
 */
export interface CertificateEntry {
  stage: string;
  method: "dual" | "search" | "trivial";
  /** `min`: bound ≤ every plan's value; `max`: bound ≥. */
  sense: "min" | "max";
  reached: number;
  bound: number;
  prices?: { row: string; price: number }[];
}

/** What a tenant with guarantees would get alone; its attainments are floors of the plan. `plan` is certified like any other. */
export interface GuaranteeReport {
  tenant: string;
  plan: Plan;
  /** Attainment floors that the plan keeps: those of `plan`, less what a conflict broke. */
  floors: { workload: string; attainment: number }[];
}

export interface Plan {
  apiVersion: string;
  kind: "PlacementPlan";
  status: PlanStatus;
  objective: ObjectiveReport;
  classes: ClassReport[];
  workloads: WorkloadPlan[];
  pools: PoolPlan[];
  conflicts: Conflict[];
  guarantees: GuaranteeReport[];
  certificate: CertificateEntry[];
  engine: string;
  elapsedMs: number;
  /** The checkpoint at which a deadline, a limit or a cancel cut. */
  stoppedAt?: string;
}
