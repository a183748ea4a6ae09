import { InputError } from "../../../domain/input-error.ts";
import { size } from "../../../model/queueing/size.ts";
import type { SimulatedCluster } from "../../../simulation/cluster/cluster.ts";
import { gatewayDemands } from "../../../simulation/cluster/world-parts.ts";
import type { ContinuousProfile, LengthMix } from "../../../snapshot/continuous-profile.ts";
import type { ProfileD3, SloTargets } from "../../../snapshot/profile.ts";
import type { Simulation } from "../../../snapshot/simulation/types.ts";
import type { SizedVariant } from "../sized-variants.ts";
import type { Controller } from "../types.ts";

const INTERVAL_MS = 60_000;
/** Requests that may wait for each that is served, in the predecessors' analyzer. */
const QUEUE_TO_BATCH = 10;

/** Share of both costs that a change of the accelerator is taken to cost (`AccelPenaltyFactor`). */
const CHANGE_PENALTY = 0.1;

/** One way to serve a workload in full. */
export interface Allocation {
  variant: string;
  pool: string;
  replicas: number;
  devicesPerReplica: number;
  costPerHour: number;
  /** What it is ranked by: the change of cost from what runs now, and a penalty for another accelerator. */
  value: number;
}

export interface GreedyServer {
  name: string;
  /** Lower is more important. */
  priority: number;
  /** Least value first. */
  allocations: Allocation[];
}

interface Entry extends GreedyServer {
  index: number;
  /** What the next allocation costs more. */
  delta: number;
}

/**
 * The greedy optimizer of the predecessor (llm-d workload-variant-autoscaler pkg/solver/greedy.go, after inferno): by priority, then by what
 * the second choice costs more, each server takes its cheapest allocation whose devices are there, all or nothing; who gets none takes in its turn what is left of its cheapest
 * (policy PriorityExhaustive, by priority group). Inventory is devices by type, not nodes.
 */
export function greedyAllocations(
  servers: readonly GreedyServer[],
  devices: ReadonlyMap<string, number>,
): Allocation[] {
  const free = new Map(devices);
  const priorities = [...new Set(servers.map(({ priority }) => priority))].sort((a, b) => a - b);
  return priorities.flatMap((priority) => {
    const group = servers.filter((server) => server.priority === priority && server.allocations.length > 0);
    const { taken, without } = allocateGroup(group, free);
    return [...taken, ...without.flatMap((server) => bestEffort(server, free))];
  });
}

function allocateGroup(group: readonly GreedyServer[], free: Map<string, number>) {
  const entries = group.map((server) => ({ ...server, index: 0, delta: deltaAt(server, 0) })).sort(inOrder);
  const taken: Allocation[] = [];
  const without: GreedyServer[] = [];
  for (let top = entries.shift(); top !== undefined; top = entries.shift()) {
    const allocation = top.allocations[top.index]!;
    if (take(allocation, free)) {
      taken.push(allocation);
      continue;
    }
    top.index++;
    if (top.index === top.allocations.length) {
      without.push(top);
      continue;
    }
    top.delta = deltaAt(top, top.index);
    entries.push(top);
    entries.sort(inOrder);
  }
  return { taken, without };
}

function deltaAt({ allocations }: GreedyServer, index: number): number {
  const next = allocations[index + 1];
  return next === undefined ? Number.MAX_VALUE : next.value - allocations[index]!.value;
}

function inOrder(a: Entry, b: Entry): number {
  const value = ({ allocations, index }: Entry) => allocations[index]!.value;
  return b.delta - a.delta || value(b) - value(a) || (a.name < b.name ? -1 : 1);
}

function take({ pool, replicas, devicesPerReplica }: Allocation, free: Map<string, number>): boolean {
  const left = (free.get(pool) ?? 0) - replicas * devicesPerReplica;
  if (left < 0) return false;
  free.set(pool, left);
  return true;
}

function bestEffort({ allocations }: GreedyServer, free: Map<string, number>): Allocation[] {
  for (const allocation of allocations) {
    const fits = Math.floor((free.get(allocation.pool) ?? 0) / allocation.devicesPerReplica);
    const replicas = Math.min(fits, allocation.replicas);
    if (replicas === 0) continue;
    const part = { ...allocation, replicas };
    take(part, free);
    return [part];
  }
  return [];
}

