import type { VariantMemory } from "../../snapshot/world/memory.ts";
import type { World, WorldPod, WorldTarget, WorldVariant } from "../../snapshot/world/types.ts";
import { DEFAULT_NODE_START_MS, isComing, type Judgement, replicaState } from "./classify.ts";
import { withLearned } from "./learn.ts";
import { startTimes } from "./start-times.ts";
import type { ReplicaPhase, ReplicaState, ReplicaStates, VariantReplicas } from "./types.ts";

/** What a controller keeps when there are more than it should have: best first. */
const BEST_FIRST: readonly ReplicaPhase[] = ["ready", "starting", "node-coming", "pending", "unschedulable", "failing"];

export interface ObservedReplicas {
  states: ReplicaStates;
  /** What was learned about each variant: start times, who is not ready since when. */
  variants: Record<string, VariantMemory>;
}

const NOTHING_LEARNED: VariantMemory = { recommendations: [], scaleEvents: [], startSeconds: [], counted: {} };

/** What a variant's memory is before anything was learned. */
export function variantMemory(world: World, variant: string): VariantMemory {
  const { variants } = world.memory;
  return Object.hasOwn(variants, variant) ? variants[variant]! : NOTHING_LEARNED;
}

/** Replicas of every variant as they are now, and what that teaches. A target that two variants name belongs to the first by key. */
export function observeReplicas(world: World): ObservedReplicas {
  const targets = new Map(world.targets.map((target) => [target.key, target]));
  const podsOf = Map.groupBy(world.pods, (pod) => pod.target);
  const notReadyNodes = new Set(world.inventory.nodes.filter((node) => !node.ready).map((node) => node.name));
  const taken = new Set<string>();
  const states = new Map<string, VariantReplicas>();
  const variants: Record<string, VariantMemory> = {};
  for (const variant of [...world.variants].sort((a, b) => (a.key < b.key ? -1 : 1))) {
    const target = taken.has(variant.target) ? undefined : targets.get(variant.target);
    taken.add(variant.target);
    const memory = variantMemory(world, variant.key);
    const pods = target === undefined ? [] : (podsOf.get(target.key) ?? []);
    const state = variantReplicas(world, variant, { target, pods, memory, notReadyNodes });
    states.set(variant.key, state);
    variants[variant.key] = withLearned(memory, state, pods, world.takenAtMs);
  }
  return { states, variants };
}

interface Seen {
  target: WorldTarget | undefined;
  pods: readonly WorldPod[];
  memory: VariantMemory;
  notReadyNodes: ReadonlySet<string>;
}

function variantReplicas(
  world: World,
  variant: WorldVariant,
  { target, pods, memory, notReadyNodes }: Seen,
): VariantReplicas {
  const { policy, takenAtMs } = world;
  const judgement: Judgement = {
    ...startTimes(memory, variant.startSeconds, policy.startTimeQuantile),
    nowMs: takenAtMs,
    unschedulableTimeoutMs: policy.unschedulableTimeoutMs,
    nodeStartMs: policy.nodeStartMs ?? DEFAULT_NODE_START_MS,
    nodesPerReplica: target?.nodesPerReplica ?? 1,
    notReadyNodes,
    memory,
  };
  const alive = inOrder(statesOf(pods, judgement));
  const asked = target?.specReplicas ?? 0;
  const kept = alive.slice(0, asked);
  const absent = Math.max(0, asked - kept.length);
  const lost = absent > 0 && !isComing(kept) && isOver(memory.missingSinceMs, policy.unschedulableTimeoutMs, takenAtMs);
  const count = (phase: ReplicaPhase) => kept.filter((replica) => replica.phase === phase).length;
  const missing = lost ? 0 : absent;
  const failing = count("failing") + (lost ? absent : 0);
  const overdue = kept.filter((replica) => replica.overdue).length;
  return {
    variant: variant.key,
    target: variant.target,
    asked,
    size: target?.devicesPerReplica ?? 0,
    replicas: kept,
    leaving: alive.slice(asked),
    ready: count("ready"),
    starting: count("starting"),
    nodeComing: count("node-coming"),
    pending: count("pending") + missing,
    missing,
    unschedulable: count("unschedulable"),
    overdue,
    failing,
    current: asked - failing - overdue,
    scheduled: kept.filter((replica) => replica.nodes.length >= judgement.nodesPerReplica).length,
    startMs: judgement.startMs,
    startLimitMs: judgement.startLimitMs,
  };
}

function statesOf(pods: readonly WorldPod[], judgement: Judgement): ReplicaState[] {
  // By name: where members of a group fail for different reasons, the order in which they were listed must not choose.
  const alive = pods.filter((pod) => !pod.terminating).sort((a, b) => (a.name < b.name ? -1 : 1));
  const grouped = Map.groupBy(alive, (pod) => replicaName(pod, judgement.nodesPerReplica));
  return [...grouped].map(([name, members]) => replicaState(name, members, judgement));
}

function replicaName(pod: WorldPod, nodesPerReplica: number): string {
  return `${pod.namespace}/${nodesPerReplica > 1 ? (pod.group ?? pod.name) : pod.name}`;
}

/** As controllers rank them: phase, then deletion cost, then age; ties by name. */
function inOrder(states: ReplicaState[]): ReplicaState[] {
  return states.sort(
    (a, b) =>
      BEST_FIRST.indexOf(a.phase) - BEST_FIRST.indexOf(b.phase) ||
      b.deletionCost - a.deletionCost ||
      a.createdAtMs - b.createdAtMs ||
      (a.name < b.name ? -1 : 1),
  );
}

function isOver(sinceMs: number | undefined, timeoutMs: number, nowMs: number): boolean {
  return sinceMs !== undefined && nowMs - sinceMs >= timeoutMs;
}
