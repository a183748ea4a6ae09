import type { Instance } from "./instance.ts";

/** One way to fill a node: how many of each item. */
export interface Pattern {
  /** Node row of the pool. */
  row: number;
  /** Count by item. */
  counts: number[];
}

/**
 * Items of a pool: variants that are alike to a packing (same size, same eligible nodes) are one item; a group and a held variant
 * each are an item of their own, since who sits where matters for them.
 */
export interface PatternModel {
  items: { size: number; eligible: number[]; variants: number[]; own: boolean }[];
  patterns: Pattern[];
}

/** Beyond this many patterns the exact packing model of a pool is left out: the rows remain as a relaxation. */
const PATTERN_LIMIT = 4000;

function itemsOf(instance: Instance, p: number): PatternModel["items"] {
  const pool = instance.pools[p]!;
  const held = new Set(pool.nodes.flatMap((n) => [...n.holds.keys()]));
  const items = new Map<string, PatternModel["items"][number]>();
  for (const v of pool.variants) {
    const { size, eligible, members } = instance.variants[v]!;
    const own = members > 1 || held.has(v);
    const key = own ? `own ${v}` : `${size} ${eligible.join(",")}`;
    const item = items.get(key) ?? { size, eligible, variants: [], own };
    item.variants.push(v);
    items.set(key, item);
  }
  // own items first: all their counts are listed; for the others maximal fillings are enough
  return [...items.values()].sort((a, b) => Number(b.own) - Number(a.own) || b.size - a.size);
}

/** All patterns of a pool (cutting-stock formulation, Gilmore and Gomory 1961); undefined where there are too many. */
export function patternsOf(instance: Instance, p: number): PatternModel | undefined {
  const items = itemsOf(instance, p);
  const patterns: Pattern[] = [];
  const nodes = instance.pools[p]!.nodes;
  for (let row = 0; row < nodes.length; row++) {
    const usable = items.map((item, i) => (item.eligible.includes(row) ? i : -1)).filter((i) => i >= 0);
    const counts = items.map(() => 0);
    const smallest = Math.min(...usable.filter((i) => !items[i]!.own).map((i) => items[i]!.size));
    const visit = (at: number, free: number): boolean => {
      if (patterns.length > PATTERN_LIMIT) return false;
      if (at === usable.length) {
        if (free < smallest && counts.some((c) => c > 0)) patterns.push({ row, counts: [...counts] });
        return true;
      }
      const i = usable[at]!;
      const { size } = items[i]!;
      for (let k = Math.floor(free / size); k >= 0; k--) {
        counts[i] = k;
        if (!visit(at + 1, free - k * size)) return false;
      }
      counts[i] = 0;
      return true;
    };
    if (usable.length > 0 && !visit(0, nodes[row]!.freeDevices)) return undefined;
  }
  return { items, patterns };
}
