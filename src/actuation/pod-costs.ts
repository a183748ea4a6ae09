import type { ReplicaState, ReplicaStates } from "../model/replicas/types.ts";
import { drained } from "../plan/pools-nodes.ts";
import type { World } from "../snapshot/world/types.ts";
import type { Change, PodCost } from "./types.ts";

/**
 * `controller.kubernetes.io/pod-deletion-cost` of the pods of a target that shrinks, so that the controller stops those whose
 * going frees whole nodes, the least useful first; before all others those on drained nodes. Only pods whose cost is to change are named.
 */
export function podCosts(world: World, states: ReplicaStates, change: Change): PodCost[] {
  const replicas = states.get(change.variant)?.replicas ?? [];
  if (change.to >= change.from || replicas.length === 0) return [];
  const held = devicesByNode(world);
  const { nodes } = drained(world);
  const isLeaving = (replica: ReplicaState) => replica.nodes.some((node) => nodes.has(node));
  const byUse = [...replicas].sort((a, b) => Number(isLeaving(b)) - Number(isLeaving(a)) || lessUseful(a, b, held));
  const leaving = new Set(byUse.slice(0, change.from - change.to).map((replica) => replica.name));
  const costOf = new Map(world.pods.map((pod) => [`${pod.namespace}/${pod.name}`, pod.deletionCost]));
  return byUse.flatMap((replica, rank) => {
    const cost = leaving.has(replica.name) ? rank - replicas.length : 0;
    return replica.pods
      .filter((pod) => (costOf.get(pod) ?? 0) !== cost)
      .map((pod) => ({ namespace: pod.slice(0, pod.indexOf("/")), pod: pod.slice(pod.indexOf("/") + 1), cost }));
  });
}

/** Those that do not serve, then those on the emptiest nodes (their going frees whole ones soonest), then the youngest. */
function lessUseful(a: ReplicaState, b: ReplicaState, held: ReadonlyMap<string, number>): number {
  const onNodes = (replica: ReplicaState) => replica.nodes.reduce((sum, node) => sum + (held.get(node) ?? 0), 0);
  return (
    Number(a.phase === "ready") - Number(b.phase === "ready") ||
    onNodes(a) - onNodes(b) ||
    b.createdAtMs - a.createdAtMs ||
    (a.name < b.name ? -1 : 1)
  );
}

/** Devices that pods hold on each node. */
function devicesByNode(world: World): Map<string, number> {
  const devices = new Map<string, number>();
  for (const pod of world.pods) {
    if (pod.node === undefined) continue;
    const sum = Object.values(pod.devices).reduce((total, count) => total + count, 0);
    devices.set(pod.node, (devices.get(pod.node) ?? 0) + sum);
  }
  return devices;
}
