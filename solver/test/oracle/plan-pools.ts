import type { PoolPlan } from "../../src/plan/types.ts";
import type { Pool, Variant } from "../../src/problem/types.ts";
import type { Replicas } from "./attainments.ts";
import { eligibleRows, searchPacking } from "./packing-search.ts";

type Row = PoolPlan["rows"][number];

function rowOf(size: number, capacity: number, variants: Variant[], x: Replicas, nodes?: string): Row | undefined {
  const amount = (v: Variant) =>
    (size === 0 ? v.devicesPerReplica : Math.floor(v.devicesPerReplica / size)) * v.nodesPerReplica;
  if (variants.every((v) => amount(v) === 0)) return undefined;
  const used = variants.reduce((sum, v) => sum + amount(v) * x[v.name]!, 0);
  return {
    size,
    ...(nodes === undefined ? {} : { nodes }),
    used,
    capacity,
    shadowPrice: 0,
    shadowPriceUnit: "costPerHour",
  };
}

function nodeRows(pool: Pool, variants: Variant[], x: Replicas): Row[] {
  const sizes = [...new Set(variants.map((v) => v.devicesPerReplica))].sort((a, b) => a - b);
  const chain = sizes.every((s, i) => i === 0 || s % sizes[i - 1]! === 0);
  const sets = new Map(variants.map((v) => [eligibleRows(v, pool).join(","), eligibleRows(v, pool)]));
  const usable = [...new Set([...sets.values()].flat())].sort((a, b) => a - b);
  sets.delete(usable.join(","));
  const slots = (set: number[], s: number) =>
    set.reduce((sum, k) => sum + pool.nodes![k]!.count * Math.floor(pool.nodes![k]!.freeDevices / s), 0);
  const rows: (Row | undefined)[] = [];
  for (const s of chain || sizes.includes(1) ? sizes : [1, ...sizes]) {
    rows.push(rowOf(s, slots(usable, s), variants, x));
    for (const [name, set] of sets) {
      const inside = variants.filter((v) => eligibleRows(v, pool).every((k) => set.includes(k)));
      rows.push(rowOf(s, slots(set, s), inside, x, name));
    }
  }
  return rows.filter((r) => r !== undefined);
}

/** A pool as a plan reports it; always with a packing where it has nodes. */
export function poolPlan(pool: Pool, variants: Variant[], x: Replicas): PoolPlan {
  const used = variants.reduce((sum, v) => sum + v.devicesPerReplica * v.nodesPerReplica * x[v.name]!, 0);
  if (!pool.nodes) {
    const row = rowOf(0, pool.devices!, variants, x);
    return {
      name: pool.name,
      usedDevices: used,
      freeDevices: pool.devices! - used,
      rows: row ? [row] : [],
      fits: "rows",
    };
  }
  const usable = new Set(variants.flatMap((v) => eligibleRows(v, pool)));
  const devices = pool.nodes.reduce((sum, n, k) => (usable.has(k) ? sum + n.count * n.freeDevices : sum), 0);
  const packing = searchPacking(pool, variants, x);
  if (!packing) throw new Error(`pool ${pool.name}: no packing holds ${JSON.stringify(x)}`);
  const rows = variants.length > 0 ? nodeRows(pool, variants, x) : [];
  return { name: pool.name, usedDevices: used, freeDevices: devices - used, rows, fits: "packing", packing };
}
