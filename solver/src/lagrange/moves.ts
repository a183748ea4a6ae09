import { COLUMNS, type Columns } from "./columns.ts";
import type { Dual } from "./dual.ts";
import type { Placement } from "./placement.ts";
import type { Pricer } from "./pricer.ts";
import { usersOf } from "./row-users.ts";
import type { StageModel } from "./stage-model.ts";

/** Workloads of a row that are looked at when it must give way. */
export const SHORT = 100;
/** Users of a row beyond which only some are looked at for that, evenly spread: about as many. */
const MANY_USERS = 3000;
const LOOKED_AT = 1000;
/** More moves than a chain has. */
const CHAIN = 1e6;
/** Differences up to here are rounding. */
export const EPS = 1e-9;

/**
 * Single moves of a plan: who relieves a row, or fills it, most cheaply at the prices, by a known pattern or by a few replicas more or
 * less. What is found is left in `best` and `least`; nothing is changed here.
 */
export class Moves {
  /** The counts of the last move that was found. */
  readonly best: Float64Array;
  /** Its rise of the priced value for each unit. */
  least = 0;
  private readonly plan: Placement;
  private readonly model: StageModel;
  private readonly columns: Columns;
  private readonly pricer: Pricer;
  private readonly prices: Float64Array;
  private readonly units: Float64Array;
  private readonly userStart: Int32Array;
  private readonly users: Int32Array;
  /** Those who give back most cheaply on a row, and those who take most cheaply. */
  private readonly givers: (Int32Array | undefined)[];
  private readonly takers: (Int32Array | undefined)[];
  /** Time from which each workload may move again, and the time: moves that were made. */
  private readonly freeFrom: Float64Array;
  private time = 1;
  private round = 0;
  private readonly now: Float64Array;
  private readonly trial: Float64Array;
  private readonly counts: Float64Array;

  constructor(dual: Dual, plan: Placement, prices: Float64Array) {
    this.plan = plan;
    this.model = dual.model;
    this.columns = dual.columns;
    this.pricer = dual.pricer;
    this.prices = prices;
    this.units = dual.master.units;
    const { start, users } = usersOf(dual.model);
    this.userStart = start;
    this.users = users;
    this.givers = new Array(dual.model.capacity.length);
    this.takers = new Array(dual.model.capacity.length);
    this.freeFrom = new Float64Array(dual.model.flat.workloads);
    let widest = 1;
    const { locStart, flat } = dual.model;
    for (let m = 0; m < flat.workloads; m++) widest = Math.max(widest, locStart[m + 1]! - locStart[m]!);
    this.now = new Float64Array(widest);
    this.trial = new Float64Array(widest);
    this.counts = new Float64Array(flat.widest);
    this.best = new Float64Array(flat.widest);
  }

  /** A new chain begins: everybody may move again. */
  begin(): void {
    this.time += 2 * CHAIN;
  }

  /** m has moved: not again for the next `moves`, by default in this chain. */
  hold(m: number, moves = CHAIN): void {
    this.time++;
    this.freeFrom[m] = this.time + moves;
  }

  /** Short lists are made anew from here on, of other users where there are many: the plan has changed much. */
  forget(): void {
    this.round++;
    this.givers.fill(undefined);
    this.takers.fill(undefined);
  }

  /** Reduced cost of the plan's counts of m; leaves their uses in `now`. */
  pricedNow(m: number): number {
    const { columns, model, plan, prices } = this;
    const l0 = model.locStart[m]!;
    let p = columns.evaluate(m, plan.x, model.flat.first[m]!, plan.attainment(m), this.now, 0);
    for (let i = 0; i < model.locStart[m + 1]! - l0; i++) p += prices[model.locRow[l0 + i]!]! * this.now[i]!;
    return p;
  }

