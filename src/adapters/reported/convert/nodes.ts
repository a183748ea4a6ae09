import type { InventoryValue, ReportEntry } from "../../../ports/ingest.ts";
import type { Snapshot, SnapshotPool } from "../../../snapshot/types.ts";
import type { WorldNode } from "../../../snapshot/world/types.ts";
import { POOL_LABEL, RESOURCE } from "./fleet.ts";

/** A node with what runs there: replicas (members of groups) by variant. */
export interface HeldNode {
  node: WorldNode;
  holds: ReadonlyMap<string, number>;
  /** From a report; else from the file. */
  reported: boolean;
}

/** Pools that the newest reports name. */
export function namedPools(reports: readonly ReportEntry[]): Set<string> {
  return new Set(reports.flatMap(({ value }) => (value as InventoryValue).nodes.map(({ pool }) => pool)));
}

/**
 * Nodes of every pool of the file: those that sources report, and of pools that no source ever reported those of the file.
 * Of a node that two sources name, the one that spoke last is believed. Nodes of other pools are left out.
 */
export function heldNodes(
  snapshot: Snapshot,
  reports: readonly ReportEntry[],
  reportedPools: ReadonlySet<string>,
): HeldNode[] {
  const pools = new Set(snapshot.inventory.pools.map(({ name }) => name));
  const nodes = new Map<string, HeldNode>();
  for (const pool of snapshot.inventory.pools.filter(({ name }) => !reportedPools.has(name))) {
    for (const held of fileNodes(pool)) nodes.set(held.node.name, held);
  }
  for (const { value } of [...reports].sort((a, b) => a.receivedAtMs - b.receivedAtMs)) {
    for (const reported of (value as InventoryValue).nodes) {
      if (!pools.has(reported.pool)) continue;
      const { name, pool, freeDevices, notReady, cordoned, taints } = reported;
      const holds = new Map(reported.holds.map(({ variant, replicas }) => [variant, replicas]));
      const node = { ...nodeOf(name, pool, freeDevices), ready: !notReady, cordoned, taints };
      nodes.set(name, { node, holds, reported: true });
    }
  }
  return [...nodes.values()].sort((a, b) => (a.node.name < b.node.name ? -1 : 1));
}

/** A pool of devices without nodes is one node of all of them. */
function fileNodes({ name: pool, nodes, devices }: SnapshotPool): HeldNode[] {
  if (nodes === undefined) {
    return [{ node: nodeOf(`${pool}/devices`, pool, devices ?? 0), holds: new Map(), reported: false }];
  }
  return nodes.flatMap(({ count, freeDevices, taints, holds }, row) =>
    Array.from({ length: count }, (_, i) => ({
      node: { ...nodeOf(`${pool}/${row}-${i}`, pool, freeDevices), taints },
      holds: new Map(Object.entries(holds)),
      reported: false,
    })),
  );
}

function nodeOf(name: string, pool: string, devices: number): WorldNode {
  return {
    name,
    ready: true,
    cordoned: false,
    labels: { [POOL_LABEL]: pool },
    taints: [],
    devices: { [RESOURCE]: devices },
  };
}
