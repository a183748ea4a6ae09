import type { VariantMemory } from "../../snapshot/world/memory.ts";
import type { WorldPod } from "../../snapshot/world/types.ts";
import type { StartTimes } from "./start-times.ts";
import type { ReplicaPhase, ReplicaState } from "./types.ts";

/** Where the policy does not say how long a node may take. */
export const DEFAULT_NODE_START_MS = 600_000;

/** Reason of a replica that fails through no fault of its own. */
export const NODE_NOT_READY = "NodeNotReady";

/** What the phases of a variant's replicas are judged by. */
export interface Judgement extends StartTimes {
  nowMs: number;
  unschedulableTimeoutMs: number;
  nodeStartMs: number;
  nodesPerReplica: number;
  notReadyNodes: ReadonlySet<string>;
  memory: VariantMemory | undefined;
}

interface Phase {
  phase: ReplicaPhase;
  sinceMs: number;
  expectedReadyAtMs?: number;
  reason?: string;
}

/** Worst first: a group is what its worst member is. */
const WORST_FIRST: readonly ReplicaPhase[] = [
  "failing",
  "unschedulable",
  "node-coming",
  "pending",
  "starting",
  "ready",
];

/** A replica from its pods (one, or the members of a group), none of which is terminating. */
export function replicaState(name: string, pods: readonly WorldPod[], judgement: Judgement): ReplicaState {
  const { nowMs, unschedulableTimeoutMs } = judgement;
  const phases = pods.map((pod) => podPhase(name, pod, judgement));
  if (pods.length < judgement.nodesPerReplica) phases.push(incomplete(pods, judgement));
  const worst = phases.reduce((a, b) => (rank(b.phase) < rank(a.phase) ? b : a));
  const alike = phases.filter((phase) => phase.phase === worst.phase);
  const sinceMs = Math.min(...alike.map((phase) => phase.sinceMs));
  const expected = phases.flatMap((phase) => phase.expectedReadyAtMs ?? []);
  const coming = worst.phase === "starting" || worst.phase === "node-coming" || worst.phase === "pending";
  return {
    name,
    phase: worst.phase,
    pods: pods.map((pod) => `${pod.namespace}/${pod.name}`),
    nodes: pods.flatMap((pod) => pod.node ?? []),
    sinceMs,
    ...(coming && expected.length > 0 ? { expectedReadyAtMs: Math.max(...expected) } : {}),
    ...(worst.reason === undefined ? {} : { reason: worst.reason }),
    overdue: worst.phase === "unschedulable" && nowMs - sinceMs >= unschedulableTimeoutMs,
    deletionCost: Math.max(...pods.map((pod) => pod.deletionCost)),
    createdAtMs: Math.min(...pods.map((pod) => pod.createdAtMs)),
  };
}

function rank(phase: ReplicaPhase): number {
  return WORST_FIRST.indexOf(phase);
}

function podPhase(replica: string, pod: WorldPod, judgement: Judgement): Phase {
  if (pod.failing !== undefined) return { phase: "failing", sinceMs: pod.createdAtMs, reason: pod.failing };
  if (pod.ready) return { phase: "ready", sinceMs: pod.readyAtMs ?? pod.createdAtMs };
  if (pod.node !== undefined) return startingPhase(replica, pod, judgement);
  return waitingPhase(pod, judgement);
}

/** One that was ready before is judged from when it stopped being so, not from its start. */
function startingPhase(replica: string, pod: WorldPod, judgement: Judgement): Phase {
  const { nowMs, memory, startMs, startLimitMs } = judgement;
  const wasReady = memory !== undefined && Object.hasOwn(memory.counted, replica);
  const sinceMs = wasReady ? (memory.unready?.[replica] ?? nowMs) : (pod.scheduledAtMs ?? pod.createdAtMs);
  if (nowMs - sinceMs > startLimitMs) {
    const nodeIsLost = pod.node !== undefined && judgement.notReadyNodes.has(pod.node);
    const own = wasReady ? "NotReadyTooLong" : "StartTimeExceeded";
    return { phase: "failing", sinceMs, reason: nodeIsLost ? NODE_NOT_READY : own };
  }
  return { phase: "starting", sinceMs, expectedReadyAtMs: sinceMs + startMs };
}

function waitingPhase(pod: WorldPod, judgement: Judgement): Phase {
  const { nowMs, nodeStartMs, startMs, unschedulableTimeoutMs } = judgement;
  const sinceMs = pod.createdAtMs;
  const waitedMs = nowMs - sinceMs;
  if (pod.nodeComing && waitedMs <= nodeStartMs + startMs) {
    return { phase: "node-coming", sinceMs, expectedReadyAtMs: sinceMs + nodeStartMs + startMs };
  }
  if (pod.unschedulable !== undefined) return { phase: "unschedulable", sinceMs, reason: pod.unschedulable };
  if (pod.nodeComing) return { phase: "unschedulable", sinceMs, reason: "the node that was on its way has not come" };
  if (waitedMs < unschedulableTimeoutMs) return { phase: "pending", sinceMs, expectedReadyAtMs: nowMs + startMs };
  return { phase: "unschedulable", sinceMs, reason: "the scheduler has not placed it" };
}

/** A group that lacks members: its controller is making them, or cannot. */
function incomplete(pods: readonly WorldPod[], judgement: Judgement): Phase {
  const { nowMs, memory, unschedulableTimeoutMs, startMs } = judgement;
  const youngest = Math.max(...pods.map((pod) => pod.createdAtMs));
  const sinceMs = Math.max(youngest, memory?.missingSinceMs ?? youngest);
  if (nowMs - sinceMs < unschedulableTimeoutMs)
    return { phase: "pending", sinceMs, expectedReadyAtMs: nowMs + startMs };
  return { phase: "failing", sinceMs, reason: "GroupIncomplete" };
}

/** An ordered controller makes the next replica once this one is ready: what is missing then is not late. */
export function isComing(replicas: readonly ReplicaState[]): boolean {
  return replicas.some(({ phase }) => phase !== "ready" && phase !== "failing");
}
