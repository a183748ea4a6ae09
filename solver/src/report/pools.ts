import { addPacking } from "../chain/packing-rows.ts";
import { type MilpBackend, MilpBuilder } from "../milp/model.ts";
import type { Instance } from "../model/instance.ts";
import { pack } from "../model/packing.ts";
import { patternsOf } from "../model/patterns.ts";
import type { PackedNodes, PoolPlan } from "../plan/types.ts";

export interface RowPrice {
  price: number;
  unit: "attainment" | "costPerHour";
}

/** A search for a packing may take this long; it has a handful of columns. */
const PACKING_LIMIT_MS = 5000;

/** Usage, rows and packings of the pools at replica counts `x`; prices by row index. Throws where counts cannot be packed. */
export async function poolPlans(
  instance: Instance,
  x: Float64Array,
  prices: RowPrice[],
  backend: MilpBackend,
): Promise<PoolPlan[]> {
  const plans: PoolPlan[] = [];
  for (const [p, pool] of instance.pools.entries()) {
    const usedDevices = pool.variants.reduce((sum, v) => {
      const { size, members } = instance.variants[v]!;
      return sum + size * members * x[v]!;
    }, 0);
    const rows = instance.rowsOfPool[p]!.map((r) => {
      const row = instance.rows[r]!;
      return {
        size: row.size,
        ...(row.key.includes("/nodes/") ? { nodes: row.key.slice(row.key.lastIndexOf("/") + 1) } : {}),
        used: row.variants.reduce((sum, v, i) => sum + row.coefficients[i]! * x[v]!, 0),
        capacity: row.capacity,
        shadowPrice: prices[r]!.price,
        shadowPriceUnit: prices[r]!.unit,
      };
    });
    const plan: PoolPlan = {
      name: pool.name,
      usedDevices,
      freeDevices: pool.devices - usedDevices,
      rows,
      fits: "rows",
    };
    if (!pool.rowsAreExact) {
      plan.fits = "packing";
      plan.packing = pack(instance, p, x) ?? (await searchPacking(instance, p, x, backend));
    }
    plans.push(plan);
  }
  return plans;
}

/** A packing of exact counts by search: where the greedy packer finds none. */
async function searchPacking(
  instance: Instance,
  p: number,
  x: Float64Array,
  backend: MilpBackend,
): Promise<PackedNodes[]> {
  const pool = instance.pools[p]!;
  const builder = new MilpBuilder();
  // by variant index, but only those of the pool
  const replicas: number[] = [];
  for (const v of pool.variants) replicas[v] = builder.column(x[v]!, x[v]!, true);
  const first = builder.milp.cost.length;
  const model = patternsOf(instance, p);
  const answer =
    model && addPacking(builder, instance, p, replicas)
      ? await backend.solve(builder.milp, { timeLimitMs: PACKING_LIMIT_MS, gap: 0 })
      : undefined;
  if (!model || !answer?.values)
    throw new Error(`internal error: no packing was found for the counts planned on pool ${pool.name}`);
  const left = new Map(pool.variants.map((v) => [v, x[v]! * instance.variants[v]!.members]));
  const packed: PackedNodes[] = [];
  const nodes = model.patterns.flatMap((pattern, k) =>
    Array.from({ length: Math.round(answer.values![first + k]!) }, () => pattern),
  );
  // what is held is handed out first, so that dropping a pattern's surplus never stops a replica that stays
  const mine = nodes.map((pattern) => {
    const replicas = new Map<number, number>();
    for (const [v, held] of pool.nodes[pattern.row]!.holds) {
      const i = model.items.findIndex((item) => item.own && item.variants[0] === v);
      const k = Math.min(held, pattern.counts[i] ?? 0, left.get(v)!);
      if (k <= 0) continue;
      replicas.set(v, k);
      left.set(v, left.get(v)! - k);
    }
    return replicas;
  });
  nodes.forEach((pattern, n) => {
    pattern.counts.forEach((count, i) => {
      let room = count - model.items[i]!.variants.reduce((s, v) => s + (mine[n]!.get(v) ?? 0), 0);
      for (const v of model.items[i]!.variants) {
        const k = Math.min(room, left.get(v)!);
        if (k <= 0) continue;
        mine[n]!.set(v, (mine[n]!.get(v) ?? 0) + k);
        left.set(v, left.get(v)! - k);
        room -= k;
      }
    });
    const names = [...mine[n]!].map(([v, k]) => [instance.variants[v]!.name, k] as const);
    if (names.length > 0) packed.push({ row: pattern.row, count: 1, replicas: Object.fromEntries(names.sort()) });
  });
  return packed;
}
