import type { AcceleratorRow, Serving } from "./tables.ts";

interface FleetRow {
  accelerator: string;
  devicesPerNode: number;
  nodes: number;
}

interface NodeRow {
  freeDevices: number;
  count: number;
}

/** Rows `accelerator,devices_per_node,cpus_per_node,memory_gib_per_node,nodes` after a heading. */
export function readFleet(csv: string): FleetRow[] {
  const [heading, ...rows] = csv.trim().split("\n");
  const columns = (heading ?? "").split(",");
  return rows.map((row, i) => {
    const cells = row.split(",");
    const cell = (name: string): string => {
      const value = cells[columns.indexOf(name)];
      if (value === undefined) throw new Error(`fleet, line ${i + 2}: no ${name}`);
      return value.trim();
    };
    return {
      accelerator: cell("accelerator"),
      devicesPerNode: Number(cell("devices_per_node")),
      nodes: Number(cell("nodes")),
    };
  });
}

/**
 * Node rows of one accelerator: each node size is split into wholly free, half free and fully held nodes; nodes with as many free
 * devices are one row. Rounded so that a size with any nodes has at least one wholly free one.
 */
export function nodeRows(fleet: readonly FleetRow[], accelerator: AcceleratorRow, serving: Serving): NodeRow[] {
  const nodesBySize = new Map<number, number>();
  for (const row of fleet) {
    if (row.accelerator === accelerator.trace) add(nodesBySize, row.devicesPerNode, row.nodes);
  }
  const nodesByFree = new Map<number, number>();
  for (const [size, nodes] of nodesBySize) {
    const free = accelerator.allFree ? nodes : Math.max(1, Math.round((nodes * serving.free) / serving.of));
    const half = accelerator.allFree || size === 1 ? 0 : Math.round((nodes * serving.half) / serving.of);
    add(nodesByFree, size, free);
    add(nodesByFree, size / 2, half);
    add(nodesByFree, 0, nodes - free - half);
  }
  return [...nodesByFree]
    .filter(([, count]) => count > 0)
    .sort(([a], [b]) => b - a)
    .map(([freeDevices, count]) => ({ freeDevices, count }));
}

function add(counts: Map<number, number>, key: number, amount: number): void {
  counts.set(key, (counts.get(key) ?? 0) + amount);
}
