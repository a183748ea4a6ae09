import { type Capacity, capacityInsideSlo } from "../model/capacity.ts";
import type { Snapshot, SnapshotPool, SnapshotVariant, SnapshotWorkload } from "../snapshot/types.ts";
import type { PoolInput, ProblemInput, VariantInput, WorkloadInput } from "./problem-input.ts";

/** A variant that the problem does not have, and why. */
export interface LeftOutVariant {
  workload: string;
  variant: string;
  reason: string;
}

/** A workload that no variant can serve inside its SLO: it is not in the problem. */
export interface UnservableWorkload {
  workload: string;
  priority: number;
  demandPerSecond: number;
  reason: string;
}

export interface SnapshotProblem {
  /** Without workloads where every one is unservable. */
  problem: ProblemInput;
  leftOut: LeftOutVariant[];
  unservable: UnservableWorkload[];
}

/**
 * What a snapshot asks of the solver: capacities from profiles and SLOs, costs from prices. A variant that cannot meet the SLO
 * (or is excluded) is left out and listed; what it holds on nodes counts as free, since it would serve nothing.
 * `minReplicas` of a workload becomes a cap of what one replica counts for (see `SnapshotWorkload`).
 */
export function snapshotToProblem(snapshot: Snapshot): SnapshotProblem {
  const prices = new Map(snapshot.inventory.pools.map((pool) => [pool.name, pool.pricePerDeviceHour]));
  const leftOut: LeftOutVariant[] = [];
  const unservable: UnservableWorkload[] = [];
  const workloads: WorkloadInput[] = [];
  for (const workload of snapshot.workloads) {
    const variants: VariantInput[] = [];
    for (const variant of workload.variants) {
      const capacity = capacityOf(workload, variant);
      if (capacity.ok) variants.push(variantInput(variant, capacity.perSecond, prices.get(variant.pool)));
      else
        leftOut.push({ workload: workload.name, variant: variant.name, reason: withFloor(variant, capacity.reason) });
    }
    if (variants.length > 0)
      workloads.push(workloadInput(workload, spread(workload, withIdleFloor(workload, variants))));
    else unservable.push(unservableWorkload(workload, leftOut));
  }
  const gone = new Set(leftOut.map((entry) => entry.variant));
  const problem: ProblemInput = {
    apiVersion: "apportion.dev/v1",
    kind: "PlacementProblem",
    ...(snapshot.objective === "lexicographic" ? {} : { objective: snapshot.objective }),
    pools: snapshot.inventory.pools.map((pool) => poolInput(pool, gone)),
    ...(snapshot.classes.length > 0 ? { classes: snapshot.classes } : {}),
    ...(snapshot.quotas.length > 0 ? { quotas: snapshot.quotas } : {}),
    ...(snapshot.cohorts.length > 0 ? { cohorts: snapshot.cohorts } : {}),
    workloads,
  };
  return { problem, leftOut, unservable };
}

function capacityOf(workload: SnapshotWorkload, variant: SnapshotVariant): Capacity {
  if (variant.excluded !== undefined) return { ok: false, reason: variant.excluded };
  if (variant.capacityPerSecond !== undefined) return { ok: true, perSecond: variant.capacityPerSecond };
  if (variant.profile === undefined || workload.tokenMix === undefined) {
    return { ok: false, reason: "neither a capacity nor a profile with a token mix is given" };
  }
  return capacityInsideSlo(variant.profile, workload.tokenMix, workload.slo, variant.role);
}

/**
 * A workload with `minReplicas` n and demand d is full with n replicas at least: each counts with (d − c)/(n − 1) at most, c being
 * the least that any of them counts with. So n − 1 of them never serve all, and one more of any kind may.
 */
function spread(workload: SnapshotWorkload, variants: VariantInput[]): VariantInput[] {
  const { demandPerSecond: demand, minReplicas } = workload;
  if (demand === 0 || minReplicas < 2) return variants;
  const least = Math.min(demand / minReplicas, ...variants.map((variant) => variant.capacityPerSecond ?? 0));
  const most = (demand - least) / (minReplicas - 1);
  return variants.map((variant) => ({ ...variant, capacityPerSecond: Math.min(variant.capacityPerSecond ?? 0, most) }));
}

