import { attainmentOf } from "./attainment.ts";
import { type Instance, type RowUse, replicasToServeAll } from "./instance.ts";

/** Nodes of the enumeration before the best plan found so far is taken. */
const NODE_LIMIT = 200_000;

/** Attainments this close are the same; plans further below the goal than three of it cannot be taken for full ones. */
const CLOSE = 1e-9;

/** One variant of the workload in the order of the enumeration. */
interface Choice {
  variant: number;
  gain: number;
  cost: number;
  startCost: number;
  current: number;
  min: number;
  most: number;
  rows: RowUse[];
  /** Least cost of each attained share from here on; 0 where lanes or types allow no such bound. */
  leastRate: number;
  /** Attainment that this choice and those after it can add; Infinity likewise. */
  rest: number;
}

/**
 * The cheapest plan of one workload alone on the whole inventory (pool rows; quotas are left aside): the largest attainment up to a
 * goal, then least cost, then least dominant share. Depth-first with a bound by rates; exact up to the node limit. One object serves
 * all workloads: what is as long as the instance is allocated once.
 */
export class CheapestCover {
  private readonly instance: Instance;
  private readonly x: Float64Array;
  private readonly used: Float64Array;
  private choices: Choice[] = [];
  private m = 0;
  private goal = 0;
  private nodes = 0;
  private bestA = -1;
  private bestCost = 0;
  private bestShare = 0;

  constructor(instance: Instance) {
    this.instance = instance;
    this.x = new Float64Array(instance.variants.length);
    this.used = new Float64Array(instance.rows.length);
  }

  /** The largest share of a pool that the plan holds; 0 where there is none. */
  share(m: number, goal: number): number {
    this.m = m;
    this.goal = goal;
    this.nodes = 0;
    this.bestA = -1;
    this.bestCost = Number.POSITIVE_INFINITY;
    this.bestShare = 0;
    this.choices = this.choicesOf(m);
    this.visit(0, 0, 0);
    return this.bestShare;
  }

  private choicesOf(m: number): Choice[] {
    const { variants, rows, rowsOf, workloads } = this.instance;
    const w = workloads[m]!;
    const plain = w.kind === "plain";
    const choices = w.variants.map((v): Choice => {
      const { gain, cost, startCost, current, min, max } = variants[v]!;
      const most = Math.max(min, Math.min(max, replicasToServeAll(variants[v]!, w.kind)));
      const own = rowsOf[v]!.filter(({ row }) => rows[row]!.pool >= 0);
      return { variant: v, gain, cost, startCost, current, min, most, rows: own, leastRate: 0, rest: Infinity };
    });
    if (!plain) return choices;
    // cheapest attainment first, and what is still to be attained costs at least the best rate that is left
    choices.sort((a, b) => a.cost / a.gain - b.cost / b.gain || a.variant - b.variant);
    let rate = Number.POSITIVE_INFINITY;
    let rest = 0;
    for (const c of choices.reverse()) {
      rate = Math.min(rate, c.cost / c.gain);
      rest += c.most * c.gain;
      c.leastRate = rate;
      c.rest = rest;
    }
    return choices.reverse();
  }

  /** True where a full plan is known and nothing from here on can be one. */
  private hopeless(covered: number, rest: number): boolean {
    return this.bestA >= this.goal - CLOSE && covered + rest < this.goal - 3 * CLOSE;
  }

  private visit(i: number, cost: number, covered: number): void {
    if (++this.nodes > NODE_LIMIT) return;
    const choice = this.choices[i];
    const least = cost + Math.max(0, this.goal - covered) * (choice?.leastRate ?? 0);
    if (this.bestA >= this.goal - CLOSE && least > this.bestCost + CLOSE) return;
    if (!choice) {
      this.leaf(cost);
      return;
    }
    const { variant, gain, min, rows, rest } = choice;
    let { most } = choice;
    // more than is still missing only costs
    if (rest < Infinity) most = Math.min(most, Math.max(min, Math.ceil((this.goal - covered) / gain - CLOSE)));
    for (const { row, coefficient } of rows) {
      const free = this.instance.rows[row]!.capacity - this.used[row]!;
      most = Math.min(most, Math.floor(free / coefficient + 1e-9));
    }
    const after = this.choices[i + 1]?.rest ?? (rest < Infinity ? 0 : Infinity);
    for (let k = most; k >= min && this.nodes <= NODE_LIMIT; k--) {
      if (this.hopeless(covered + k * gain, after)) break;
      this.x[variant] = k;
      for (const { row, coefficient } of rows) this.used[row] = this.used[row]! + k * coefficient;
      const started = choice.startCost * Math.max(0, k - choice.current);
      this.visit(i + 1, cost + k * choice.cost + started, covered + k * gain);
      for (const { row, coefficient } of rows) this.used[row] = this.used[row]! - k * coefficient;
    }
    this.x[variant] = 0;
  }

  private leaf(cost: number): void {
    const a = Math.min(this.goal, attainmentOf(this.instance, this.m, this.x));
    const share = this.dominant();
    const cheaper = cost < this.bestCost - CLOSE || (cost < this.bestCost + CLOSE && share < this.bestShare - 1e-12);
    if (!(a > this.bestA + CLOSE || (a > this.bestA - CLOSE && cheaper))) return;
    this.bestA = a;
    this.bestCost = cost;
    this.bestShare = share;
  }

  private dominant(): number {
    const { pools, variants, workloads } = this.instance;
    let share = 0;
    for (const v of workloads[this.m]!.variants) {
      if (this.x[v] === 0) continue;
      const { pool } = variants[v]!;
      let devices = 0;
      for (const u of workloads[this.m]!.variants)
        if (variants[u]!.pool === pool) devices += this.x[u]! * variants[u]!.size * variants[u]!.members;
      share = Math.max(share, devices / Math.max(1, pools[pool]!.devices));
    }
    return share;
  }
}
