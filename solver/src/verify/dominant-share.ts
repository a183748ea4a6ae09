import { attainmentOf, replicasToServeAll } from "./attainment.ts";
import type { WorkloadFacts, World } from "./world.ts";

/** Steps of one enumeration; past it the best plan so far is taken. */
const MOST_STEPS = 200_000;

interface Search {
  world: World;
  w: WorkloadFacts;
  goal: number;
  x: number[];
  used: Map<number, number>;
  steps: number;
  /** Variants by cost for each attained share, cheapest first: the first dive is then nearly the best. */
  order: number[];
  /** Least cost of each attained share from this position of `order` on; 0 where lanes or types allow no such bound. */
  ratio: number[];
  best: { attainment: number; cost: number; share: number };
}

/** The largest share of a pool's devices that the counts hold. */
function shareOf(s: Search): number {
  const held = new Map<number, number>();
  s.w.variants.forEach((i, at) => {
    const v = s.world.variants[i]!;
    held.set(v.pool, (held.get(v.pool) ?? 0) + s.x[at]! * v.devices * v.members);
  });
  return [...held].reduce(
    (most, [p, devices]) => Math.max(most, devices / Math.max(1, s.world.pools[p]!.usableDevices)),
    0,
  );
}

function keepIfBetter(s: Search, cost: number): void {
  const attainment = Math.min(
    s.goal,
    attainmentOf(s.world, s.w, (v) => s.x[s.w.variants.indexOf(v)]!),
  );
  const share = shareOf(s);
  const { best } = s;
  const same = Math.abs(attainment - best.attainment) <= 1e-9;
  const cheaper = cost < best.cost - 1e-9 || (cost <= best.cost + 1e-9 && share < best.share);
  if (attainment > best.attainment + 1e-9 || (same && cheaper)) Object.assign(best, { attainment, cost, share });
}

/** Most replicas that the pool's rows still hold. */
function room(s: Search, i: number): number {
  let most = Math.max(s.world.variants[i]!.min, Math.min(s.world.variants[i]!.max, replicasToServeAll(s.world, i)));
  for (const { row, amount } of s.world.variants[i]!.uses) {
    const { capacity, pool } = s.world.rows[row]!;
    if (pool !== undefined) most = Math.min(most, Math.floor((capacity - (s.used.get(row) ?? 0)) / amount + 1e-9));
  }
  return most;
}

function use(s: Search, i: number, replicas: number): void {
  for (const { row, amount } of s.world.variants[i]!.uses) s.used.set(row, (s.used.get(row) ?? 0) + amount * replicas);
}

function visit(s: Search, depth: number, cost: number, covered: number): void {
  if (++s.steps > MOST_STEPS) return;
  const least = cost + Math.max(0, s.goal - covered) * (s.ratio[depth] ?? 0);
  if (s.best.attainment >= s.goal - 1e-9 && least > s.best.cost + 1e-9) return;
  if (depth === s.order.length) {
    keepIfBetter(s, cost);
    return;
  }
  const at = s.order[depth]!;
  const i = s.w.variants[at]!;
  const v = s.world.variants[i]!;
  for (let k = room(s, i); k >= v.min && s.steps <= MOST_STEPS; k--) {
    s.x[at] = k;
    use(s, i, k);
    visit(s, depth + 1, cost + v.cost * k + v.startCost * Math.max(0, k - v.current), covered + v.gain * k);
    use(s, i, -k);
  }
  s.x[at] = 0;
}

/**
 * D of dominant resource fairness (Ghodsi et al., NSDI 2011), here for whole replicas: the largest share of a pool that the
 * workload's cheapest full plan holds, alone on the whole inventory (pool rows) within its own bounds; where it cannot be full, its
 * cheapest plan of the best attainment. Ties of cost go to the smaller share. 0 where it can hold nothing.
 */
export function dominantShare(world: World, w: WorkloadFacts, cap: number): number {
  const best = { attainment: -1, cost: Number.POSITIVE_INFINITY, share: Number.POSITIVE_INFINITY };
  const price = (at: number) => world.variants[w.variants[at]!]!.cost / world.variants[w.variants[at]!]!.gain;
  const order = w.variants.map((_, at) => at);
  if (w.kind === "plain") order.sort((a, b) => price(a) - price(b) || a - b);
  const ratio = order.map((_, d) => (w.kind === "plain" ? Math.min(...order.slice(d).map(price)) : 0));
  const x = w.variants.map(() => 0);
  visit({ world, w, goal: cap, x, used: new Map(), steps: 0, order, ratio, best }, 0, 0, 0);
  return best.attainment < 0 ? 0 : best.share;
}