/** The floor of a workload without demand goes to its cheapest variant, ties by name, unless its variants have floors enough. */
function withIdleFloor(workload: SnapshotWorkload, variants: VariantInput[]): VariantInput[] {
  const missing = workload.minReplicas - variants.reduce((sum, variant) => sum + (variant.minReplicas ?? 0), 0);
  if (workload.demandPerSecond > 0 || missing <= 0) return variants;
  const cheapest = variants.reduce((best, variant) => (isCheaper(variant, best) ? variant : best));
  return variants.map((variant) =>
    variant === cheapest ? { ...variant, minReplicas: (variant.minReplicas ?? 0) + missing } : variant,
  );
}

function isCheaper(a: VariantInput, b: VariantInput): boolean {
  const difference = (a.costPerHour ?? 0) - (b.costPerHour ?? 0);
  return difference === 0 ? a.name < b.name : difference < 0;
}

function withFloor(variant: SnapshotVariant, reason: string): string {
  if (variant.minReplicas === 0) return reason;
  return `${reason}; its floor of ${variant.minReplicas} replicas is not kept`;
}

function unservableWorkload(workload: SnapshotWorkload, leftOut: readonly LeftOutVariant[]): UnservableWorkload {
  const reasons = leftOut.filter((entry) => entry.workload === workload.name);
  return {
    workload: workload.name,
    priority: workload.priority,
    demandPerSecond: workload.demandPerSecond,
    reason: reasons.map((entry) => `${entry.variant}: ${entry.reason}`).join("; "),
  };
}

function poolInput(pool: SnapshotPool, gone: ReadonlySet<string>): PoolInput {
  if (pool.nodes === undefined) return { name: pool.name, devices: pool.devices ?? 0 };
  return {
    name: pool.name,
    nodes: pool.nodes.map((row) => {
      const holds = Object.fromEntries(Object.entries(row.holds).filter(([variant]) => !gone.has(variant)));
      return {
        freeDevices: row.freeDevices,
        count: row.count,
        ...(row.taints.length > 0 ? { taints: row.taints } : {}),
        ...(Object.keys(holds).length > 0 ? { holds } : {}),
      };
    }),
  };
}

function workloadInput(workload: SnapshotWorkload, variants: VariantInput[]): WorkloadInput {
  return {
    name: workload.name,
    ...(workload.tenant === undefined ? {} : { tenant: workload.tenant }),
    priority: workload.priority,
    ...(workload.weight === 1 ? {} : { weight: workload.weight }),
    demandPerSecond: workload.demandPerSecond,
    ...(workload.shedPenalty === 0 ? {} : { shedPenalty: workload.shedPenalty }),
    variants,
  };
}

function variantInput(variant: SnapshotVariant, capacityPerSecond: number, price: number | undefined): VariantInput {
  const devices = variant.devicesPerReplica * variant.nodesPerReplica;
  return {
    name: variant.name,
    pool: variant.pool,
    ...(variant.role === "both" ? {} : { role: variant.role }),
    devicesPerReplica: variant.devicesPerReplica,
    ...(variant.nodesPerReplica === 1 ? {} : { nodesPerReplica: variant.nodesPerReplica }),
    capacityPerSecond,
    costPerHour: variant.costPerHour ?? (price ?? 0) * devices,
    ...(variant.startCost === 0 ? {} : { startCost: variant.startCost }),
    ...(variant.currentReplicas === 0 ? {} : { currentReplicas: variant.currentReplicas }),
    ...(variant.minReplicas === 0 ? {} : { minReplicas: variant.minReplicas }),
    ...(variant.maxReplicas === undefined ? {} : { maxReplicas: variant.maxReplicas }),
    ...(variant.tolerations.length > 0 ? { tolerations: variant.tolerations } : {}),
    ...(variant.movable ? { movable: true } : {}),
  };
}
