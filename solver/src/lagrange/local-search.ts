import { COLUMNS, type Columns } from "./columns.ts";
import { dive } from "./dive.ts";
import type { Dual } from "./dual.ts";
import type { Placement } from "./placement.ts";
import type { Pricer } from "./pricer.ts";
import type { StageModel } from "./stage-model.ts";

/** Workloads of a row that are looked at when it must give way. */
const SHORT = 100;
/** Moves of one chain after its best plan: where weight counts, gains come late, when freed rows are filled again. */
const PATIENCE = 25;
const PATIENCE_OF_WEIGHT = 100;
const EPS = 1e-9;

/** Users of each row: workloads that can use it. */
function usersOf(model: StageModel) {
  const { locStart, locRow, flat, capacity } = model;
  const start = new Int32Array(capacity.length + 1);
  for (let i = 0; i < locRow.length; i++) start[locRow[i]! + 1] = start[locRow[i]! + 1]! + 1;
  for (let r = 0; r < capacity.length; r++) start[r + 1] = start[r + 1]! + start[r]!;
  const fill = start.slice();
  const users = new Int32Array(locRow.length);
  for (let m = 0; m < flat.workloads; m++)
    for (let i = locStart[m]!; i < locStart[m + 1]!; i++) {
      users[fill[locRow[i]!]!] = m;
      fill[locRow[i]!] = fill[locRow[i]!]! + 1;
    }
  return { start, users };
}

/**
 * Improves a plan by ejection chains: a workload takes the pattern that it wants at the prices, rows that overflow are relieved by those who
 * lose least for each unit they give back, what is left over is filled; the whole is undone where it was no gain. The measure of what is
 * worth trying is the regret at the prices: plan − bound = Σ regrets + Σ price·slack.
 */
export class LocalSearch {
  readonly plan: Placement;
  private readonly dual: Dual;
  private readonly model: StageModel;
  private readonly columns: Columns;
  private readonly pricer: Pricer;
  private readonly prices: Float64Array;
  private readonly userStart: Int32Array;
  private readonly users: Int32Array;
  private readonly units: Float64Array;
  /** Those who give back most cheaply on a row, and those who take most cheaply. */
  private readonly givers: (Int32Array | undefined)[];
  private readonly takers: (Int32Array | undefined)[];
  /** Chain in which each workload was last moved: nobody moves twice in one. */
  private readonly moved: Int32Array;
  private chains = 0;
  private readonly now: Float64Array;
  private readonly counts: Float64Array;
  private readonly best: Float64Array;
  private readonly limits: Float64Array;
  /** Changes since the last mark: workload and its counts before. */
  private readonly logM: number[] = [];
  private readonly logX: Float64Array[] = [];

  constructor(dual: Dual, plan: Placement, prices: Float64Array) {
    this.plan = plan;
    this.dual = dual;
    this.model = dual.model;
    this.columns = dual.columns;
    this.pricer = dual.pricer;
    this.prices = prices;
    const { start, users } = usersOf(dual.model);
    this.userStart = start;
    this.units = dual.master.units;
    this.patience = dual.tieBreak ? PATIENCE_OF_WEIGHT : PATIENCE;
    this.dead = new Uint8Array(dual.model.capacity.length);
    this.users = users;
    this.givers = new Array(dual.model.capacity.length);
    this.takers = new Array(dual.model.capacity.length);
    this.moved = new Int32Array(dual.model.flat.workloads);
    let widest = 1;
    const { locStart, flat } = dual.model;
    for (let m = 0; m < flat.workloads; m++) widest = Math.max(widest, locStart[m + 1]! - locStart[m]!);
    this.now = new Float64Array(widest);
    this.counts = new Float64Array(flat.widest);
    this.best = new Float64Array(flat.widest);
    this.limits = new Float64Array(flat.widest);
  }

  /** Sets counts of m and remembers those before. */
  private change(m: number, x: Float64Array, at: number): void {
    const { flat } = this.model;
    this.logM.push(m);
    this.logX.push(this.plan.x.slice(flat.first[m]!, flat.first[m + 1]!));
    this.plan.set(m, x, at);
  }

