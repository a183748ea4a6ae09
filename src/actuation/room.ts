import type { PlannableVariant } from "../plan/plannable-variant.ts";
import { accepts } from "../plan/pools-rows.ts";
import type { ResolvedWorld } from "../plan/world-to-snapshot-resolve.ts";
import type { World } from "../snapshot/world/types.ts";

/** Devices that are free at this moment on every node: what the scheduler would find, pods on their way out included. */
export class Room {
  readonly #free = new Map<string, number>();
  readonly #resolved: ResolvedWorld;

  constructor(world: World, resolved: ResolvedWorld) {
    this.#resolved = resolved;
    for (const node of world.inventory.nodes) {
      for (const [resource, devices] of Object.entries(node.devices)) this.#free.set(key(node.name, resource), devices);
    }
    for (const pod of world.pods) {
      if (pod.node === undefined) continue;
      for (const [resource, devices] of Object.entries(pod.devices)) {
        const at = key(pod.node, resource);
        this.#free.set(at, (this.#free.get(at) ?? 0) - devices);
      }
    }
  }

  /** Takes room for as many of `replicas` as fit now, on the fullest nodes that hold them; returns how many. */
  take(member: PlannableVariant, replicas: number): number {
    let taken = 0;
    while (taken < replicas && this.#takeOne(member)) taken += 1;
    return taken;
  }

  #takeOne(member: PlannableVariant): boolean {
    const { target, pool } = member;
    const { devicesPerReplica: size, nodesPerReplica, resource = "" } = target;
    const nodes = (this.#resolved.nodes.get(pool) ?? [])
      .filter((node) => (this.#free.get(key(node.name, resource)) ?? 0) >= size && accepts(member, node))
      .map((node) => key(node.name, resource))
      .sort((a, b) => (this.#free.get(a) ?? 0) - (this.#free.get(b) ?? 0));
    if (nodes.length < nodesPerReplica) return false;
    for (const node of nodes.slice(0, nodesPerReplica)) this.#free.set(node, (this.#free.get(node) ?? 0) - size);
    return true;
  }
}

function key(node: string, resource: string): string {
  return `${resource} ${node}`;
}
