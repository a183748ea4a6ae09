import { attainmentOf, replicasToServeAll } from "./attainment.ts";
import { CoverSearch, type Item } from "./cover-search.ts";
import { type Front, frontOf, pairFronts } from "./front.ts";
import { type Box, searchTypes } from "./types-search.ts";
import type { WorkloadFacts, World } from "./world.ts";
import { type Worth, worthOf } from "./worth.ts";

/** Prices of one stage on replicas. */
export interface Prices {
  /** By variant: what each replica pays on priced rows and in the stage's own objective. */
  perReplica: Float64Array;
  /** What each replica above the current ones pays on top. */
  perStart: Float64Array;
}

/** Whole replicas that a plan can have of each variant. */
export interface Bounds {
  low: Float64Array;
  high: Float64Array;
}

/**
 * The box of each variant. Above: its maximum, what any one row holds, and what serves all demand alone; the rows hold in every
 * plan, and a replica past full attainment only costs. Below: what the floors of its class leave.
 */
export function readBounds(world: World, leastReplicas: Float64Array): Bounds {
  const bounds: Bounds = {
    low: new Float64Array(world.variants.length),
    high: new Float64Array(world.variants.length),
  };
  world.variants.forEach((v, i) => {
    let high = Math.min(v.max, replicasToServeAll(world, i));
    for (const { row, amount } of v.uses) high = Math.min(high, Math.floor(world.rows[row]!.capacity / amount + 1e-9));
    const low = leastReplicas[i]!;
    bounds.low[i] = low;
    bounds.high[i] = Math.max(low, high);
  });
  return bounds;
}

function boxOf(world: World, i: number, bounds: Bounds, prices: Prices): Box {
  const low = bounds.low[i]!;
  const price = prices.perReplica[i]!;
  const cheap = Math.max(0, Math.min(bounds.high[i]!, world.variants[i]!.current) - low);
  return { variant: i, low, high: bounds.high[i]!, cheap, price, laterPrice: price + prices.perStart[i]! };
}

function itemsOf(world: World, boxes: Box[]): Item[] {
  const items: Item[] = [];
  for (const b of boxes) {
    const { gain } = world.variants[b.variant]!;
    if (b.cheap > 0) items.push({ gain, price: b.price, most: b.cheap });
    if (b.high - b.low > b.cheap) items.push({ gain, price: b.laterPrice, most: b.high - b.low - b.cheap });
  }
  return items;
}

function startGain(world: World, boxes: Box[]): number {
  return boxes.reduce((sum, b) => sum + world.variants[b.variant]!.gain * b.low, 0);
}

/** Goals worth trying, rising: the floor and every step above it, each with the penalty of the steps beyond. */
function goalsOf(worth: Worth): { goal: number; missed: number }[] {
  const above = worth.steps.filter((s) => s.at > worth.floor && s.penalty > 0);
  let missed = above.reduce((sum, s) => sum + s.penalty, 0);
  const goals = [{ goal: worth.floor, missed }];
  for (const step of above) {
    missed -= step.penalty;
    const last = goals[goals.length - 1]!;
    if (step.at === last.goal) last.missed = missed;
    else goals.push({ goal: step.at, missed });
  }
  return goals;
}

/** min over workloads of the stage's objective and prices, one workload at a time: exact over whole replicas, or a lower bound. */
export class WorkloadMinimum {
  /** False where some answer was only a lower bound. */
  exact = true;
  private readonly search = new CoverSearch();
  private readonly world: World;
  private readonly bounds: Bounds;

  constructor(world: World, bounds: Bounds) {
    this.world = world;
    this.bounds = bounds;
  }

  /** min Σ price·x + G(a(x)); Infinity where no x in the boxes reaches the floor of G. */
  of(w: WorkloadFacts, prices: Prices, worth: Worth): number {
    let base = 0;
    for (const i of w.variants) {
      base += prices.perReplica[i]! * this.bounds.low[i]!;
      base += prices.perStart[i]! * Math.max(0, this.bounds.low[i]! - this.world.variants[i]!.current);
    }
    if (w.kind === "idle") return base;
    if (worth.floor <= 0 && worth.steps.length === 0 && worth.linear === 0 && worth.log === 0) return base;
    const boxes = w.variants.map((i) => boxOf(this.world, i, this.bounds, prices));
    // nothing at all may be worth more than a little, where ln a has no value at 0
    const idle = worth.logFromZero && attainmentOf(this.world, w, (v) => this.bounds.low[v]!) <= 0;
    const least = idle ? worthOf(worth, 0) : Number.POSITIVE_INFINITY;
    if (w.kind === "plain") return base + this.plain(boxes, worth, least);
    return base + (w.kind === "lanes" ? this.lanes(boxes, worth, least) : this.types(w, boxes, worth, least));
  }

  private plain(boxes: Box[], worth: Worth, least: number): number {
    const start = startGain(this.world, boxes);
    this.search.load(itemsOf(this.world, boxes));
    let best = least;
    for (const { goal, missed } of goalsOf(worth).reverse())
      best = Math.min(best, missed + this.search.search(worth, goal, start, best - missed));
    if (!this.search.exact) this.exact = false;
    return best;
  }

  private lanes(boxes: Box[], worth: Worth, least: number): number {
    const front = (role: "both" | "prefill" | "decode"): Front => {
      const own = boxes.filter((b) => this.world.variants[b.variant]!.role === role);
      return frontOf(itemsOf(this.world, own), startGain(this.world, own));
    };
    const both = front("both");
    const pairs = pairFronts(front("prefill"), front("decode"));
    let best = least;
    both.gain.forEach((b, i) => {
      for (let j = 0; j < pairs.gain.length; j++) {
        const price = both.price[i]! + pairs.price[j]!;
        if (price < best) best = Math.min(best, price + worthOf(worth, Math.min(1, b + pairs.gain[j]!)));
      }
    });
    if (!both.exact || !pairs.exact) this.exact = false;
    return best;
  }

  private types(w: WorkloadFacts, boxes: Box[], worth: Worth, least: number): number {
    let best = least;
    for (const { goal, missed } of goalsOf(worth)) {
      if (missed >= best) continue;
      const found = searchTypes(this.world, w, boxes, worth, goal, best - missed);
      best = Math.min(best, missed + found.value);
      if (!found.exact) this.exact = false;
    }
    return best;
  }
}
