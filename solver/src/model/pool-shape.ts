import type { PlacementProblem, Pool, Variant } from "../problem/types.ts";
import { besideHeld } from "./beside.ts";
import { EligibleNodes } from "./eligible.ts";
import { inOrder } from "./order.ts";
import type { PoolShape, Row, VariantModel } from "./types.ts";

/** Variants of a pool, rising, with their devices per member and members. */
interface Members {
  own: number[];
  sizes: number[];
  groups: number[];
}

function isChain(sizes: number[]): boolean {
  return sizes.every((s, i) => i === 0 || s % sizes[i - 1]! === 0);
}

/** Row sizes of a pool, rising: the sizes in use, and 1 where they form no divisibility chain. */
function rowSizes(sizes: number[]): number[] {
  return isChain(sizes) || sizes[0] === 1 ? sizes : [1, ...sizes];
}

function shapeRow(pool: number, key: string, size: number, capacity: number, members: Members): Row {
  const row: Row = { key, capacity, variants: [], coefficients: [], pool, size };
  const { own, sizes, groups } = members;
  for (let i = 0; i < own.length; i++) {
    const coefficient = size === 0 ? sizes[i]! : Math.floor(sizes[i]! / size);
    if (coefficient === 0) continue;
    row.variants.push(own[i]!);
    row.coefficients.push(coefficient * groups[i]!);
  }
  return row;
}

/** Σ over the named node rows of count·floor(free/size): slots of that size. */
function slots(nodes: PoolShape["nodes"], rows: number[], size: number): number {
  return rows.reduce((sum, k) => sum + nodes[k]!.count * Math.floor(nodes[k]!.freeDevices / size), 0);
}

/** Variants of a pool that can use nothing outside a set of node rows. */
function insideOf({ own, sizes, groups }: Members, all: VariantModel[], set: number[]): Members {
  const allowed = new Set(set);
  const known = new Map<number[], boolean>();
  const members: Members = { own: [], sizes: [], groups: [] };
  for (let i = 0; i < own.length; i++) {
    const { eligible } = all[own[i]!]!;
    const inside = known.get(eligible) ?? eligible.every((k) => allowed.has(k));
    known.set(eligible, inside);
    if (!inside) continue;
    members.own.push(own[i]!);
    members.sizes.push(sizes[i]!);
    members.groups.push(groups[i]!);
  }
  return members;
}

/** `lists`: the sets of node rows that variants of the pool can use. */
function nodePoolRows(
  pool: PoolShape,
  index: number,
  all: VariantModel[],
  members: Members,
  lists: Set<number[]>,
): Row[] {
  const sets = new Map([...lists].map((e) => [e.join(","), e]));
  const union = [...new Set([...sets.values()].flat())].sort((a, b) => a - b);
  sets.delete(union.join(","));
  const sizes = [...new Set(members.sizes)].sort((a, b) => a - b);
  const rows: Row[] = [];
  for (const size of rowSizes(sizes)) {
    const key = `pool/${pool.name}/size/${size}`;
    rows.push(shapeRow(index, key, size, slots(pool.nodes, union, size), members));
    for (const [name, set] of [...sets].sort(([a], [b]) => (a < b ? -1 : 1))) {
      const inside = insideOf(members, all, set);
      rows.push(shapeRow(index, `${key}/nodes/${name}`, size, slots(pool.nodes, set, size), inside));
    }
  }
  pool.devices = union.reduce((sum, k) => sum + pool.nodes[k]!.count * pool.nodes[k]!.freeDevices, 0);
  const largest = sizes[sizes.length - 1]!;
  const fragmenting = pool.nodes.some((n) => [...n.holds.keys()].some((v) => all[v]!.size < largest));
  const simple = isChain(sizes) && members.groups.every((n) => n === 1);
  pool.rowsAreExact = simple && sets.size === 0 && !fragmenting;
  if (simple && !pool.rowsAreExact) {
    const everyone = union.filter((k) => [...lists].every((list) => list.includes(k)));
    pool.beside = besideHeld(pool, all, sizes, everyone);
  }
  return rows.filter((r) => r.variants.length > 0);
}

/** Indexes of variants by name, gathered where the first node holds one. */
function indexOnDemand(variants: VariantModel[]): (name: string) => number {
  let index: Map<string, number> | undefined;
  return (name) => {
    index ??= new Map(variants.map((v, i) => [v.name, i]));
    return index.get(name)!;
  };
}

/** Variants of each pool, with the lists of node rows that they can use: one pass in the order in which they lie in memory. */
function membersOf(pools: readonly Pool[], variants: VariantModel[], given: Variant[]) {
  const members = pools.map((p) => ({
    own: [] as number[],
    sizes: [] as number[],
    groups: [] as number[],
    lists: new Set<number[]>(),
    eligible: p.nodes ? new EligibleNodes(p.nodes) : undefined,
  }));
  for (let v = 0; v < variants.length; v++) {
    const variant = variants[v]!;
    const { own, sizes, groups, lists, eligible } = members[variant.pool]!;
    own.push(v);
    sizes.push(variant.size);
    groups.push(variant.members);
    if (!eligible) continue;
    variant.eligible = eligible.of(given[v]!.tolerations);
    lists.add(variant.eligible);
  }
  return members;
}

/**
 * Pools and their rows (model, hard constraint 1). Fills `eligible` of the variants; `given` are those of the problem in the same
 * order. For every replica size s in use: Σ floor(g/s)·members·x ≤ Σ floor(free/s); one more such row for each set of nodes that
 * only some variants can use.
 */
export function poolShapes(
  problem: PlacementProblem,
  variants: VariantModel[],
  given: Variant[],
): { pools: PoolShape[]; rows: Row[] } {
  const ordered = inOrder(problem.pools);
  const members = membersOf(ordered, variants, given);
  const indexOf = indexOnDemand(variants);
  const pools: PoolShape[] = [];
  const rows: Row[] = [];
  for (const p of ordered) {
    const index = pools.length;
    const { own, lists } = members[index]!;
    const nodes = (p.nodes ?? []).map((n) => {
      const held = Object.entries(n.holds).map(([name, k]) => [indexOf(name), k] as const);
      const fixed = held.filter(([v, k]) => k > 0 && !variants[v]!.movable);
      return { freeDevices: n.freeDevices, count: n.count, holds: new Map(fixed) };
    });
    const pool: PoolShape = { name: p.name, nodes, variants: own, devices: p.devices ?? 0, rowsAreExact: true };
    pools.push(pool);
    if (!p.nodes) {
      if (own.length > 0) rows.push(shapeRow(index, `pool/${p.name}/size/0`, 0, pool.devices, members[index]!));
      continue;
    }
    for (const row of nodePoolRows(pool, index, variants, members[index]!, lists)) rows.push(row);
  }
  return { pools, rows };
}
