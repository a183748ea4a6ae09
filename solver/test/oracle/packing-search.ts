import type { PackedNodes } from "../../src/plan/types.ts";
import type { NodeRow, Pool, Variant } from "../../src/problem/types.ts";
import type { Replicas } from "./attainments.ts";

interface Node {
  row: number;
  free: number;
  runs: Replicas;
}

function tolerated(v: Variant, node: NodeRow): boolean {
  for (const taint of node.taints) {
    if (taint.effect === "PreferNoSchedule") continue;
    const ok = v.tolerations.some((t) => {
      if (t.effect !== undefined && t.effect !== taint.effect) return false;
      if (t.key === "") return t.operator === "Exists";
      return t.key === taint.key && (t.operator === "Exists" || t.value === taint.value);
    });
    if (!ok) return false;
  }
  return true;
}

/** Rows of the pool's nodes that a variant can use. */
export function eligibleRows(v: Variant, pool: Pool): number[] {
  return (pool.nodes ?? []).flatMap((n, k) => (tolerated(v, n) ? [k] : []));
}

/** Least and most members of `v` on a node of that row, when x replicas run and `held` members are held in all. */
function range(v: Variant, node: NodeRow, x: number, held: number): [number, number] {
  const spread = v.nodesPerReplica > 1 ? x : Number.POSITIVE_INFINITY;
  const most = tolerated(v, node) ? spread : 0;
  const here = node.holds[v.name] ?? 0;
  if (v.movable || held === 0) return [0, most];
  return x * v.nodesPerReplica >= held ? [here, most] : [0, Math.min(here, most)];
}

/**
 * A real search for a placement of replicas on the single nodes of a tiny pool: every way, no rows. Returns the packing or
 * undefined. Bags are no nodes: they are counted elsewhere.
 */
export function searchPacking(pool: Pool, variants: Variant[], x: Replicas): PackedNodes[] | undefined {
  const rows = pool.nodes!;
  const nodes: Node[] = rows.flatMap((n, row) =>
    Array.from({ length: n.count }, () => ({ row, free: n.freeDevices, runs: {} })),
  );
  const order = [...variants].sort((a, b) => b.devicesPerReplica - a.devicesPerReplica);
  const held = new Map(order.map((v) => [v.name, rows.reduce((sum, n) => sum + n.count * (n.holds[v.name] ?? 0), 0)]));
  const failed = new Set<string>();

  const place = (i: number, k: number, left: number): boolean => {
    const v = order[i];
    if (!v) return true;
    if (k === nodes.length) {
      if (left > 0) return false;
      const next = order[i + 1];
      return place(i + 1, 0, next ? x[next.name]! * next.nodesPerReplica : 0);
    }
    const key = `${i} ${k} ${left} ${nodes.map((n) => n.free).join(",")}`;
    if (failed.has(key)) return false;
    const node = nodes[k]!;
    const [least, most] = range(v, rows[node.row]!, x[v.name]!, held.get(v.name)!);
    for (let n = Math.min(left, most, Math.floor(node.free / v.devicesPerReplica)); n >= least; n--) {
      node.free -= n * v.devicesPerReplica;
      node.runs[v.name] = n;
      if (place(i, k + 1, left - n)) return true;
      node.free += n * v.devicesPerReplica;
      node.runs[v.name] = 0;
    }
    failed.add(key);
    return false;
  };

  const first = order[0];
  if (first && !place(0, 0, x[first.name]! * first.nodesPerReplica)) return undefined;
  return nodes.map((n) => ({
    row: n.row,
    count: 1,
    replicas: Object.fromEntries(Object.entries(n.runs).filter(([, k]) => k > 0)),
  }));
}
