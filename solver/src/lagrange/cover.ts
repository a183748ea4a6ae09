/** Search nodes of one cover before its linear bound is taken instead. */
const NODE_LIMIT = 10_000;
/** Counts of replicas looked at in one cover, likewise. */
const LOOK_LIMIT = 100_000;
const EPS = 1e-12;
const INF = Number.POSITIVE_INFINITY;

/**
 * The cheapest cover of one workload: minimise Σ price·x + Σ start·(x − warm)⁺ + slope·(1 − a)⁺ − log·ln a over integers 0 ≤ x ≤ most with
 * a ≥ need, where a = base + Σ gain·x. Depth-first by rising price per gain with the linear relaxation as bound (bounded covering
 * knapsack; Martello and Toth 1990, ch. 3). `lower` is proved even where the search was cut.
 *
 * Everything lives in arrays that are reused: no call allocates.
 */
export class Cover {
  value = 0;
  lower = 0;
  /** Searches that were cut. */
  cuts = 0;
  private readonly found: Float64Array;
  private readonly gain: Float64Array;
  private readonly price: Float64Array;
  private readonly start: Float64Array;
  private readonly warm: Float64Array;
  private readonly most: Float64Array;
  private readonly ratio: Float64Array;
  private readonly at: Int32Array;
  private items = 0;
  private readonly segRatio: Float64Array;
  private readonly segAmount: Float64Array;
  private readonly segItem: Int32Array;
  private segments = 0;
  private readonly trial: Float64Array;
  private slope = 0;
  private log = 0;
  private base = 0;
  private best = 0;
  private solved = false;
  private nodes = 0;
  private looks = 0;
  private cut = false;
  private slack = 0;

  constructor(widest: number) {
    const floats = (k: number) => new Float64Array(k);
    this.found = floats(widest);
    this.gain = floats(widest);
    this.price = floats(widest);
    this.start = floats(widest);
    this.warm = floats(widest);
    this.most = floats(widest);
    this.ratio = floats(widest);
    this.at = new Int32Array(widest);
    this.segRatio = floats(2 * widest);
    this.segAmount = floats(2 * widest);
    this.segItem = new Int32Array(2 * widest);
    this.trial = floats(widest);
  }

  /** Begins a new set of items; `base` is the attainment that is there already. */
  reset(base: number, slope: number, log: number): void {
    this.items = 0;
    this.base = base;
    this.slope = slope;
    this.log = log;
    this.segments = 0;
  }

  /** Adds an item, kept sorted by price per gain. */
  add(at: number, gain: number, price: number, start: number, warm: number, most: number): void {
    const ratio = (warm > 0 ? price : price + start) / gain;
    let i = this.items++;
    while (i > 0 && this.ratio[i - 1]! > ratio) {
      this.ratio[i] = this.ratio[i - 1]!;
      this.gain[i] = this.gain[i - 1]!;
      this.price[i] = this.price[i - 1]!;
      this.start[i] = this.start[i - 1]!;
      this.warm[i] = this.warm[i - 1]!;
      this.most[i] = this.most[i - 1]!;
      this.at[i] = this.at[i - 1]!;
      i--;
    }
    this.ratio[i] = ratio;
    this.gain[i] = gain;
    this.price[i] = price;
    this.start[i] = start;
    this.warm[i] = Math.min(warm, most);
    this.most[i] = most;
    this.at[i] = at;
  }

  /** Ends the set: linear segments by rising ratio. */
  seal(): void {
    this.segments = 0;
    for (let i = 0; i < this.items; i++) {
      const warm = this.warm[i]!;
      if (warm > 0) this.segment(i, this.price[i]! / this.gain[i]!, warm * this.gain[i]!);
      if (this.most[i]! > warm)
        this.segment(i, (this.price[i]! + this.start[i]!) / this.gain[i]!, (this.most[i]! - warm) * this.gain[i]!);
    }
  }

  private segment(item: number, ratio: number, amount: number): void {
    let k = this.segments++;
    while (k > 0 && this.segRatio[k - 1]! > ratio) {
      this.segRatio[k] = this.segRatio[k - 1]!;
      this.segAmount[k] = this.segAmount[k - 1]!;
      this.segItem[k] = this.segItem[k - 1]!;
      k--;
    }
    this.segRatio[k] = ratio;
    this.segAmount[k] = amount;
    this.segItem[k] = item;
  }

