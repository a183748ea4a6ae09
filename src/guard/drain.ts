import type { ReplicaState, ReplicaStates } from "../model/replicas/types.ts";
import { drained } from "../plan/pools-nodes.ts";
import type { World } from "../snapshot/world/types.ts";

/**
 * Replicas with a member on a drained node, by variant. The plan has room for each of them elsewhere (drained nodes are not in
 * it), but their count does not change: they move only when they are evicted, or made cheap to delete and surplus.
 */
export function replicasToMove(world: World, states: ReplicaStates): Map<string, ReplicaState[]> {
  const { nodes } = drained(world);
  const moving = new Map<string, ReplicaState[]>();
  for (const [variant, { replicas }] of states) {
    const own = replicas.filter((replica) => replica.nodes.some((node) => nodes.has(node)));
    if (own.length > 0) moving.set(variant, own);
  }
  return moving;
}
