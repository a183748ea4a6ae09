import { attainmentOf } from "./attainment.ts";
import type { Bounds } from "./boxes.ts";
import { CoverSearch, type Item } from "./cover-search.ts";
import { type Front, frontOf, pairFronts } from "./front.ts";
import { type Box, searchTypes } from "./types-search.ts";
import type { WorkloadFacts, World } from "./world.ts";
import { smooth, type Worth, worthOf } from "./worth.ts";

/** Prices of one stage on replicas. */
export interface Prices {
  /** By variant: what each replica pays on priced rows and in the stage's own objective. */
  perReplica: Float64Array;
  /** What each replica above the current ones pays on top. */
  perStart: Float64Array;
  /** True where all of it is 0. */
  free: boolean;
}

function boxOf(i: number, bounds: Bounds, prices: Prices): Box {
  const price = prices.perReplica[i]!;
  const laterPrice = price + prices.perStart[i]!;
  return { variant: i, low: bounds.low[i]!, high: bounds.high[i]!, cheap: bounds.cheap[i]!, price, laterPrice };
}

function itemsOf(world: World, boxes: Box[]): Item[] {
  const items: Item[] = [];
  for (const b of boxes) {
    const gain = world.variants.gain[b.variant]!;
    if (b.cheap > 0) items.push({ gain, price: b.price, most: b.cheap });
    if (b.high - b.low > b.cheap) items.push({ gain, price: b.laterPrice, most: b.high - b.low - b.cheap });
  }
  return items;
}

function startGain(world: World, boxes: Box[]): number {
  return boxes.reduce((sum, b) => sum + world.variants.gain[b.variant]! * b.low, 0);
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
  of(m: number, prices: Prices, worth: Worth): number {
    const w = this.world.workloads[m]!;
    let base = 0;
    for (const i of w.variants) {
      base += prices.perReplica[i]! * this.bounds.low[i]!;
      base += prices.perStart[i]! * this.bounds.started[i]!;
    }
    if (w.kind === "idle") return base;
    if (worth.floor <= 0 && worth.steps.length === 0 && worth.linear === 0 && worth.log === 0) return base;
    if (w.kind === "plain") return base + (prices.free ? this.unpriced(m, worth) : this.plain(w, prices, worth));
    const boxes = w.variants.map((i) => boxOf(i, this.bounds, prices));
    const least = this.ofNothing(w, worth);
    return base + (w.kind === "lanes" ? this.lanes(boxes, worth, least) : this.types(w, boxes, worth, least));
  }

  /** What nothing at all costs: it may be worth more than a little, where ln a has no value at 0. */
  private ofNothing(w: WorkloadFacts, worth: Worth): number {
    const idle = worth.logFromZero && attainmentOf(this.world, w, (v) => this.bounds.low[v]!) <= 0;
    return idle ? worthOf(worth, 0) : Number.POSITIVE_INFINITY;
  }

  /** Where nothing costs anything, the most that can run is best. */
  private unpriced(m: number, worth: Worth): number {
    const a = this.bounds.mostAttained[m]!;
    if (a < worth.floor - 1e-12) return Number.POSITIVE_INFINITY;
    let missed = 0;
    for (const step of worth.steps) if (step.at > worth.floor && a < step.at - 1e-12) missed += step.penalty;
    return Math.min(this.ofNothing(this.world.workloads[m]!, worth), missed + smooth(worth, a));
  }

  /** Nearly all workloads of large problems are plain: nothing is allocated here. */
  private plain(w: WorkloadFacts, { perReplica, perStart }: Prices, worth: Worth): number {
    const { low, high, cheap, gain } = this.bounds;
    const { search } = this;
    let start = 0;
    search.clear();
    for (const i of w.variants) {
      start += gain[i]! * low[i]!;
      search.add(gain[i]!, perReplica[i]!, cheap[i]!);
      search.add(gain[i]!, perReplica[i]! + perStart[i]!, high[i]! - low[i]! - cheap[i]!);
    }
    // the highest goal first, where nothing is missed; each lower one misses the steps above it
    let best = this.ofNothing(w, worth);
    search.exact = true;
    let missed = 0;
    for (let s = worth.steps.length - 1; s >= 0; s--) {
      const { at, penalty } = worth.steps[s]!;
      if (!(at > worth.floor && penalty > 0)) continue;
      if (at !== worth.steps[s + 1]?.at) best = Math.min(best, missed + search.search(worth, at, start, best - missed));
      missed += penalty;
    }
    best = Math.min(best, missed + search.search(worth, worth.floor, start, best - missed));
    if (!search.exact) this.exact = false;
    return best;
  }

  private lanes(boxes: Box[], worth: Worth, least: number): number {
    const front = (role: "both" | "prefill" | "decode"): Front => {
      const own = boxes.filter((b) => this.world.variants.given[b.variant]!.role === role);
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
