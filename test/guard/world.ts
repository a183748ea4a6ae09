import { EMPTY_MEMORY, type VariantMemory } from "../../src/snapshot/world/memory.ts";
import type {
  Behavior,
  Policy,
  World,
  WorldDemand,
  WorldNode,
  WorldOverride,
  WorldPod,
  WorldServiceClass,
  WorldTarget,
  WorldVariant,
} from "../../src/snapshot/world/types.ts";

/** Worlds for tests: one pool `h100`, one class `gold`; everything can be changed. */

export const NOW = 1_760_000_000_000;
export const GPU = "nvidia.com/gpu";

export const FREE: Behavior = {
  scaleUp: { stabilizationWindowSeconds: 0, selectPolicy: "Max", policies: [], tolerance: 0 },
  scaleDown: { stabilizationWindowSeconds: 0, selectPolicy: "Max", policies: [], tolerance: 0 },
};

export function policy(changes: Partial<Policy> = {}): Policy {
  return {
    name: "default",
    mode: "act",
    objective: "lexicographic",
    pools: [{ name: "h100", resource: GPU, nodeLabels: { gpu: "h100" }, pricePerDeviceHour: 4 }],
    quotas: [],
    cohorts: [],
    demandStaleAfterMs: 60_000,
    unschedulableTimeoutMs: 120_000,
    probeAfterMs: 300_000,
    probeAfterMaxMs: 3_600_000,
    quarantineMs: 60_000,
    quarantineMaxMs: 600_000,
    manualPinMs: 1_800_000,
    startTimeQuantile: 0.9,
    timeLimitMs: 1000,
    ...changes,
  };
}

export function node(name: string, changes: Partial<WorldNode> = {}): WorldNode {
  return { name, ready: true, cordoned: false, labels: { gpu: "h100" }, taints: [], devices: { [GPU]: 8 }, ...changes };
}

export function target(name: string, changes: Partial<WorldTarget> = {}): WorldTarget {
  return {
    key: `ns/Deployment/${name}`,
    apiVersion: "apps/v1",
    kind: "Deployment",
    namespace: "ns",
    name,
    found: true,
    specReplicas: 0,
    devicesPerReplica: 4,
    resource: GPU,
    nodesPerReplica: 1,
    nodeSelector: {},
    nodeAffinity: [],
    tolerations: [],
    ...changes,
  };
}

export function variant(name: string, changes: Partial<WorldVariant> = {}): WorldVariant {
  return {
    key: `ns/${name}`,
    namespace: "ns",
    name,
    uid: `uid-${name}`,
    generation: 1,
    target: `ns/Deployment/${name}`,
    workload: `ns/${name}`,
    serviceClass: "gold",
    role: "both",
    minReplicas: 0,
    capacityPerSecond: 1,
    startSeconds: 100,
    behavior: FREE,
    suspended: false,
    ...changes,
  };
}

/** A ready pod of `ns/Deployment/<of>` on a node; `of` undefined: a foreign one. */
export function pod(of: string | undefined, name: string, changes: Partial<WorldPod> = {}): WorldPod {
  return {
    namespace: "ns",
    name,
    ...(of === undefined ? {} : { target: `ns/Deployment/${of}` }),
    node: "n1",
    devices: { [GPU]: 4 },
    createdAtMs: NOW - 3_600_000,
    scheduledAtMs: NOW - 3_600_000,
    readyAtMs: NOW - 3_500_000,
    ready: true,
    terminating: false,
    nodeComing: false,
    restarts: 0,
    deletionCost: 0,
    ...changes,
  };
}

/** A pod without a node. */
export function waiting(of: string, name: string, ageMs: number, changes: Partial<WorldPod> = {}): WorldPod {
  const { node: _node, scheduledAtMs: _scheduled, readyAtMs: _ready, ...rest } = pod(of, name);
  return { ...rest, ready: false, createdAtMs: NOW - ageMs, ...changes };
}

/** A pod with a node that is not ready yet. */
export function starting(of: string, name: string, ageMs: number, changes: Partial<WorldPod> = {}): WorldPod {
  const { readyAtMs: _ready, ...rest } = pod(of, name);
  return { ...rest, ready: false, createdAtMs: NOW - ageMs, scheduledAtMs: NOW - ageMs, ...changes };
}

export function gold(changes: Partial<WorldServiceClass> = {}): WorldServiceClass {
  return { name: "gold", priority: 0, weight: 1, rule: "max-min", shedPenalty: 0, slo: {}, ...changes };
}

export function demand(name: string, ratePerSecond: number, changes: Partial<WorldDemand> = {}): WorldDemand {
  return { workload: `ns/${name}`, source: "gateway", ratePerSecond, reportedAtMs: NOW - 1000, ...changes };
}

export function override(
  id: string,
  action: WorldOverride["action"],
  subject: WorldOverride["subject"],
  changes: Partial<WorldOverride> = {},
): WorldOverride {
  return { id, action, subject, reason: "a test", author: "ann", createdAtMs: NOW - 1000, ...changes };
}

export function remembered(changes: Partial<VariantMemory> = {}): VariantMemory {
  return { recommendations: [], scaleEvents: [], startSeconds: [], counted: {}, ...changes };
}

export function world(changes: Partial<World> = {}): World {
  return {
    apiVersion: "apportion.dev/v1",
    kind: "World",
    takenAtMs: NOW,
    policy: policy(),
    inventory: { known: true, nodes: [node("n1"), node("n2")] },
    pods: [],
    targets: [],
    variants: [],
    classes: [gold()],
    overrides: [],
    demands: [],
    memory: EMPTY_MEMORY,
    ...changes,
  };
}

/** A world of one variant `a` with its pods. */
export function worldOf(pods: WorldPod[], asked: number, changes: Partial<World> = {}): World {
  return world({
    pods,
    targets: [target("a", { specReplicas: asked })],
    variants: [variant("a")],
    demands: [demand("a", 1)],
    ...changes,
  });
}
