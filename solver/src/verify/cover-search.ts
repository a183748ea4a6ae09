import { smooth, type Worth, worthwhile } from "./worth.ts";

/** Branches of one search before the continuous relaxation, which is always a valid bound, stands in for it. */
const MOST_BRANCHES = 20_000;

/** Replicas of one price: `most` of them, each `gain` of attainment for `price`. */
export interface Item {
  gain: number;
  price: number;
  most: number;
}

/** Variants of a workload are few, and each is two items at most; longer lists make room. */
const FIRST_ROOM = 128;

/**
 * min Σ price·k + smooth(min(1, start + Σ gain·k)) over whole 0 ≤ k ≤ most with start + Σ gain·k ≥ goal.
 * Depth-first by efficiency, cut by the continuous relaxation: fill by rising price per gain, stop where a unit is not worth its
 * price. That relaxation is convex in each count, so counts are tried outwards from its optimum and left at the first that cannot win.
 * One object serves every workload of a stage: it fills the same arrays again.
 */
export class CoverSearch {
  /** False where a search was cut: its answer is a lower bound. */
  exact = true;
  private count = 0;
  private gain = new Float64Array(FIRST_ROOM);
  private price = new Float64Array(FIRST_ROOM);
  private most = new Float64Array(FIRST_ROOM);
  /** Price of all attainment by this item alone: the order of the items. */
  private rate = new Float64Array(FIRST_ROOM);
  /** Attainment up to which the item is worth its price. */
  private until = new Float64Array(FIRST_ROOM);
  private goal = 0;
  private worth: Worth | undefined;
  private best = 0;
  private branches = 0;

  /** Sets the items: those that add nothing are left out, the others go by price per gain. */
  load(items: Item[]): void {
    this.clear();
    for (const i of items) this.add(i.gain, i.price, i.most);
  }

  clear(): void {
    this.count = 0;
    this.worth = undefined;
  }

  /** One more item, in its place: after those of the same rate. */
  add(gain: number, price: number, most: number): void {
    if (!(gain > 0 && most > 0)) return;
    if (this.count === this.gain.length) this.grow();
    const rate = price / gain;
    let at = this.count++;
    for (; at > 0 && this.rate[at - 1]! > rate; at--) {
      this.gain[at] = this.gain[at - 1]!;
      this.price[at] = this.price[at - 1]!;
      this.most[at] = this.most[at - 1]!;
      this.rate[at] = this.rate[at - 1]!;
    }
    this.gain[at] = gain;
    this.price[at] = price;
    this.most[at] = most;
    this.rate[at] = rate;
  }

  private grow(): void {
    const longer = (list: Float64Array) => {
      const next = new Float64Array(2 * list.length);
      next.set(list);
      return next;
    };
    this.gain = longer(this.gain);
    this.price = longer(this.price);
    this.most = longer(this.most);
    this.rate = longer(this.rate);
    this.until = longer(this.until);
  }

  /** Says what attainment is worth (it stays so until the next `clear`), and how much is asked at least. */
  private aim(worth: Worth, goal: number): void {
    this.goal = goal;
    if (this.worth === worth) return;
    this.worth = worth;
    for (let j = 0; j < this.count; j++) this.until[j] = worthwhile(worth, this.rate[j]!);
  }

  /** The continuous relaxation at attainment `a`: a lower bound. */
  relaxed(worth: Worth, goal: number, a: number): number {
    this.aim(worth, goal);
    return this.bound(0, a);
  }

  /** The same from item `from` on. */
  private bound(from: number, a: number): number {
    const { goal, gain, rate } = this;
    let cost = 0;
    let at = a;
    for (let j = from; j < this.count && at < 1; j++) {
      const target = Math.max(goal, this.until[j]!);
      if (target <= at) break;
      const step = Math.min(this.most[j]! * gain[j]!, target - at);
      cost += step * rate[j]!;
      at += step;
    }
    if (at < goal - 1e-12) return Number.POSITIVE_INFINITY;
    return cost + smooth(this.worth!, Math.min(1, at));
  }

  /** The exact minimum, or `below` where it is not smaller. */
  search(worth: Worth, goal: number, start: number, below: number): number {
    this.aim(worth, goal);
    const root = this.bound(0, start);
    if (!(root < below)) return below;
    this.best = below;
    this.branches = 0;
    this.visit(0, start, 0);
    if (this.branches <= MOST_BRANCHES) return this.best;
    this.exact = false;
    return Math.min(this.best, root);
  }

  private visit(i: number, a: number, cost: number): void {
    if (++this.branches > MOST_BRANCHES) return;
    if (i === this.count || a >= 1) {
      if (a >= this.goal - 1e-12) this.best = Math.min(this.best, cost + smooth(this.worth!, Math.min(1, a)));
      return;
    }
    const gain = this.gain[i]!;
    const useful = Math.min(this.most[i]!, Math.ceil((1 - a) / gain - 1e-9));
    const target = Math.max(this.goal, this.until[i]!);
    const middle = Math.min(useful, Math.max(0, Math.ceil((target - a) / gain - 1e-9)));
    for (let k = middle; k >= 0; k--) if (!this.tryCount(i, a, cost, k) && k < middle) break;
    for (let k = middle + 1; k <= useful; k++) if (!this.tryCount(i, a, cost, k)) break;
  }

  /** False where k replicas of item i cannot beat the best. */
  private tryCount(i: number, a: number, cost: number, k: number): boolean {
    const paid = cost + k * this.price[i]!;
    const next = a + k * this.gain[i]!;
    if (!(paid + this.bound(i + 1, next) < this.best * (1 - 1e-12))) return false;
    this.visit(i + 1, next, paid);
    return this.branches <= MOST_BRANCHES;
  }
}
