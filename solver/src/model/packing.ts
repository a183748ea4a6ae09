import type { PackedNodes } from "../plan/types.ts";
import type { Instance } from "./instance.ts";

interface Bin {
  row: number;
  free: number;
  replicas: Map<number, number>;
}

function heldOn(instance: Instance, p: number): Map<number, number> {
  const held = new Map<number, number>();
  for (const n of instance.pools[p]!.nodes) for (const [v, k] of n.holds) held.set(v, (held.get(v) ?? 0) + k * n.count);
  return held;
}

/** Nodes one by one, each with the held replicas that stay. Where fewer stay than are held, whole nodes are freed first. */
function openBins(instance: Instance, p: number, need: Map<number, number>): Bin[] {
  const bins: Bin[] = [];
  instance.pools[p]!.nodes.forEach((n, row) => {
    for (let i = 0; i < n.count; i++) bins.push({ row, free: n.freeDevices, replicas: new Map() });
  });
  for (const [v, held] of heldOn(instance, p)) {
    let left = Math.min(need.get(v) ?? 0, held);
    const size = instance.variants[v]!.size;
    const holders = bins.filter((b) => instance.pools[p]!.nodes[b.row]!.holds.has(v)).sort((a, b) => a.free - b.free);
    for (const bin of holders) {
      const stay = Math.min(left, instance.pools[p]!.nodes[bin.row]!.holds.get(v)!);
      if (stay === 0) continue;
      bin.replicas.set(v, stay);
      bin.free -= stay * size;
      left -= stay;
    }
    need.set(v, (need.get(v) ?? 0) - Math.min(need.get(v) ?? 0, held));
  }
  return bins;
}

/**
 * Best-fit decreasing packing of the counts `x` on the nodes of pool `p`; undefined where this order finds none (which proves
 * nothing unless the rows are exact). Members of a group go to different nodes first; at most x_v of them on one.
 */
export function pack(instance: Instance, p: number, x: ArrayLike<number>): PackedNodes[] | undefined {
  const bins = packBins(instance, p, x);
  return bins && compress(instance, bins);
}

/** Whether `pack` finds one. */
export function packs(instance: Instance, p: number, x: ArrayLike<number>): boolean {
  return packBins(instance, p, x) !== undefined;
}

function packBins(instance: Instance, p: number, x: ArrayLike<number>): Bin[] | undefined {
  const pool = instance.pools[p]!;
  const need = new Map(pool.variants.map((v) => [v, Math.round(x[v]!) * instance.variants[v]!.members]));
  const bins = openBins(instance, p, need);
  const order = [...pool.variants].sort((a, b) => {
    const va = instance.variants[a]!;
    const vb = instance.variants[b]!;
    return vb.size - va.size || va.eligible.length - vb.eligible.length || vb.members - va.members || a - b;
  });
  for (const v of order) {
    if (need.get(v)! <= 0) continue;
    const { size, eligible, members } = instance.variants[v]!;
    const perNode = members > 1 ? Math.round(x[v]!) : Number.POSITIVE_INFINITY;
    const rows = new Set(eligible);
    const usable = bins.filter((b) => b.free >= size && rows.has(b.row)).sort((a, b) => a.free - b.free);
    for (let left = need.get(v)!; left > 0; ) {
      let placed = 0;
      for (const bin of usable) {
        const here = bin.replicas.get(v) ?? 0;
        const room = Math.min(Math.floor(bin.free / size), perNode - here, left, members > 1 ? 1 : left);
        if (room <= 0) continue;
        bin.replicas.set(v, here + room);
        bin.free -= room * size;
        left -= room;
        placed += room;
        if (left === 0) break;
      }
      if (placed === 0) return undefined;
    }
  }
  return bins;
}

function compress(instance: Instance, bins: Bin[]): PackedNodes[] {
  const groups = new Map<string, PackedNodes>();
  for (const bin of bins) {
    if (bin.replicas.size === 0) continue;
    const entries = [...bin.replicas].map(([v, k]) => [instance.variants[v]!.name, k] as const);
    entries.sort(([a], [b]) => (a < b ? -1 : 1));
    const key = `${bin.row} ${JSON.stringify(entries)}`;
    const group = groups.get(key);
    if (group) group.count++;
    else groups.set(key, { row: bin.row, count: 1, replicas: Object.fromEntries(entries) });
  }
  return [...groups.values()];
}