  /** Those who can give back (sign 1) or take (−1) most cheaply on row r, cheapest first. */
  shortlist(r: number, sign: number): Int32Array {
    const lists = sign > 0 ? this.givers : this.takers;
    const known = lists[r];
    if (known) return known;
    const { model, columns, prices } = this;
    const { locStart, locRow } = model;
    const found: { m: number; score: number }[] = [];
    const end = this.userStart[r + 1]!;
    const all = end - this.userStart[r]!;
    const stride = all > MANY_USERS ? Math.floor(all / LOOKED_AT) : 1;
    for (let k = this.userStart[r]! + (this.round % stride); k < end; k += stride) {
      const m = this.users[k]!;
      const here = this.pricedNow(m);
      const l0 = locStart[m]!;
      const l = locStart[m + 1]! - l0;
      let at = 0;
      while (locRow[l0 + at] !== r) at++;
      if (sign > 0 && this.now[at]! <= EPS) continue;
      let score = Number.POSITIVE_INFINITY;
      for (let c = 0; c < columns.count[m]!; c++) {
        const units = sign * (this.now[at]! - columns.use[l0 * COLUMNS + c * l + at]!);
        if (units <= EPS) continue;
        const s = (columns.priced(m, c, prices) - here) / units;
        if (s < score) score = s;
      }
      if (score < Number.POSITIVE_INFINITY) found.push({ m, score });
    }
    found.sort((a, b) => a.score - b.score || a.m - b.m);
    const list = Int32Array.from(found.slice(0, SHORT), (f) => f.m);
    lists[r] = list;
    return list;
  }

  /** As `move`, among those on the short list. */
  moveShort(r: number, sign: number, amount: number, force: number): number {
    const list = this.shortlist(r, sign);
    return this.move(r, sign, amount, list, 0, list.length, force);
  }

  /** As `move`, among all who use the row. */
  moveAny(r: number, sign: number, amount: number, force: number): number {
    return this.move(r, sign, amount, this.users, this.userStart[r]!, this.userStart[r + 1]!, force);
  }

  /**
   * The best way to relieve row r (sign 1) of `amount`, or to fill that much of it (−1), by one workload of `list`: lowest rise of the priced
   * value for each unit. Leaves the counts in `best`; −1 where nobody can.
   */
  private move(
    r: number,
    sign: number,
    amount: number,
    list: Int32Array,
    from: number,
    to: number,
    force: number,
  ): number {
    const { model, columns, prices } = this;
    const { locStart, locRow, flat } = model;
    let who = -1;
    this.least = Number.POSITIVE_INFINITY;
    for (let k = from; k < to; k++) {
      const m = list[k]!;
      if (this.freeFrom[m]! > this.time) continue;
      const l0 = locStart[m]!;
      const l = locStart[m + 1]! - l0;
      const here = this.pricedNow(m);
      let at = 0;
      while (locRow[l0 + at] !== r) at++;
      if (sign > 0 && this.now[at]! <= EPS) continue;
      const nv = flat.first[m + 1]! - flat.first[m]!;
      for (let c = 0; c < columns.count[m]!; c++) {
        const u0 = l0 * COLUMNS + c * l;
        const units = sign * (this.now[at]! - columns.use[u0 + at]!);
        if (units <= EPS || (sign < 0 && units > amount + EPS)) continue;
        const rise = columns.priced(m, c, prices) - here;
        if (!this.better(rise, units, amount, r, columns.use, u0, l0, l, force)) continue;
        who = m;
        const x0 = flat.first[m]! * COLUMNS + c * nv;
        for (let i = 0; i < nv; i++) this.best[i] = columns.x[x0 + i]!;
      }
      if (this.shift(m, r, at, sign, here, amount, force)) who = m;
    }
    return who;
  }

  /** Whether a change of `units` with that rise of the priced value is the best so far; remembers it. */
  private better(
    rise: number,
    units: number,
    amount: number,
    r: number,
    use: Float64Array,
    u0: number,
    l0: number,
    l: number,
    force: number,
  ): boolean {
    const gain = Math.min(units, amount);
    // more than is needed is worth half of its price
    let loss = rise + 0.5 * this.prices[r]! * (units - gain);
    if (loss >= this.least * gain) return false;
    loss = (loss + force * this.overflow(use, u0, l0, l, r)) / gain;
    if (loss >= this.least) return false;
    this.least = loss;
    return true;
  }