/** Requests per second that one replica serves with its *mean* TTFT and ITL inside the targets, by dialect D3; 0: none. */
export function meanCapacity(
  profile: ContinuousProfile,
  mix: LengthMix,
  { ttftMs, itlMs, tpotMs }: SloTargets,
): number {
  const means: ProfileD3 = {
    dialect: "D3",
    alphaMs: profile.baseMs,
    betaMs: profile.perPromptTokenMs,
    gammaMs: profile.perContextTokenMs,
    maxBatchSize: profile.maxBatchSize,
    maxQueueSize: QUEUE_TO_BATCH * profile.maxBatchSize,
    maxNumTokens: profile.maxBatchedTokens,
  };
  try {
    const sized = size(means, mix, { ttftMs, itlMs: itlMs ?? tpotMs });
    return sized.ok ? sized.size.capacityPerSecond : 0;
  } catch (error) {
    if (error instanceof InputError) return 0;
    throw error;
  }
}

/** Sizes on means, places greedily: the rate of the last minute, one variant for each workload, at least one replica. */
export class GreedyController implements Controller {
  readonly stepMs = INTERVAL_MS;
  readonly #sized: readonly SizedVariant[];
  readonly #devices: ReadonlyMap<string, number>;

  constructor({ pools }: Simulation, sized: readonly SizedVariant[]) {
    this.#sized = sized;
    this.#devices = new Map(
      pools.map(({ name, nodes }) => [name, nodes.reduce((sum, { devices, count }) => sum + devices * count, 0)]),
    );
  }

  step(cluster: SimulatedCluster): void {
    const demands = new Map(gatewayDemands(cluster, 0, "").map((demand) => [demand.workload, demand]));
    const byWorkload = Map.groupBy(this.#sized, ({ workload }) => workload.name);
    const servers = [...byWorkload].map(([name, variants]): GreedyServer => {
      const demand = demands.get(name);
      const mix = demand?.tokenMix;
      const allocations =
        mix === undefined ? [] : variants.flatMap((own) => allocation(own, demand!.ratePerSecond, mix));
      const current = currentOf(cluster, variants);
      for (const own of allocations) own.value = transition(current, own);
      allocations.sort((a, b) => a.value - b.value || (a.variant < b.variant ? -1 : 1));
      return { name, priority: variants[0]!.serviceClass.priority, allocations };
    });
    const chosen = greedyAllocations(servers, this.#devices);
    const counts = new Map(chosen.map(({ variant, replicas }) => [variant, replicas]));
    const asked = servers.filter(({ allocations }) => allocations.length > 0).map(({ name }) => name);
    const keys = asked.flatMap((name) => byWorkload.get(name)!.map(({ key }) => key));
    const changes = keys.map((key) => ({ key, by: (counts.get(key) ?? 0) - cluster.askedOf(key) }));
    // What shrinks goes first: it makes room.
    for (const { key, by } of changes.sort((a, b) => a.by - b.by))
      if (by !== 0) cluster.scale(key, counts.get(key) ?? 0);
  }
}

/** The variant of a workload that runs, by its count; undefined: none does. */
function currentOf(
  cluster: SimulatedCluster,
  variants: readonly SizedVariant[],
): Pick<Allocation, "variant" | "costPerHour"> | undefined {
  const most = [...variants].sort((a, b) => cluster.askedOf(b.key) - cluster.askedOf(a.key))[0]!;
  const replicas = cluster.askedOf(most.key);
  return replicas === 0 ? undefined : { variant: most.key, costPerHour: most.costPerHour * replicas };
}

/** What going from one allocation to another is taken to cost, per hour. */
export function transition(
  from: Pick<Allocation, "variant" | "costPerHour"> | undefined,
  to: Pick<Allocation, "variant" | "costPerHour">,
): number {
  if (from?.variant === to.variant) return to.costPerHour - from.costPerHour;
  const before = from?.costPerHour ?? 0;
  return CHANGE_PENALTY * (before + to.costPerHour) + to.costPerHour - before;
}

function allocation(
  { key, variant, serviceClass, costPerHour }: SizedVariant,
  ratePerSecond: number,
  mix: LengthMix,
): Allocation[] {
  const capacity = meanCapacity(variant.profile, mix, serviceClass.slo);
  if (!(capacity > 0)) return [];
  const needed = Math.max(1, variant.minReplicas, Math.ceil(ratePerSecond / capacity));
  const replicas = Math.min(needed, variant.maxReplicas ?? needed);
  const { pool, devicesPerReplica } = variant;
  return [{ variant: key, pool, replicas, devicesPerReplica, costPerHour: costPerHour * replicas, value: 0 }];
}
