import { attainmentOf } from "./attainment.ts";
import { type Instance, replicasToServeAll } from "./instance.ts";

/** Nodes of the enumeration before the best plan found so far is taken. */
const NODE_LIMIT = 200_000;

/**
 * The cheapest plan of one workload alone on the whole inventory (pool rows; quotas are left aside): the largest attainment up to `goal`, then least cost, then least
 * dominant share, then fewest replicas of the later names. Replicas by position in the workload's variants.
 * Depth-first with a bound by rates; exact up to the node limit.
 */
export function cheapestCover(instance: Instance, m: number, goal: number): number[] {
  const w = instance.workloads[m]!;
  const x = new Float64Array(instance.variants.length);
  const used = new Float64Array(instance.rows.length);
  let best: number[] = w.variants.map(() => 0);
  let bestA = -1;
  let bestCost = Number.POSITIVE_INFINITY;
  let bestShare = Number.POSITIVE_INFINITY;
  let nodes = 0;
  const leaf = (cost: number) => {
    const a = Math.min(goal, attainmentOf(instance, m, x));
    const share = dominantOf(instance, m, x);
    const better =
      a > bestA + 1e-9 ||
      (a > bestA - 1e-9 && (cost < bestCost - 1e-9 || (cost < bestCost + 1e-9 && share < bestShare - 1e-12)));
    if (!better) return;
    best = w.variants.map((v) => x[v]!);
    bestA = a;
    bestCost = cost;
    bestShare = share;
  };
  // cheapest attainment first, and what is still to be attained costs at least the best rate that is left
  const rate = (v: number) => instance.variants[v]!.cost / instance.variants[v]!.gain;
  const order = [...w.variants];
  if (w.kind === "plain") order.sort((a, b) => rate(a) - rate(b) || a - b);
  const leastRate = order.map((_, i) => (w.kind === "plain" ? Math.min(...order.slice(i).map(rate)) : 0));
  const visit = (i: number, cost: number, covered: number) => {
    if (++nodes > NODE_LIMIT) return;
    const least = cost + Math.max(0, goal - covered) * (leastRate[i] ?? 0);
    if (bestA >= goal - 1e-9 && least > bestCost + 1e-9) return;
    if (i === w.variants.length) {
      leaf(cost);
      return;
    }
    const v = order[i]!;
    const model = instance.variants[v]!;
    const poolRows = instance.rowsOf[v]!.filter(({ row }) => instance.rows[row]!.pool >= 0);
    let most = Math.max(model.min, Math.min(model.max, replicasToServeAll(model, w.kind)));
    for (const { row, coefficient } of poolRows)
      most = Math.min(most, Math.floor((instance.rows[row]!.capacity - used[row]!) / coefficient + 1e-9));
    for (let k = most; k >= model.min && nodes <= NODE_LIMIT; k--) {
      x[v] = k;
      for (const { row, coefficient } of poolRows) used[row] = used[row]! + k * coefficient;
      visit(i + 1, cost + k * model.cost + model.startCost * Math.max(0, k - model.current), covered + k * model.gain);
      for (const { row, coefficient } of poolRows) used[row] = used[row]! - k * coefficient;
    }
    x[v] = 0;
  };
  visit(0, 0, 0);
  return best;
}

function dominantOf(instance: Instance, m: number, x: Float64Array): number {
  const byPool = new Map<number, number>();
  for (const v of instance.workloads[m]!.variants) {
    const model = instance.variants[v]!;
    byPool.set(model.pool, (byPool.get(model.pool) ?? 0) + x[v]! * model.size * model.members);
  }
  let share = 0;
  for (const [p, devices] of byPool) share = Math.max(share, devices / Math.max(1, instance.pools[p]!.devices));
  return share;
}