  /** Some replicas of one variant on r less or more, alone or made up for by another variant. True where it is the best so far. */
  private shift(m: number, r: number, at: number, sign: number, here: number, amount: number, force: number): boolean {
    const { model, plan, counts } = this;
    const { flat, min } = model;
    const v0 = flat.first[m]!;
    const nv = flat.first[m + 1]! - v0;
    let any = false;
    for (let i = 0; i < nv; i++) {
      const v = v0 + i;
      const room = sign > 0 ? plan.x[v]! - min[v]! : flat.most[v]! - plan.x[v]!;
      if (room <= 0) continue;
      let each = 0;
      for (let u = flat.useStart[v]!; u < flat.useStart[v + 1]!; u++)
        if (flat.useRow[u] === r) each = flat.useAmount[u]!;
      if (each === 0) continue;
      const wanted = sign > 0 ? Math.max(1, Math.ceil(amount / each - 1e-9)) : Math.floor(amount / each + 1e-9);
      const k = Math.min(room, wanted);
      if (k <= 0) continue;
      for (let j = 0; j < nv; j++) counts[j] = plan.x[v0 + j]!;
      counts[i] = counts[i]! - sign * k;
      if (this.tryCounts(m, r, at, sign, here, amount, force)) any = true;
      const other = this.partner(m, i, r);
      if (other < 0) continue;
      // the other variant takes over what is lost, or gives back what is won
      const o = v0 + other;
      const equal = (k * flat.gain[v]!) / flat.gain[o]!;
      const change =
        sign > 0
          ? Math.min(flat.most[o]! - plan.x[o]!, Math.ceil(equal - 1e-9))
          : -Math.min(plan.x[o]! - min[o]!, Math.floor(equal + 1e-9));
      if (change === 0) continue;
      counts[other] = counts[other]! + change;
      if (this.tryCounts(m, r, at, sign, here, amount, force)) any = true;
    }
    return any;
  }

  /** The variant of m beside i, not on row r, that is cheapest for its gain at the prices; −1 where there is none. */
  private partner(m: number, i: number, r: number): number {
    const { flat } = this.model;
    const v0 = flat.first[m]!;
    let best = -1;
    let least = Number.POSITIVE_INFINITY;
    for (let v = v0; v < flat.first[m + 1]!; v++) {
      if (v - v0 === i || flat.gain[v]! <= 0) continue;
      let here = false;
      for (let u = flat.useStart[v]!; u < flat.useStart[v + 1]!; u++) if (flat.useRow[u] === r) here = true;
      if (here) continue;
      const p = this.pricer.replicaPrice(v, this.prices, 1) / flat.gain[v]!;
      if (p < least) {
        least = p;
        best = v - v0;
      }
    }
    return best;
  }

  private tryCounts(
    m: number,
    r: number,
    at: number,
    sign: number,
    here: number,
    amount: number,
    force: number,
  ): boolean {
    const { model, columns, prices, counts, trial } = this;
    const { locStart, locRow, hard, flat } = model;
    const a = columns.attainment(m, counts, 0);
    if (a < hard[m]! - 1e-9) return false;
    const l0 = locStart[m]!;
    const l = locStart[m + 1]! - l0;
    let p = columns.evaluate(m, counts, 0, a, trial, 0);
    for (let j = 0; j < l; j++) p += prices[locRow[l0 + j]!]! * trial[j]!;
    const units = sign * (this.now[at]! - trial[at]!);
    if (units <= EPS || (sign < 0 && units > amount + EPS)) return false;
    if (!this.better(p - here, units, amount, r, trial, 0, l0, l, force)) return false;
    for (let j = 0; j < flat.first[m + 1]! - flat.first[m]!; j++) this.best[j] = counts[j]!;
    return true;
  }

  /** Priced overflow that a column (its uses at u0) would cause on rows that it uses more of than `now`. */
  private overflow(use: Float64Array, u0: number, l0: number, l: number, except: number): number {
    const { plan, model, prices } = this;
    let sum = 0;
    for (let i = 0; i < l; i++) {
      const more = use[u0 + i]! - this.now[i]!;
      if (more <= EPS) continue;
      const r = model.locRow[l0 + i]!;
      if (r === except) continue;
      const over = more - Math.max(0, plan.free(r));
      if (over > EPS) sum += over * (prices[r]! + this.units[r]!);
    }
    return sum;
  }
}
