import type { InventoryValue, ReplicaCounts, ReportEntry } from "../../../ports/ingest.ts";
import type { SnapshotVariant } from "../../../snapshot/types.ts";
import type { WorldPod } from "../../../snapshot/world/types.ts";
import { NAMESPACE, RESOURCE } from "./fleet.ts";
import type { HeldNode } from "./nodes.ts";

/**
 * Replicas of a variant by state: the sum of what sources say of it; where none does, what reported nodes hold, as ready;
 * where they hold none either, the count of the file, as ready.
 */
export function replicaCounts(
  variant: SnapshotVariant,
  reports: readonly ReportEntry[],
  nodes: readonly HeldNode[],
): ReplicaCounts {
  const told = reports.flatMap(({ value }) =>
    (value as InventoryValue).replicas.filter((replicas) => replicas.variant === variant.name),
  );
  const sum = (state: keyof ReplicaCounts) => told.reduce((total, counts) => total + counts[state], 0);
  if (told.length > 0) {
    return {
      ready: sum("ready"),
      starting: sum("starting"),
      unschedulable: sum("unschedulable"),
      failing: sum("failing"),
    };
  }
  const members = placesOf(
    variant,
    nodes.filter(({ reported }) => reported),
  ).length;
  const held = Math.floor(members / variant.nodesPerReplica);
  return { ready: held > 0 ? held : variant.currentReplicas, starting: 0, unschedulable: 0, failing: 0 };
}

/** Name of the node of each member that runs somewhere, in order of node. */
function placesOf(variant: SnapshotVariant, nodes: readonly HeldNode[]): string[] {
  return nodes.flatMap(({ node, holds }) => Array.from({ length: holds.get(variant.name) ?? 0 }, () => node.name));
}

/**
 * Pods that stand for the replicas of a variant. Reports tell states and not since when, so a start is as old as the reading:
 * whoever reports decides when it has failed. Pods are named by state, so that none is taken for one that was ready before.
 *
 * @param refusedSinceMs when replicas of it were first reported unschedulable
 */
export function podsOf(
  variant: SnapshotVariant,
  counts: ReplicaCounts,
  nodes: readonly HeldNode[],
  { takenAtMs, refusedSinceMs }: { takenAtMs: number; refusedSinceMs: number },
): WorldPod[] {
  const places = placesOf(variant, nodes);
  const states = { ready: { ready: true }, starting: {}, failing: { failing: "reported as failing" } };
  const placed = (["ready", "starting", "failing"] as const).flatMap((state) =>
    replicasOf(variant, state, counts[state]).map((pod): WorldPod => {
      const node = places.shift();
      const where = node === undefined ? {} : { node, scheduledAtMs: takenAtMs };
      return { ...pod, createdAtMs: takenAtMs, ...where, ...states[state] };
    }),
  );
  const refused = replicasOf(variant, "unschedulable", counts.unschedulable).map((pod) => ({
    ...pod,
    createdAtMs: refusedSinceMs,
    unschedulable: "reported as unschedulable",
  }));
  return [...placed, ...refused];
}

/** The pods of `count` replicas; a group has one for each of its nodes. */
function replicasOf(
  { name: target, devicesPerReplica, nodesPerReplica }: SnapshotVariant,
  state: string,
  count: number,
): Omit<WorldPod, "createdAtMs">[] {
  return Array.from({ length: count }, (_, i) => `${target}-${state}-${i}`).flatMap((replica) =>
    Array.from({ length: nodesPerReplica }, (_, member) => ({
      namespace: NAMESPACE,
      name: nodesPerReplica === 1 ? replica : `${replica}-${member}`,
      target,
      ...(nodesPerReplica === 1 ? {} : { group: replica }),
      devices: { [RESOURCE]: devicesPerReplica },
      ready: false,
      terminating: false,
      nodeComing: false,
      restarts: 0,
      deletionCost: 0,
    })),
  );
}
