import type { WorldNode, WorldPod } from "../../snapshot/world/types.ts";
import type { KubernetesApi } from "./api/client.ts";
import type { RawObject } from "./api/types.ts";
import { nodeOf } from "./convert/node.ts";
import { acceptedRequests, COMING_REASONS, podsWithNodeComing, provisioningRequestOf } from "./convert/node-coming.ts";
import type { TargetSelector } from "./convert/owner.ts";
import { podOf } from "./convert/pod.ts";
import type { Discovery } from "./discovery.ts";
import { collect } from "./read-resources.ts";

/** Nodes that have any of `resources`, by name. */
export async function readNodes(api: KubernetesApi, resources: readonly string[]): Promise<WorldNode[]> {
  const nodes: WorldNode[] = [];
  const visit = (raw: RawObject) => {
    const node = nodeOf(raw, resources);
    if (node !== undefined) nodes.push(node);
  };
  await api.list("/api/v1/nodes", visit, { restart: () => nodes.splice(0) });
  return nodes.sort((a, b) => (a.name < b.name ? -1 : 1));
}

/** Pods that ask for devices and have not finished, in the order of their names. */
export async function readPods(
  api: KubernetesApi,
  discovery: Discovery,
  context: { resources: readonly string[]; selectors: readonly TargetSelector[]; nowMs: number },
): Promise<WorldPod[]> {
  const pods: WorldPod[] = [];
  const requests = new Map<WorldPod, string>();
  const nodeComing = new Set<string>();
  const visit = (raw: RawObject) => {
    const pod = podOf(raw, { ...context, nodeComing });
    if (pod === undefined) return;
    pods.push(pod);
    const request = provisioningRequestOf(raw);
    if (request !== undefined) requests.set(pod, request);
  };
  await api.list("/api/v1/pods", visit, {
    query: { fieldSelector: "status.phase!=Succeeded,status.phase!=Failed" },
    restart: () => pods.splice(0),
  });
  const pending = pods.filter(({ node, terminating }) => node === undefined && !terminating);
  if (pending.length > 0) await markNodeComing(api, discovery, pending, requests, context.nowMs);
  return pods.sort((a, b) => (sortKey(a) < sortKey(b) ? -1 : 1));
}

/** Asked for only where pods are pending: events are many. */
async function markNodeComing(
  api: KubernetesApi,
  discovery: Discovery,
  pending: WorldPod[],
  requests: ReadonlyMap<WorldPod, string>,
  nowMs: number,
): Promise<void> {
  const selectors = COMING_REASONS.map((reason) => `involvedObject.kind=Pod,reason=${reason}`);
  const [events, accepted] = await Promise.all([
    Promise.all(selectors.map((fieldSelector) => collect(api, "/api/v1/events", { fieldSelector }))),
    readAcceptedRequests(
      api,
      discovery,
      pending.some((pod) => requests.has(pod)),
    ),
  ]);
  const coming = podsWithNodeComing(events.flat(), nowMs);
  for (const pod of pending) {
    const request = requests.get(pod);
    pod.nodeComing = coming.has(`${pod.namespace}/${pod.name}`) || (request !== undefined && accepted.has(request));
  }
}

async function readAcceptedRequests(api: KubernetesApi, discovery: Discovery, wanted: boolean): Promise<Set<string>> {
  if (!wanted) return new Set();
  const apiVersion = "autoscaling.x-k8s.io/v1";
  if ((await discovery.find(apiVersion, "ProvisioningRequest")) === undefined) return new Set();
  return acceptedRequests(await collect(api, `/apis/${apiVersion}/provisioningrequests`));
}

function sortKey({ namespace, name }: WorldPod): string {
  return `${namespace}/${name}`;
}
