import type { ReplicaState, ReplicaStates } from "../model/replicas/types.ts";
import type { PlannableVariant } from "../plan/plannable-variant.ts";
import { drained } from "../plan/pools-nodes.ts";
import type { ResolvedWorld } from "../plan/world-to-snapshot-resolve.ts";
import type { World } from "../snapshot/world/types.ts";
import { Room } from "./room.ts";
import type { Change, Drain } from "./types.ts";

/** On nodes that were cordoned for a drain: they are opened again when it is over, and no others. */
export const DRAINED_LABEL = "apportion.dev/drained";

export const NO_DRAIN: Drain = { cordon: [], uncordon: [], evict: [] };

/**
 * What is to be done about drained nodes. They are cordoned first, since an evicted pod would come back. Then replicas leave one
 * by one, each when all others of its workload are ready (so when what replaced the one before is) and a node has room for what
 * will replace it; without room, when nothing is under way that could make some. Where counts change, the order of changes
 * comes first.
 *
 * @param moving replicas on drained nodes, by variant; those that are left alone are not among them
 */
export function drainSteps(
  world: World,
  states: ReplicaStates,
  resolved: ResolvedWorld,
  moving: ReadonlyMap<string, readonly ReplicaState[]>,
  changes: readonly Change[],
): Drain {
  const nodes = drained(world).nodes;
  const present = world.inventory.nodes.filter((node) => nodes.has(node.name));
  const cordon = present.filter((node) => !node.cordoned).map((node) => node.name);
  const uncordon = world.inventory.nodes
    .filter((node) => !nodes.has(node.name) && Object.hasOwn(node.labels, DRAINED_LABEL))
    .map((node) => node.name);
  const closed = new Set(present.filter((node) => node.cordoned).map((node) => node.name));
  const evicted = nextReplica(world, states, resolved, { moving, changes, closed });
  return { cordon, uncordon, evict: evicted === undefined ? [] : [evicted] };
}

interface Moves {
  moving: ReadonlyMap<string, readonly ReplicaState[]>;
  changes: readonly Change[];
  /** Drained nodes that take no pods any more. */
  closed: ReadonlySet<string>;
}

/** The next to leave, of the most important workload that may lose one now. */
function nextReplica(
  world: World,
  states: ReplicaStates,
  resolved: ResolvedWorld,
  { moving, changes, closed }: Moves,
): Drain["evict"][number] | undefined {
  const open = new Room(world, resolved);
  const changing = new Set(changes.map(({ variant }) => variant));
  const quiet = changes.length === 0 && world.pods.every((pod) => !pod.terminating);
  for (const [variant, replicas] of [...moving].sort(([a], [b]) => (a < b ? -1 : 1))) {
    const member = resolved.plannable.get(variant);
    if (member === undefined || changing.has(variant)) continue;
    const [first] = replicas.filter((replica) => replica.nodes.some((node) => closed.has(node))).sort(leastUsefulFirst);
    if (first === undefined || !othersAreReady(states, resolved, member, first)) continue;
    if (open.take(member, 1) === 0 && !quiet) continue;
    return { variant, replica: first.name, pods: podsOn(world, first, closed) };
  }
  return undefined;
}

function leastUsefulFirst(a: ReplicaState, b: ReplicaState): number {
  return Number(a.phase === "ready") - Number(b.phase === "ready") || (a.name < b.name ? -1 : 1);
}

/** Everything that serves the workload beside this replica does serve: nothing is missing and nothing leaves. */
function othersAreReady(
  states: ReplicaStates,
  resolved: ResolvedWorld,
  { variant }: PlannableVariant,
  replica: ReplicaState,
): boolean {
  return [...resolved.plannable.values()]
    .filter((other) => other.variant.workload === variant.workload)
    .every((other) => {
      const state = states.get(other.variant.key);
      if (state === undefined) return true;
      const unready = state.asked - state.ready;
      const own = other.variant.key === variant.key && replica.phase !== "ready" ? 1 : 0;
      return unready <= own && state.leaving.length === 0;
    });
}

/** Its controller makes a group anew when one of its pods goes. */
function podsOn(
  world: World,
  replica: ReplicaState,
  closed: ReadonlySet<string>,
): { namespace: string; pod: string }[] {
  const own = new Set(replica.pods);
  return world.pods
    .filter((pod) => own.has(`${pod.namespace}/${pod.name}`) && pod.node !== undefined && closed.has(pod.node))
    .slice(0, 1)
    .map((pod) => ({ namespace: pod.namespace, pod: pod.name }));
}
