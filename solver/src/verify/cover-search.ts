import { smooth, type Worth, worthwhile } from "./worth.ts";

/** Branches of one search before the continuous relaxation, which is always a valid bound, stands in for it. */
const MOST_BRANCHES = 20_000;

/** Replicas of one price: `most` of them, each `gain` of attainment for `price`. */
export interface Item {
  gain: number;
  price: number;
  most: number;
}

/**
 * min Σ price·k + smooth(min(1, start + Σ gain·k)) over whole 0 ≤ k ≤ most with start + Σ gain·k ≥ goal.
 * Depth-first by efficiency, cut by the continuous relaxation: fill by rising price per gain, stop where a unit is not worth its
 * price. That relaxation is convex in each count, so counts are tried outwards from its optimum and left at the first that cannot win.
 */
export class CoverSearch {
  /** False where a search was cut: its answer is a lower bound. */
  exact = true;
  private items: Item[] = [];
  private goal = 0;
  private worth: Worth | undefined;
  private best = 0;
  private branches = 0;

  /** Sets the items: those that add nothing are left out, the others go by price per gain. */
  load(items: Item[]): void {
    this.items = items.filter((i) => i.gain > 0 && i.most > 0);
    if (this.items.length > 1) this.items.sort((a, b) => a.price / a.gain - b.price / b.gain);
  }

  /** The continuous relaxation from item `from` on, at attainment `a`: a lower bound. */
  relaxed(worth: Worth, goal: number, a: number, from = 0): number {
    let cost = 0;
    let at = a;
    for (let j = from; j < this.items.length && at < 1; j++) {
      const { gain, price, most } = this.items[j]!;
      const target = Math.max(goal, worthwhile(worth, price / gain));
      if (target <= at) break;
      const step = Math.min(most * gain, target - at);
      cost += (step / gain) * price;
      at += step;
    }
    if (at < goal - 1e-12) return Number.POSITIVE_INFINITY;
    return cost + smooth(worth, Math.min(1, at));
  }

  /** The exact minimum, or `below` where it is not smaller. */
  search(worth: Worth, goal: number, start: number, below: number): number {
    const root = this.relaxed(worth, goal, start);
    if (!(root < below)) return below;
    this.worth = worth;
    this.goal = goal;
    this.best = below;
    this.branches = 0;
    this.visit(0, start, 0);
    if (this.branches <= MOST_BRANCHES) return this.best;
    this.exact = false;
    return Math.min(this.best, root);
  }

  private visit(i: number, a: number, cost: number): void {
    if (++this.branches > MOST_BRANCHES) return;
    if (i === this.items.length || a >= 1) {
      if (a >= this.goal - 1e-12) this.best = Math.min(this.best, cost + smooth(this.worth!, Math.min(1, a)));
      return;
    }
    const { gain, price, most } = this.items[i]!;
    const useful = Math.min(most, Math.ceil((1 - a) / gain - 1e-9));
    const target = Math.max(this.goal, worthwhile(this.worth!, price / gain));
    const middle = Math.min(useful, Math.max(0, Math.ceil((target - a) / gain - 1e-9)));
    for (let k = middle; k >= 0; k--) if (!this.tryCount(i, a, cost, k) && k < middle) break;
    for (let k = middle + 1; k <= useful; k++) if (!this.tryCount(i, a, cost, k)) break;
  }

  /** False where k replicas of item i cannot beat the best. */
  private tryCount(i: number, a: number, cost: number, k: number): boolean {
    const { gain, price } = this.items[i]!;
    const paid = cost + k * price;
    const next = a + k * gain;
    const bound = paid + this.relaxed(this.worth!, this.goal, next, i + 1);
    if (!(bound < this.best * (1 - 1e-12))) return false;
    this.visit(i + 1, next, paid);
    return this.branches <= MOST_BRANCHES;
  }
}
