import type { RawCondition, RawObject } from "../api/types.ts";
import { timeMs } from "./time.ts";

/** Event reasons by which a node autoscaler says that it makes a node for a pod: Cluster Autoscaler, Karpenter. */
export const COMING_REASONS = ["TriggeredScaleUp", "Nominated"] as const;

/** A promise of a node that is older than this was not kept. */
const PROMISE_MS = 15 * 60_000;

export interface RawEvent extends RawObject {
  reason?: string;
  involvedObject?: { kind?: string; namespace?: string; name?: string };
  lastTimestamp?: string | null;
  eventTime?: string | null;
}

/** `namespace/name` of pods that events promise a node. */
export function podsWithNodeComing(events: readonly RawEvent[], nowMs: number): Set<string> {
  const pods = new Set<string>();
  for (const event of events) {
    const subject = event.involvedObject;
    if (subject?.kind !== "Pod") continue;
    const atMs = timeMs(event.lastTimestamp ?? event.eventTime ?? event.metadata?.creationTimestamp) ?? 0;
    if (nowMs - atMs <= PROMISE_MS) pods.add(`${subject.namespace}/${subject.name}`);
  }
  return pods;
}

const CONSUMES = [
  "autoscaling.x-k8s.io/consume-provisioning-request",
  "cluster-autoscaler.kubernetes.io/consume-provisioning-request",
];

/** `namespace/name` of the ProvisioningRequest that a pod waits for. */
export function provisioningRequestOf(pod: RawObject): string | undefined {
  for (const annotation of CONSUMES) {
    const name = pod.metadata?.annotations?.[annotation];
    if (name !== undefined) return `${pod.metadata?.namespace}/${name}`;
  }
  return undefined;
}

/** `namespace/name` of ProvisioningRequests whose nodes are on their way: accepted, and neither failed nor expired. */
export function acceptedRequests(requests: readonly RawObject[]): Set<string> {
  const accepted = new Set<string>();
  for (const { metadata, status } of requests) {
    const conditions = (status as { conditions?: RawCondition[] } | undefined)?.conditions ?? [];
    const holds = (type: string) => conditions.some((entry) => entry.type === type && entry.status === "True");
    const over = holds("Failed") || holds("BookingExpired") || holds("CapacityRevoked");
    if (holds("Accepted") && !over) accepted.add(`${metadata?.namespace}/${metadata?.name}`);
  }
  return accepted;
}
