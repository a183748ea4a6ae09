import type { ReplicaState } from "../model/replicas/types.ts";
import type { Demand, PlannedForecast } from "../plan/demand/types.ts";
import type { PoolPolicy, WorldNode } from "../snapshot/world/types.ts";
import type { FleetView } from "./metric-types.ts";

/** The fleet as the last cycle saw it, for people: plain values. */
export interface FleetReport {
  takenAtMs: number;
  revision: number;
  pools: PoolReport[];
  workloads: WorkloadReport[];
  /** Longest first. */
  waiting: WaitingReplica[];
}

export interface PoolReport {
  name: string;
  accelerator: string;
  pricePerDeviceHour: number;
  nodes: NodeReport[];
  distrusted: { devices: number; reason: string; probeAtMs: number }[];
}

export interface NodeReport {
  name: string;
  devices: number;
  usable: boolean;
  unusableBecause: string;
  uses: NodeUse[];
  freeDevices: number;
}

export interface NodeUse {
  /** Empty: pods that no variant manages. */
  variant: string;
  devices: number;
  replicas: number;
}

export interface WorkloadReport {
  name: string;
  serviceClass: string;
  priority: number;
  weight: number;
  /** What is asked now. */
  demandPerSecond: number;
  /** What is planned for, where it is forecast. */
  forecast?: PlannedForecast;
  percentile?: number;
  demandKnown: Demand["known"];
  readyCapacityPerSecond: number;
  attainment: number;
  ttftMs?: number;
  itlMs?: number;
  variants: string[];
}

export interface WaitingReplica {
  variant: string;
  name: string;
  phase: Exclude<ReplicaState["phase"], "ready">;
  sinceMs: number;
  expectedReadyAtMs?: number;
  reason: string;
}

export function fleetReport(view: FleetView): FleetReport {
  const { world, revision } = view;
  return {
    takenAtMs: world.takenAtMs,
    revision,
    pools: poolReports(view),
    workloads: workloadReports(view),
    waiting: waitingReplicas(view),
  };
}

function poolReports({ world, resolved }: FleetView): PoolReport[] {
  const variants = new Map(world.variants.map(({ target, key }) => [target, key]));
  const podsByNode = Map.groupBy(
    world.pods.filter(({ node }) => node !== undefined),
    ({ node }) => node,
  );
  return world.policy.pools.map((pool) => ({
    name: pool.name,
    accelerator: pool.accelerator ?? "",
    pricePerDeviceHour: pool.pricePerDeviceHour,
    nodes: (resolved.nodes.get(pool.name) ?? []).map((node) => {
      const uses = usesOf(podsByNode.get(node.name) ?? [], pool, variants);
      const devices = node.devices[pool.resource] ?? 0;
      const used = uses.reduce((sum, use) => sum + use.devices, 0);
      return { name: node.name, devices, ...usability(node), uses, freeDevices: Math.max(0, devices - used) };
    }),
    distrusted: Object.entries(world.memory.trust)
      .filter(([key]) => key.startsWith(`${pool.name}/`))
      .map(([key, { reason, probeAtMs }]) => ({ devices: Number(key.slice(pool.name.length + 1)), reason, probeAtMs })),
  }));
}

function usability({ ready, cordoned }: WorldNode): Pick<NodeReport, "usable" | "unusableBecause"> {
  const why = [...(ready ? [] : ["not ready"]), ...(cordoned ? ["cordoned"] : [])];
  return { usable: why.length === 0, unusableBecause: why.join(", ") };
}

/** What pods hold on one node, by variant in order of name, foreign ones last. */
function usesOf(
  pods: readonly FleetView["world"]["pods"][number][],
  { resource }: PoolPolicy,
  variants: ReadonlyMap<string, string>,
): NodeUse[] {
  const uses = new Map<string, NodeUse>();
  for (const { target, devices } of pods) {
    const held = devices[resource] ?? 0;
    if (held === 0) continue;
    const variant = target === undefined ? "" : (variants.get(target) ?? "");
    const use = uses.get(variant) ?? { variant, devices: 0, replicas: 0 };
    uses.set(variant, { variant, devices: use.devices + held, replicas: use.replicas + 1 });
  }
  return [...uses.values()].sort((a, b) => order(a.variant, b.variant));
}

function order(a: string, b: string): number {
  if (a === b) return 0;
  if (a === "" || b === "") return a === "" ? 1 : -1;
  return a < b ? -1 : 1;
}

function workloadReports({ world, resolved, statuses }: FleetView): WorkloadReport[] {
  const classes = new Map(world.classes.map((serviceClass) => [serviceClass.name, serviceClass]));
  const byWorkload = Map.groupBy(world.variants, ({ workload }) => workload);
  return [...byWorkload].map(([name, members]) => {
    const { serviceClass: className } = members[0]!;
    const serviceClass = classes.get(className);
    const demand = resolved.demands.get(name);
    const { ttftMs, itlMs, percentile } = serviceClass?.slo ?? {};
    const ready = members.reduce((sum, { key }) => {
      const status = statuses.get(key);
      return sum + (status?.readyReplicas ?? 0) * (status?.capacityPerSecond ?? 0);
    }, 0);
    const told = members.map(({ key }) => statuses.get(key)?.attainment).find((value) => value !== undefined);
    return {
      name,
      serviceClass: className,
      priority: serviceClass?.priority ?? 0,
      weight: serviceClass?.weight ?? 1,
      demandPerSecond: demand?.nowPerSecond ?? 0,
      ...(demand?.forecast === undefined ? {} : { forecast: demand.forecast }),
      demandKnown: demand?.known ?? "none",
      readyCapacityPerSecond: ready,
      attainment: told ?? 0,
      ...(ttftMs === undefined ? {} : { ttftMs }),
      ...(itlMs === undefined ? {} : { itlMs }),
      ...(percentile === undefined ? {} : { percentile }),
      variants: members.map(({ key }) => key),
    };
  });
}

function waitingReplicas({ states }: FleetView): WaitingReplica[] {
  const all = [...states.values()].flatMap(({ variant, replicas }) =>
    replicas.flatMap(({ name, phase, sinceMs, expectedReadyAtMs, reason }) =>
      phase === "ready"
        ? []
        : [
            {
              variant,
              name,
              phase,
              sinceMs,
              ...(expectedReadyAtMs !== undefined && { expectedReadyAtMs }),
              reason: reason ?? "",
            },
          ],
    ),
  );
  return all.sort((a, b) => a.sinceMs - b.sinceMs || order(a.name, b.name));
}
