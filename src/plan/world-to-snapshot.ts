import type { ReplicaStates } from "../model/replicas/types.ts";
import type { Snapshot, SnapshotClass, SnapshotPool, SnapshotVariant, SnapshotWorkload } from "../snapshot/types.ts";
import type { World } from "../snapshot/world/types.ts";
import type { PlannableVariant } from "./plannable-variant.ts";
import { type PoolRows, poolRows } from "./pools-rows.ts";
import type { ResolvedWorld } from "./world-to-snapshot-resolve.ts";

/** What a variant may be planned at; the guard decides it. */
export interface ReplicaRange {
  minReplicas: number;
  /** Infinity: unbounded. */
  maxReplicas: number;
}

/**
 * The world as a snapshot to plan. Variants that are left alone are not in it, and what they hold is not free. `undefined`
 * where nothing can be planned: no pool, or no plannable variant.
 */
export function worldToSnapshot(
  world: World,
  states: ReplicaStates,
  resolved: ResolvedWorld,
  bounds: ReadonlyMap<string, ReplicaRange>,
): Snapshot | undefined {
  if (world.policy.pools.length === 0 || resolved.plannable.size === 0) return undefined;
  const rows = new Map(world.policy.pools.map(({ name }) => [name, poolRows(world, states, resolved, name)]));
  const prices = new Map(world.policy.pools.map((pool) => [pool.name, pool.pricePerDeviceHour]));
  const byWorkload = Map.groupBy(resolved.plannable.values(), ({ variant }) => variant.workload);
  const workloads = [...byWorkload].sort(([a], [b]) => (a < b ? -1 : 1));
  return {
    apiVersion: "apportion.dev/v1",
    kind: "Snapshot",
    objective: world.policy.objective,
    inventory: { pools: world.policy.pools.map((pool) => snapshotPool(pool, rows.get(pool.name)!)) },
    classes: snapshotClasses(workloads.flatMap(([, members]) => members)),
    quotas: world.policy.quotas,
    cohorts: world.policy.cohorts,
    workloads: workloads.map(([workload, members]) =>
      snapshotWorkload(workload, resolved, members, (member) =>
        snapshotVariant(member, states, {
          range: bounds.get(member.variant.key),
          rows: rows.get(member.pool)!,
          price: prices.get(member.pool) ?? 0,
        }),
      ),
    ),
  };
}

function snapshotPool(pool: World["policy"]["pools"][number], { rows }: PoolRows): SnapshotPool {
  return {
    name: pool.name,
    ...(pool.accelerator === undefined ? {} : { accelerator: pool.accelerator }),
    pricePerDeviceHour: pool.pricePerDeviceHour,
    nodes: rows,
  };
}

/** Rules of the priorities in use; of two service classes with one priority, the first by name. */
function snapshotClasses(members: readonly PlannableVariant[]): SnapshotClass[] {
  const classes = new Map<number, SnapshotClass>();
  const inOrder = members.map(({ serviceClass }) => serviceClass).sort((a, b) => (a.name < b.name ? -1 : 1));
  for (const { priority, rule } of inOrder) if (!classes.has(priority)) classes.set(priority, { priority, rule });
  return [...classes.values()].sort((a, b) => a.priority - b.priority);
}

function snapshotWorkload(
  workload: string,
  resolved: ResolvedWorld,
  members: readonly PlannableVariant[],
  variantOf: (member: PlannableVariant) => SnapshotVariant,
): SnapshotWorkload {
  const { variant, serviceClass } = members[0]!;
  const demand = resolved.demands.get(workload);
  const idle = resolved.idle.get(workload);
  // Where zero is decided, it has looked at what is to come.
  const isIdle = idle?.keptReplicas === 0 && demand?.nowPerSecond === 0;
  return {
    name: workload,
    ...(variant.tenant === undefined ? {} : { tenant: variant.tenant }),
    priority: serviceClass.priority,
    weight: serviceClass.weight,
    demandPerSecond: isIdle ? 0 : (demand?.perSecond ?? 0),
    shedPenalty: serviceClass.shedPenalty,
    minReplicas: Math.max(serviceClass.minReplicas ?? 0, idle?.keptReplicas ?? 0),
    ...(demand?.tokenMix === undefined ? {} : { tokenMix: demand.tokenMix }),
    slo: serviceClass.slo,
    variants: members.map(variantOf),
  };
}

interface VariantFacts {
  range: ReplicaRange | undefined;
  rows: PoolRows;
  price: number;
}

function snapshotVariant(member: PlannableVariant, states: ReplicaStates, facts: VariantFacts): SnapshotVariant {
  const { variant, target, pool, capacityPerSecond } = member;
  const state = states.get(variant.key);
  const { range, rows, price } = facts;
  const costPerHour = variant.costPerHour ?? price * target.devicesPerReplica * target.nodesPerReplica;
  return {
    name: variant.key,
    pool,
    role: variant.role,
    devicesPerReplica: target.devicesPerReplica,
    nodesPerReplica: target.nodesPerReplica,
    capacityPerSecond,
    costPerHour,
    // The devices that idle while one starts, spread over the hour that a replica is expected to live at least.
    startCost: (costPerHour * (state?.startMs ?? variant.startSeconds * 1000)) / 3_600_000,
    currentReplicas: state?.current ?? 0,
    minReplicas: range?.minReplicas ?? 0,
    ...(range !== undefined && Number.isFinite(range.maxReplicas) ? { maxReplicas: range.maxReplicas } : {}),
    tolerations: [...target.tolerations, ...(rows.tolerations.get(variant.key) ?? [])],
    movable: false,
  };
}
