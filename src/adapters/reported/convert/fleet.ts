import type { Snapshot, SnapshotVariant, SnapshotWorkload } from "../../../snapshot/types.ts";
import type {
  Behavior,
  Policy,
  ScalingRules,
  WorldOverride,
  WorldServiceClass,
  WorldTarget,
  WorldVariant,
} from "../../../snapshot/world/types.ts";

/** What the file of the fleet alone says, as parts of a world. Names are keys as they stand: the file has no namespaces. */

/** Resource that a pool's devices are counted as, and the label that tells a node's pool. */
export const RESOURCE = "apportion.dev/devices";
export const POOL_LABEL = "apportion.dev/pool";

/** Stands where a world asks for a namespace. */
export const NAMESPACE = "reported";

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;

/** A start longer than this is no start; recorded worlds know no longer one. */
const MAX_START_SECONDS = 10 * 86_400;
/** Where a start costs something that tells no time. */
const DEFAULT_START_SECONDS = 120;

/** Whoever carries the plan out limits its own pace. */
const UNLIMITED: ScalingRules = { stabilizationWindowSeconds: 0, selectPolicy: "Max", policies: [], tolerance: 0 };
const BEHAVIOR: Behavior = { scaleUp: UNLIMITED, scaleDown: UNLIMITED };

/** The policy of the file, in mode `recommend`, with the defaults of a `PlacementPolicy` for what a file does not say. */
export function policyOf(snapshot: Snapshot, name: string, timeLimitMs: number): Policy {
  return {
    name,
    mode: "recommend",
    objective: snapshot.objective,
    pools: snapshot.inventory.pools.map((pool) => ({
      name: pool.name,
      ...(pool.accelerator === undefined ? {} : { accelerator: pool.accelerator }),
      resource: RESOURCE,
      nodeLabels: { [POOL_LABEL]: pool.name },
      pricePerDeviceHour: pool.pricePerDeviceHour ?? 0,
    })),
    quotas: snapshot.quotas,
    cohorts: snapshot.cohorts,
    demandStaleAfterMs: 2 * MINUTE_MS,
    demandForgetAfterMs: 24 * HOUR_MS,
    unschedulableTimeoutMs: MINUTE_MS,
    probeAfterMs: 5 * MINUTE_MS,
    probeAfterMaxMs: HOUR_MS,
    quarantineMs: 2 * MINUTE_MS,
    quarantineMaxMs: HOUR_MS,
    manualPinMs: HOUR_MS,
    startTimeQuantile: 0.95,
    timeLimitMs,
  };
}

/** One service class for each workload, of its name. */
export function classesOf(snapshot: Snapshot): WorldServiceClass[] {
  const rules = new Map(snapshot.classes.map(({ priority, rule }) => [priority, rule]));
  return snapshot.workloads.map(({ name, priority, weight, shedPenalty, minReplicas, slo }) => ({
    name,
    priority,
    weight,
    rule: rules.get(priority) ?? "max-min",
    shedPenalty,
    ...(minReplicas === 0 ? {} : { minReplicas }),
    slo,
  }));
}

export function variantsOf(snapshot: Snapshot): WorldVariant[] {
  const prices = new Map(snapshot.inventory.pools.map((pool) => [pool.name, pool.pricePerDeviceHour ?? 0]));
  return snapshot.workloads.flatMap((workload) =>
    workload.variants.map((variant) => worldVariant(workload, variant, prices.get(variant.pool) ?? 0)),
  );
}

function worldVariant(workload: SnapshotWorkload, variant: SnapshotVariant, price: number): WorldVariant {
  const { name, role, minReplicas, maxReplicas, capacityPerSecond, profile } = variant;
  const costPerHour = variant.costPerHour ?? price * variant.devicesPerReplica * variant.nodesPerReplica;
  return {
    key: name,
    namespace: NAMESPACE,
    name,
    uid: "",
    generation: 0,
    target: name,
    workload: workload.name,
    serviceClass: workload.name,
    ...(workload.tenant === undefined ? {} : { tenant: workload.tenant }),
    role,
    costPerHour,
    minReplicas,
    ...(maxReplicas === undefined ? {} : { maxReplicas }),
    demandPerSecond: workload.demandPerSecond,
    ...(capacityPerSecond === undefined ? {} : { capacityPerSecond }),
    ...(profile === undefined ? {} : { profile }),
    ...(workload.tokenMix === undefined ? {} : { tokenMix: workload.tokenMix }),
    startSeconds: startSeconds(variant.startCost, costPerHour),
    behavior: BEHAVIOR,
    suspended: false,
  };
}

/** A start costs the devices that idle while it lasts: the time that makes the file's cost of it. */
function startSeconds(startCost: number, costPerHour: number): number {
  if (costPerHour === 0) return startCost === 0 ? 0 : DEFAULT_START_SECONDS;
  return Math.min((startCost / costPerHour) * 3600, MAX_START_SECONDS);
}

/** What a variant scales: nothing that this service could write to, only the count of it. */
export function targetOf(variant: SnapshotVariant, specReplicas: number): WorldTarget {
  return {
    key: variant.name,
    apiVersion: "",
    kind: "Reported",
    namespace: NAMESPACE,
    name: variant.name,
    found: true,
    specReplicas,
    devicesPerReplica: variant.devicesPerReplica,
    resource: RESOURCE,
    nodesPerReplica: variant.nodesPerReplica,
    nodeSelector: { [POOL_LABEL]: variant.pool },
    nodeAffinity: [],
    tolerations: variant.tolerations,
  };
}

/** Variants that the file excludes stay in the picture, with its reason. */
export function exclusionsOf(snapshot: Snapshot): WorldOverride[] {
  return snapshot.workloads.flatMap(({ variants }) =>
    variants.flatMap(({ name, excluded }): WorldOverride[] => {
      if (excluded === undefined) return [];
      const subject = { kind: "variant" as const, name };
      const action = { type: "exclude" as const };
      return [{ id: `file:${name}`, action, subject, reason: excluded, author: "the file", createdAtMs: 0 }];
    }),
  );
}
