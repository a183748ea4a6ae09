import type { LengthMix } from "../../snapshot/continuous-profile.ts";
import type { WorldDemand, WorldNode, WorldPod, WorldTarget } from "../../snapshot/world/types.ts";
import type { SimulatedCluster } from "./cluster.ts";
import type { Gateway } from "./gateway.ts";
import type { SimulatedPod } from "./pod.ts";
import type { SimulatedVariant } from "./types.ts";

export const DEVICE_RESOURCE = "nvidia.com/gpu";
/** The label of a node that says which pool it is of. */
export const POOL_LABEL = "apportion.dev/pool";

/** Rates are means over so long; lengths, which change more slowly, over more. */
const RATE_WINDOW_MS = 60_000;
const LENGTH_WINDOW_MS = 600_000;

/** What a cluster's API would say of the simulated one. `epochMs` is the time of its beginning. */
export interface SimulatedParts {
  nodes: WorldNode[];
  pods: WorldPod[];
  targets: WorldTarget[];
}

export function worldParts(
  cluster: SimulatedCluster,
  variants: readonly SimulatedVariant[],
  epochMs: number,
): SimulatedParts {
  const at = (ms: number | undefined): number | undefined => (ms === undefined ? undefined : Math.round(epochMs + ms));
  return {
    nodes: [...cluster.nodes.all()].map(({ node, lost, cordoned }) => ({
      name: node.name,
      ready: !lost,
      cordoned,
      labels: { [POOL_LABEL]: node.pool },
      taints: [],
      devices: { [DEVICE_RESOURCE]: node.devices },
    })),
    pods: [...[...cluster.pods()].map((pod) => worldPod(pod, at)), ...foreignPods(cluster, epochMs)],
    targets: variants.map((variant) => worldTarget(cluster, variant)),
  };
}

export const targetKey = (variant: string): string => variant.replace("/", "/Deployment/");

function worldTarget(cluster: SimulatedCluster, { key, pool, devicesPerReplica }: SimulatedVariant): WorldTarget {
  const [namespace = "", name = ""] = key.split("/");
  return {
    key: targetKey(key),
    apiVersion: "apps/v1",
    kind: "Deployment",
    namespace,
    name,
    found: true,
    specReplicas: cluster.askedOf(key),
    devicesPerReplica,
    resource: DEVICE_RESOURCE,
    nodesPerReplica: 1,
    nodeSelector: { [POOL_LABEL]: pool },
    nodeAffinity: [],
    tolerations: [],
  };
}

function worldPod(pod: SimulatedPod, at: (ms: number | undefined) => number | undefined): WorldPod {
  const { variant, phase } = pod;
  const unschedulable = `no node of ${variant.pool} has ${variant.devicesPerReplica} ${DEVICE_RESOURCE} free`;
  return {
    namespace: variant.key.split("/")[0]!,
    name: pod.name,
    target: targetKey(variant.key),
    ...(pod.node === undefined ? {} : { node: pod.node }),
    devices: { [DEVICE_RESOURCE]: variant.devicesPerReplica },
    createdAtMs: at(pod.createdAtMs)!,
    ...(pod.scheduledAtMs === undefined ? {} : { scheduledAtMs: at(pod.scheduledAtMs)! }),
    ...(pod.readyAtMs === undefined ? {} : { readyAtMs: at(pod.readyAtMs)! }),
    ready: phase === "ready",
    terminating: phase === "terminating",
    ...(phase === "pending" ? { unschedulable } : {}),
    nodeComing: false,
    restarts: pod.restarts,
    deletionCost: pod.deletionCost,
  };
}

function foreignPods(cluster: SimulatedCluster, epochMs: number): WorldPod[] {
  return [...cluster.nodes.all()].flatMap(({ node, foreign }): WorldPod[] =>
    foreign === 0
      ? []
      : [
          {
            namespace: "training",
            name: `job-on-${node.name}`,
            node: node.name,
            devices: { [DEVICE_RESOURCE]: foreign },
            createdAtMs: epochMs,
            scheduledAtMs: epochMs,
            readyAtMs: epochMs,
            ready: true,
            terminating: false,
            nodeComing: false,
            restarts: 0,
            deletionCost: 0,
          },
        ],
  );
}

/** What a gateway would report: arrivals of the last minute, and the lengths of the last ten. */
export function gatewayDemands(cluster: SimulatedCluster, epochMs: number, source: string): WorldDemand[] {
  const { nowMs } = cluster;
  return [...cluster.gateways.values()].map((gateway) => {
    const windowMs = Math.min(RATE_WINDOW_MS, Math.max(1, nowMs));
    const tokenMix = lengthsOf(gateway, nowMs);
    return {
      workload: gateway.workload,
      source,
      ratePerSecond: (1000 * gateway.recent(nowMs, windowMs).length) / windowMs,
      ...(tokenMix === undefined ? {} : { tokenMix }),
      reportedAtMs: Math.round(epochMs + nowMs),
    };
  });
}

/** Means and variations; undefined where nothing came. */
function lengthsOf(gateway: Gateway, nowMs: number): LengthMix | undefined {
  const seen = gateway.recent(nowMs, LENGTH_WINDOW_MS);
  if (seen.length === 0) return undefined;
  const input = spread(seen.map(({ inputTokens }) => inputTokens));
  const output = spread(seen.map(({ outputTokens }) => outputTokens));
  return {
    inputTokens: input.mean,
    outputTokens: Math.max(1, output.mean),
    inputVariation: Math.min(10, input.variation),
    outputVariation: Math.min(10, output.variation),
  };
}

function spread(values: readonly number[]): { mean: number; variation: number } {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const square = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length;
  return { mean, variation: mean > 0 ? Math.sqrt(square) / mean : 0 };
}
