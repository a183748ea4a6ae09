/** Variants of one workload at given prices, as the cover search sees them. */
export interface Item {
  gain: number;
  price: number;
  start: number;
  /** Replicas above the minimum that start free of start cost. */
  warm: number;
  most: number;
  at: number;
}

/** Search nodes of one cover before its linear bound is taken instead. */
const NODE_LIMIT = 600;
/** Counts of replicas looked at in one cover, likewise. */
const LOOK_LIMIT = 20_000;
const EPS = 1e-12;

/**
 * The cheapest cover of one workload: minimise Σ price·x + Σ start·max(0, x − warm) + slope·max(0, 1 − Σ gain·x) subject to
 * Σ gain·x ≥ need, integer 0 ≤ x ≤ most. Depth-first with the linear relaxation as bound; `lower` is proved even where the search was cut.
 */
export class Cover {
  value = 0;
  lower = 0;
  private items: Item[] = [];
  private segments: { item: number; ratio: number; amount: number }[] = [];
  private slope = 0;
  private nodes = 0;
  private looks = 0;
  private cut = false;
  private best = 0;
  private solved = false;
  private readonly trial: number[] = [];
  private found: number[] = [];

  /** Items are given sorted by the caller's index; `base` is the attainment of the minimum replicas. */
  prepare(items: Item[], slope: number): void {
    this.slope = slope;
    this.items = items.filter((i) => i.most > 0 && i.gain > 0);
    this.items.sort((a, b) => this.ratio(a) - this.ratio(b) || a.at - b.at);
    this.segments = [];
    this.items.forEach((item, k) => {
      const warm = Math.min(item.warm, item.most);
      if (warm > 0) this.segments.push({ item: k, ratio: item.price / item.gain, amount: warm * item.gain });
      if (item.most > warm)
        this.segments.push({
          item: k,
          ratio: (item.price + item.start) / item.gain,
          amount: (item.most - warm) * item.gain,
        });
    });
    this.segments.sort((a, b) => a.ratio - b.ratio || a.item - b.item);
  }

  private ratio(i: Item): number {
    return (i.price + (i.warm > 0 ? 0 : i.start)) / i.gain;
  }

  private cost(i: Item, k: number): number {
    return i.price * k + i.start * Math.max(0, k - i.warm);
  }

  /** Linear relaxation over the items from `from` on: `need` must be covered, up to `full` is covered where cheaper than the slope. */
  private relaxed(from: number, need: number, full: number): number {
    let cost = 0;
    let hard = need;
    let soft = full;
    for (const s of this.segments) {
      if (s.item < from) continue;
      const want = s.ratio < this.slope ? Math.max(hard, soft) : hard;
      if (want <= EPS) {
        if (s.ratio >= this.slope) break;
        continue;
      }
      const take = Math.min(s.amount, want);
      cost += take * s.ratio;
      hard -= take;
      soft -= take;
    }
    if (hard > 1e-9) return Number.POSITIVE_INFINITY;
    return cost + Math.max(0, soft) * this.slope;
  }

  /** Solves for a hard need and the rest up to full attainment; false where the need cannot be met. `cutoff`: dearer is of no use. */
  solve(need: number, full: number, cutoff = Number.POSITIVE_INFINITY): boolean {
    const root = this.relaxed(0, need, full);
    this.value = Number.POSITIVE_INFINITY;
    this.lower = root;
    if (!(root < cutoff)) return false;
    this.nodes = 0;
    this.looks = 0;
    this.cut = false;
    this.best = cutoff;
    this.found = [];
    this.solved = false;
    this.trial.length = this.items.length;
    this.trial.fill(0);
    this.visit(0, need, full, 0, root * 1e-9);
    if (!this.solved) {
      this.lower = this.cut ? root : cutoff;
      return false;
    }
    this.value = this.best;
    this.lower = this.cut ? Math.min(root, this.best) : this.best - Math.abs(root) * 1e-9;
    return true;
  }

  /** Replicas above the minimum of the last solution, into `x` by the items' `at`. */
  read(into: Float64Array, offset: number): void {
    this.items.forEach((item, k) => {
      into[offset + item.at] = into[offset + item.at]! + (this.found[k] ?? 0);
    });
  }

  private visit(i: number, need: number, full: number, cost: number, slack: number): void {
    if (need <= 1e-10) {
      const done = cost + Math.max(0, full) * this.slope;
      if (done < this.best - EPS) {
        this.best = done;
        this.found = this.trial.slice();
        this.solved = true;
      }
    }
    if (i === this.items.length || (need <= 1e-10 && full <= 1e-10)) return;
    if (++this.nodes > NODE_LIMIT) {
      this.cut = true;
      return;
    }
    const item = this.items[i]!;
    const worth = this.ratio(item) < this.slope ? Math.max(need, full) : need;
    const top = Math.min(item.most, Math.max(0, Math.ceil(worth / item.gain - 1e-9)));
    // the relaxed cost is convex in k: once it rises past the best known, smaller counts are no better
    let previous = Number.POSITIVE_INFINITY;
    for (let k = top; k >= 0; k--) {
      if (++this.looks > LOOK_LIMIT) {
        this.cut = true;
        break;
      }
      const spent = cost + this.cost(item, k);
      const covered = k * item.gain;
      const bound = spent + this.relaxed(i + 1, need - covered, full - covered);
      if (bound >= this.best - slack) {
        if (bound > previous || bound === Number.POSITIVE_INFINITY) break;
        previous = bound;
        continue;
      }
      previous = bound;
      this.trial[i] = k;
      this.visit(i + 1, need - covered, full - covered, spent, slack);
      if (this.cut) break;
    }
    this.trial[i] = 0;
  }
}
