import { attainmentOf, replicasToServeAll } from "./attainment.ts";
import type { WorkloadFacts, World } from "./world.ts";

/** Steps of one enumeration; past it the best plan so far is taken. */
const MOST_STEPS = 200_000;

/** Attainments this close are the same; plans further below the goal than three of it are not full. */
const CLOSE = 1e-9;

interface Search {
  world: World;
  w: WorkloadFacts;
  goal: number;
  x: number[];
  /** By row. */
  used: Float64Array;
  steps: number;
  /** Variants by cost for each attained share, cheapest first: the first dive is then nearly the best. */
  order: number[];
  /** Least cost of each attained share from this position of `order` on; 0 where lanes or types allow no such bound. */
  ratio: number[];
  /** By position in `order`: most replicas within the bounds of the variant. */
  most: number[];
  /** Attainment that this position and the later ones can add; Infinity where lanes or types allow no such sum. */
  rest: number[];
  best: { attainment: number; cost: number; share: number };
}

/** The largest share of a pool's devices that the counts hold. */
function shareOf(s: Search): number {
  const { variants } = s.world;
  let most = 0;
  for (const i of s.w.variants) {
    const pool = variants.pool[i]!;
    let devices = 0;
    s.w.variants.forEach((other, at) => {
      if (variants.pool[other] === pool) devices += s.x[at]! * variants.devices[other]! * variants.members[other]!;
    });
    most = Math.max(most, devices / Math.max(1, s.world.pools[pool]!.usableDevices));
  }
  return most;
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

/** Most replicas worth trying: no more than the pool's rows still hold, nor than what is still missing asks for. */
function room(s: Search, depth: number, i: number, covered: number): number {
  const { min, gain, uses } = s.world.variants;
  let most = s.most[depth]!;
  if (s.rest[depth]! < Number.POSITIVE_INFINITY)
    most = Math.min(most, Math.max(min[i]!, Math.ceil((s.goal - covered) / gain[i]! - CLOSE)));
  for (const { row, amount } of uses[i]!) {
    const { capacity, pool } = s.world.rows[row]!;
    if (pool !== undefined) most = Math.min(most, Math.floor((capacity - s.used[row]!) / amount + 1e-9));
  }
  return most;
}

function use(s: Search, i: number, replicas: number): void {
  for (const { row, amount } of s.world.variants.uses[i]!) s.used[row] = s.used[row]! + amount * replicas;
}

function visit(s: Search, depth: number, cost: number, covered: number): void {
  if (++s.steps > MOST_STEPS) return;
  const least = cost + Math.max(0, s.goal - covered) * (s.ratio[depth] ?? 0);
  if (s.best.attainment >= s.goal - CLOSE && least > s.best.cost + CLOSE) return;
  if (depth === s.order.length) {
    keepIfBetter(s, cost);
    return;
  }
  const at = s.order[depth]!;
  const i = s.w.variants[at]!;
  const v = s.world.variants;
  const min = v.min[i]!;
  const later = s.rest[depth + 1]!;
  for (let k = room(s, depth, i, covered); k >= min && s.steps <= MOST_STEPS; k--) {
    const next = covered + v.gain[i]! * k;
    // a full plan is known: what can no longer become one is no better, nor is anything with fewer of this variant
    if (s.best.attainment >= s.goal - CLOSE && next + later < s.goal - 3 * CLOSE) break;
    s.x[at] = k;
    use(s, i, k);
    visit(s, depth + 1, cost + v.cost[i]! * k + v.startCost[i]! * Math.max(0, k - v.current[i]!), next);
    use(s, i, -k);
  }
  s.x[at] = 0;
}

/** Rows that searches count on, all 0 between them: one for each world. */
const usedRows = new WeakMap<World, Float64Array>();

/**
 * D of dominant resource fairness (Ghodsi et al., NSDI 2011), here for whole replicas: the largest share of a pool that the
 * workload's cheapest full plan holds, alone on the whole inventory (pool rows) within its own bounds; where it cannot be full, its
 * cheapest plan of the best attainment. Ties of cost go to the smaller share. 0 where it can hold nothing.
 */
export function dominantShare(world: World, w: WorkloadFacts, cap: number): number {
  const best = { attainment: -1, cost: Number.POSITIVE_INFINITY, share: Number.POSITIVE_INFINITY };
  const { cost, gain, min, max } = world.variants;
  const of = (column: Float64Array, at: number) => column[w.variants[at]!]!;
  const price = (at: number) => of(cost, at) / of(gain, at);
  const plain = w.kind === "plain";
  const order = w.variants.map((_, at) => at);
  if (plain) order.sort((a, b) => price(a) - price(b) || a - b);
  const most = order.map((at) =>
    Math.max(of(min, at), Math.min(of(max, at), replicasToServeAll(world, w.variants[at]!))),
  );
  const ratio = order.map(() => 0);
  const rest = [...order.map(() => Number.POSITIVE_INFINITY), plain ? 0 : Number.POSITIVE_INFINITY];
  if (plain)
    for (let d = order.length - 1; d >= 0; d--) {
      ratio[d] = Math.min(price(order[d]!), ratio[d + 1] ?? Number.POSITIVE_INFINITY);
      rest[d] = rest[d + 1]! + most[d]! * of(gain, order[d]!);
    }
  let used = usedRows.get(world);
  if (!used) {
    used = new Float64Array(world.rows.length);
    usedRows.set(world, used);
  }
  const x = order.map(() => 0);
  visit({ world, w, goal: cap, x, used: used.fill(0), steps: 0, order, ratio, most, rest, best }, 0, 0, 0);
  return best.attainment < 0 ? 0 : best.share;
}