  /** Linear relaxation over the items from `from` on: `need` must be covered, up to `full` is where it is worth its price. */
  private relaxed(from: number, need: number, full: number): number {
    if (this.log > 0) return this.relaxedLog(from, need, full);
    const { slope, segRatio, segAmount, segItem } = this;
    let cost = 0;
    let hard = need;
    let soft = full;
    for (let k = 0; k < this.segments; k++) {
      if (segItem[k]! < from) continue;
      const ratio = segRatio[k]!;
      const want = ratio < slope && soft > hard ? soft : hard;
      if (want <= EPS) break;
      const amount = segAmount[k]!;
      const take = Math.min(amount, want);
      cost += take * ratio;
      hard -= take;
      soft -= take;
    }
    if (hard > 1e-9) return INF;
    return soft > 0 ? cost + soft * slope : cost;
  }

  /** With a logarithm a unit is worth its price up to the attainment log/(ratio − slope). */
  private relaxedLog(from: number, need: number, full: number): number {
    let cost = 0;
    let hard = need;
    let soft = full;
    for (let k = 0; k < this.segments && soft > 0; k++) {
      if (this.segItem[k]! < from) continue;
      const ratio = this.segRatio[k]!;
      const worth = ratio <= this.slope ? soft : Math.min(soft, this.log / (ratio - this.slope) - (1 - soft));
      const want = Math.max(hard, worth);
      if (want <= EPS) break;
      const take = Math.min(this.segAmount[k]!, want);
      cost += take * ratio;
      hard -= take;
      soft -= take;
    }
    if (hard > 1e-9) return INF;
    const a = Math.min(1, 1 - soft);
    return cost + Math.max(0, soft) * this.slope - (a > 0 ? this.log * Math.log(a) : -INF);
  }

  /** Solves for a ≥ `need`; false where none is cheaper than `cutoff`. */
  solve(need: number, cutoff: number): boolean {
    const rest = need - this.base - 1e-10;
    const full = this.base < 1 ? 1 - this.base : 0;
    const root = this.relaxed(0, rest, full);
    this.value = INF;
    this.lower = root;
    if (!(root < cutoff)) return false;
    this.nodes = 0;
    this.looks = 0;
    this.cut = false;
    this.best = cutoff;
    this.solved = false;
    this.slack = Math.abs(root) * 1e-9;
    for (let i = 0; i < this.items; i++) this.trial[i] = 0;
    this.visit(0, rest, full, 0);
    if (this.cut) this.cuts++;
    if (!this.solved) {
      this.lower = this.cut ? root : Math.max(root, cutoff - this.slack);
      return false;
    }
    this.value = this.best;
    this.lower = this.cut ? Math.min(root, this.best) : Math.max(root, this.best - this.slack);
    return true;
  }

  private leaf(full: number, cost: number): void {
    let done = full > 0 ? cost + full * this.slope : cost;
    if (this.log > 0) {
      const a = 1 - full;
      if (a <= 1e-9) return;
      if (a < 1) done -= this.log * Math.log(a);
    }
    if (done >= this.best - EPS) return;
    this.best = done;
    this.solved = true;
    for (let i = 0; i < this.items; i++) this.found[i] = this.trial[i]!;
  }

  /** Adds the counts of the last solution to `x`, by the positions given to `add`. */
  read(x: Float64Array): void {
    for (let i = 0; i < this.items; i++) x[this.at[i]!] = x[this.at[i]!]! + this.found[i]!;
  }

  private visit(i: number, need: number, full: number, cost: number): void {
    if (need <= 0) this.leaf(full, cost);
    if (i === this.items || (need <= 0 && full <= 1e-10)) return;
    if (++this.nodes > NODE_LIMIT) {
      this.cut = true;
      return;
    }
    const gain = this.gain[i]!;
    const price = this.price[i]!;
    const start = this.start[i]!;
    const warm = this.warm[i]!;
    const worth = this.log > 0 || this.ratio[i]! < this.slope ? Math.max(need, full) : need;
    let top = Math.ceil(worth / gain - 1e-9);
    // a need that is left, however small, takes a replica
    if (top < 1) top = need > 0 ? 1 : 0;
    if (top > this.most[i]!) top = this.most[i]!;
    // the relaxed cost is convex in k: once it rises past the best known, smaller counts are no better
    let previous = INF;
    for (let k = top; k >= 0; k--) {
      if (++this.looks > LOOK_LIMIT) {
        this.cut = true;
        break;
      }
      const spent = cost + price * k + (k > warm ? start * (k - warm) : 0);
      const covered = k * gain;
      const bound = spent + this.relaxed(i + 1, need - covered, full - covered);
      if (bound >= this.best - this.slack) {
        if (bound > previous || bound === INF) break;
        previous = bound;
        continue;
      }
      previous = bound;
      this.trial[i] = k;
      this.visit(i + 1, need - covered, full - covered, spent);
      if (this.cut) break;
    }
    this.trial[i] = 0;
  }
}
