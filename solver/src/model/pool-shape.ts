import type { NodeRow, PlacementProblem, Taint, Toleration } from "../problem/types.ts";
import { byName } from "./order.ts";
import type { PoolShape, Row, VariantModel } from "./types.ts";

/** Kubernetes' matching of one toleration against one taint. */
function tolerates(t: Toleration, taint: Taint): boolean {
  if (t.effect !== undefined && t.effect !== taint.effect) return false;
  if (t.key === "") return t.operator === "Exists";
  if (t.key !== taint.key) return false;
  return t.operator === "Exists" || t.value === taint.value;
}

function canUse(tolerations: Toleration[], node: NodeRow): boolean {
  return node.taints.every(
    (taint) => taint.effect === "PreferNoSchedule" || tolerations.some((t) => tolerates(t, taint)),
  );
}

function isChain(sizes: number[]): boolean {
  return sizes.every((s, i) => i === 0 || s % sizes[i - 1]! === 0);
}

/** Row sizes of a pool, rising: the sizes in use, and 1 where they form no divisibility chain. */
function rowSizes(sizes: number[]): number[] {
  return isChain(sizes) || sizes[0] === 1 ? sizes : [1, ...sizes];
}

function shapeRow(
  pool: number,
  key: string,
  size: number,
  capacity: number,
  all: VariantModel[],
  members: number[],
): Row {
  const row: Row = { key, capacity, variants: [], coefficients: [], pool, size };
  for (const v of members) {
    const model = all[v]!;
    const coefficient = size === 0 ? model.size : Math.floor(model.size / size);
    if (coefficient === 0) continue;
    row.variants.push(v);
    row.coefficients.push(coefficient * model.members);
  }
  return row;
}

/** Σ over the named node rows of count·floor(free/size): slots of that size. */
function slots(nodes: PoolShape["nodes"], rows: number[], size: number): number {
  return rows.reduce((sum, k) => sum + nodes[k]!.count * Math.floor(nodes[k]!.freeDevices / size), 0);
}

function nodePoolRows(pool: PoolShape, index: number, all: VariantModel[]): Row[] {
  const sets = new Map<string, number[]>();
  for (const v of pool.variants) sets.set(all[v]!.eligible.join(","), all[v]!.eligible);
  const union = [...new Set(pool.variants.flatMap((v) => all[v]!.eligible))].sort((a, b) => a - b);
  sets.delete(union.join(","));
  const sizes = [...new Set(pool.variants.map((v) => all[v]!.size))].sort((a, b) => a - b);
  const rows: Row[] = [];
  for (const size of rowSizes(sizes)) {
    const key = `pool/${pool.name}/size/${size}`;
    rows.push(shapeRow(index, key, size, slots(pool.nodes, union, size), all, pool.variants));
    for (const [name, set] of [...sets].sort(([a], [b]) => (a < b ? -1 : 1))) {
      const inside = pool.variants.filter((v) => all[v]!.eligible.every((k) => set.includes(k)));
      rows.push(shapeRow(index, `${key}/nodes/${name}`, size, slots(pool.nodes, set, size), all, inside));
    }
  }
  pool.devices = union.reduce((sum, k) => sum + pool.nodes[k]!.count * pool.nodes[k]!.freeDevices, 0);
  const fragmenting = pool.variants.some((v) => {
    const held = pool.nodes.some((n) => n.holds.has(v));
    return held && all[v]!.size < sizes[sizes.length - 1]!;
  });
  pool.rowsAreExact =
    isChain(sizes) && sets.size === 0 && !fragmenting && pool.variants.every((v) => all[v]!.members === 1);
  return rows.filter((r) => r.variants.length > 0);
}

/**
 * Pools and their rows (model, hard constraint 1). Fills `eligible` of the variants.
 * For every replica size s in use: Σ floor(g/s)·members·x ≤ Σ floor(free/s); one more such row for each set of nodes that only
 * some variants can use.
 */
export function poolShapes(problem: PlacementProblem, variants: VariantModel[]): { pools: PoolShape[]; rows: Row[] } {
  const tolerations = new Map(
    problem.workloads.flatMap((w) => w.variants.map((v) => [v.name, v.tolerations] as const)),
  );
  const byPool: number[][] = problem.pools.map(() => []);
  variants.forEach((v, i) => {
    byPool[v.pool]!.push(i);
  });
  const indexOf = new Map(variants.map((v, i) => [v.name, i]));
  const pools: PoolShape[] = [];
  const rows: Row[] = [];
  for (const p of [...problem.pools].sort(byName)) {
    const index = pools.length;
    const own = byPool[index]!;
    const nodes = (p.nodes ?? []).map((n) => {
      const held = Object.entries(n.holds).filter(([name, k]) => k > 0 && !variants[indexOf.get(name)!]!.movable);
      return {
        freeDevices: n.freeDevices,
        count: n.count,
        holds: new Map(held.map(([name, k]) => [indexOf.get(name)!, k] as const)),
      };
    });
    const pool: PoolShape = { name: p.name, nodes, variants: own, devices: p.devices ?? 0, rowsAreExact: true };
    pools.push(pool);
    if (!p.nodes) {
      if (own.length > 0) rows.push(shapeRow(index, `pool/${p.name}/size/0`, 0, pool.devices, variants, own));
      continue;
    }
    for (const v of own)
      variants[v]!.eligible = p.nodes.flatMap((n, k) => (canUse(tolerations.get(variants[v]!.name)!, n) ? [k] : []));
    rows.push(...nodePoolRows(pool, index, variants));
  }
  return { pools, rows };
}
