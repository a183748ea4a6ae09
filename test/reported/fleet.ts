/** A fleet that is not in a cluster, and what sources report of it. */
import type { InventoryValue, ReportEntry } from "../../src/ports/ingest.ts";
import { parseSnapshot } from "../../src/snapshot/codec.ts";
import type { Snapshot } from "../../src/snapshot/types.ts";

/** Replicas of `chat` take four devices and serve one request per second; two nodes of eight devices are there. */
export const FLEET = {
  apiVersion: "apportion.dev/v1",
  kind: "Snapshot",
  inventory: {
    pools: [
      { name: "a100", pricePerDeviceHour: 2, nodes: [{ freeDevices: 8, count: 2, holds: { chat: 1 } }] },
      { name: "t4", pricePerDeviceHour: 1, devices: 16 },
    ],
  },
  workloads: [
    {
      name: "assistant",
      priority: 1,
      minReplicas: 2,
      demandPerSecond: 3,
      variants: [
        { name: "chat", pool: "a100", devicesPerReplica: 4, capacityPerSecond: 1, currentReplicas: 3, startCost: 2 },
      ],
    },
    {
      name: "search",
      demandPerSecond: 0,
      variants: [
        { name: "small", pool: "t4", devicesPerReplica: 2, capacityPerSecond: 1, excluded: "it is being replaced" },
        { name: "gang", pool: "a100", devicesPerReplica: 8, nodesPerReplica: 2, capacityPerSecond: 9 },
      ],
    },
  ],
};

export function fleet(): Snapshot {
  const read = parseSnapshot(FLEET);
  if (!read.ok) throw new Error(JSON.stringify(read.violations));
  return read.value;
}

type Node = InventoryValue["nodes"][number];

export function node(name: string, freeDevices: number, changes: Partial<Node> = {}): Node {
  return { name, pool: "a100", freeDevices, notReady: false, cordoned: false, taints: [], holds: [], ...changes };
}

export function report(source: string, receivedAtMs: number, value: Partial<InventoryValue>): ReportEntry {
  const full: InventoryValue = { nodes: [], replicas: [], ...value };
  return { source, subject: "", sequence: 1n, reportedAtMs: receivedAtMs, receivedAtMs, value: full };
}