  private commit(): void {
    this.logM.length = 0;
    this.logX.length = 0;
  }

  /** Reduced cost of the plan's counts of m; leaves their uses in `now`. */
  private pricedNow(m: number): number {
    const { columns, model, plan, prices } = this;
    const l0 = model.locStart[m]!;
    let p = columns.evaluate(m, plan.x, model.flat.first[m]!, plan.attainment(m), this.now, 0);
    for (let i = 0; i < model.locStart[m + 1]! - l0; i++) p += prices[model.locRow[l0 + i]!]! * this.now[i]!;
    return p;
  }

  /** Those who can give back (sign 1) or take (−1) most cheaply on row r, cheapest first. */
  private shortlist(r: number, sign: number): Int32Array {
    const lists = sign > 0 ? this.givers : this.takers;
    const known = lists[r];
    if (known) return known;
    const { model, columns, prices } = this;
    const { locStart, locRow } = model;
    const found: { m: number; score: number }[] = [];
    for (let k = this.userStart[r]!; k < this.userStart[r + 1]!; k++) {
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
      if (this.moved[m] === this.chains) continue;
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

  private least = 0;

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
    const gain = units < amount ? units : amount;
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

  private readonly trial = new Float64Array(256);

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

  /**
   * A chain of moves from the plan as it is: overloaded rows are relieved, rows with a price and room are filled, each by whoever it costs
   * least at the prices, until nothing is out of balance or the priced value has risen past `most`. Ends at the best plan on the way that
   * fits (by its objective, below `goal`); false where there was none: then all is as before the log's start.
   */
  private chain(steps: number, most: number, goal: number, everyone: boolean): boolean {
    const { plan, prices, model } = this;
    const rows = plan.used.length;
    let best = goal;
    let mark = -1;
    let since = 0;
    this.dead.fill(0);
    for (let k = 0; k <= steps; k++) {
      let row = -1;
      let worst = 0;
      let sign = 1;
      let balance = plan.objective;
      let fits = true;
      for (let r = 0; r < rows; r++) {
        const over = plan.used[r]! - model.capacity[r]!;
        balance += prices[r]! * over;
        if (plan.over(r)) {
          const value = (prices[r]! + this.units[r]!) * over;
          if (fits || value > worst) {
            row = r;
            worst = value;
            sign = 1;
          }
          fits = false;
        } else if (fits && this.dead[r] === 0 && prices[r]! > 0 && over < -0.5) {
          const value = -prices[r]! * over;
          if (value > worst) {
            row = r;
            worst = value;
            sign = -1;
          }
        }
      }
      if (fits && plan.objective < best - EPS) {
        best = plan.objective;
        mark = this.logM.length;
        since = 0;
      }
      if (row < 0 || k === steps || balance > most || (fits && ++since > this.patience)) break;
      const amount = Math.abs(plan.used[row]! - model.capacity[row]!);
      const force = 0.2 + 0.1 * Math.min(k, 50) + (k > 2000 ? 1e6 : 0);
      const list = this.shortlist(row, sign);
      let who = this.move(row, sign, amount, list, 0, list.length, force);
      if (who < 0 && everyone && sign > 0)
        who = this.move(row, sign, amount, this.users, this.userStart[row]!, this.userStart[row + 1]!, force);
      if (who < 0 || (sign < 0 && this.least * amount > worst)) {
        if (sign > 0) break;
        this.dead[row] = 1;
        continue;
      }
      this.steps++;
      this.change(who, this.best, 0);
      if (!everyone) this.moved[who] = this.chains;
    }
    while (this.logM.length > Math.max(0, mark)) plan.set(this.logM.pop()!, this.logX.pop()!, 0);
    return mark >= 0;
  }

  private readonly dead: Uint8Array;
  private readonly patience: number;

  /** Makes an overloaded plan fit; false where no concession is known. */
  settle(): boolean {
    this.chains++;
    const ok = this.chain(
      200 + 4 * this.model.flat.workloads,
      Number.POSITIVE_INFINITY,
      Number.POSITIVE_INFINITY,
      true,
    );
    this.commit();
    return ok;
  }

  /** Best responses in the room that is left, at a share of the prices; kept where the true objective falls. */
  fill(share: number, out: () => boolean): number {
    const { model, plan, pricer } = this;
    const at = this.prices.map((p, r) => (plan.free(r) > 0.5 ? p * share : p));
    const before = plan.objective;
    for (let m = 0; m < model.flat.workloads; m++) {
      if ((m & 255) === 0 && out()) break;
      if (model.flat.kind[m] === 0) continue;
      plan.limits(m, this.limits);
      if (!(pricer.solve(m, at, 1, this.limits) < Number.POSITIVE_INFINITY)) continue;
      const gain = plan.look(m, pricer.x, 0);
      if (gain < -EPS) plan.set(m, pricer.x, 0);
    }
    return before - plan.objective;
  }

  /** Workloads by what they lose at the prices, most first. */
  private regrets(): { m: number; regret: number }[] {
    const { model, columns, prices } = this;
    const list: { m: number; regret: number }[] = [];
    for (let m = 0; m < model.flat.workloads; m++) {
      const c = columns.cheapest(m, prices);
      if (c < 0) continue;
      const regret = this.pricedNow(m) - columns.priced(m, c, prices);
      if (regret > 1e-7) list.push({ m, regret });
    }
    return list.sort((a, b) => b.regret - a.regret || a.m - b.m);
  }

  /** One pass: every workload that regrets more than `least` tries to take what it wants. Returns the gain. */
  pass(least: number, steps: number, out: () => boolean): number {
    const { pricer, plan, prices } = this;
    const before = plan.objective;
    this.givers.fill(undefined);
    this.takers.fill(undefined);
    for (const { m, regret } of this.regrets()) {
      if (regret < least || out()) break;
      const start = plan.objective;
      this.chains++;
      this.tries++;
      pricer.solve(m, prices);
      this.change(m, pricer.x, 0);
      this.moved[m] = this.chains;
      if (this.chain(steps, start, start, false)) this.wins++;
      this.commit();
    }
    return before - plan.objective;
  }
  steps = 0;
  tries = 0;
  wins = 0;

  /** Workloads around m: those who give or take most cheaply on the rows that its likely patterns use. */
  private around(m: number, most: number): Int32Array {
    const { model, prices } = this;
    const near = new Set<number>([m]);
    const rows: number[] = [];
    for (let i = model.locStart[m]!; i < model.locStart[m + 1]!; i++)
      if (prices[model.locRow[i]!]! > 0) rows.push(model.locRow[i]!);
    for (let k = 0; k < SHORT && near.size < most; k++)
      for (const r of rows) {
        for (const sign of [1, -1]) {
          const who = this.shortlist(r, sign)[k];
          if (who !== undefined && near.size < most) near.add(who);
        }
      }
    return Int32Array.from(near);
  }

  /** Large neighbourhoods: the surroundings of those who regret most are placed anew by a dive of their own. Returns the gain. */
  redive(tries: number, size: number, tau: number, out: () => boolean): number {
    const { plan, model } = this;
    const { flat } = model;
    const before = plan.objective;
    this.givers.fill(undefined);
    this.takers.fill(undefined);
    for (const { m } of this.regrets().slice(0, tries)) {
      if (out()) break;
      const list = this.around(m, size);
      const kept = Array.from(list, (w) => plan.x.slice(flat.first[w]!, flat.first[w + 1]!));
      const start = plan.objective;
      dive(this.dual, list, plan, this.prices, tau);
      this.chains++;
      this.tries++;
      const better = this.chain(200, start, start, false);
      this.commit();
      if (better) this.wins++;
      else for (let i = 0; i < list.length; i++) plan.set(list[i]!, kept[i]!, 0);
    }
    return before - plan.objective;
  }
}
