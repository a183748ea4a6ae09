import type { Column, Pricing } from "./pricing.ts";
import type { StageModel } from "./stage-model.ts";

const SLACK = 1e-9;

/** A plan as one column for each workload, with what the rows carry: changed one workload at a time. */
export class Placement {
  readonly chosen: Column[];
  readonly used: Float64Array;
  objective = 0;
  private readonly model: StageModel;

  constructor(model: StageModel, chosen: Column[]) {
    this.model = model;
    this.chosen = chosen;
    this.used = new Float64Array(model.capacity.length);
    for (const c of chosen) this.count(c, 1);
  }

  private count(c: Column, sign: number): void {
    this.objective += sign * c.objective;
    for (let i = 0; i < c.rows.length; i++) this.used[c.rows[i]!] = this.used[c.rows[i]!]! + sign * c.uses[i]!;
  }

  swap(m: number, column: Column): void {
    this.count(this.chosen[m]!, -1);
    this.chosen[m] = column;
    this.count(column, 1);
  }

  over(r: number): boolean {
    return this.used[r]! > this.model.capacity[r]! + SLACK * Math.max(1, this.model.capacity[r]!);
  }

  feasible(): boolean {
    for (let r = 0; r < this.used.length; r++) if (this.over(r)) return false;
    return true;
  }

  /** True where m may take `column` without overloading a row that it uses more of than now. */
  fits(m: number, column: Column): boolean {
    const now = this.chosen[m]!;
    const less = new Map<number, number>();
    for (let i = 0; i < now.rows.length; i++) less.set(now.rows[i]!, now.uses[i]!);
    for (let i = 0; i < column.rows.length; i++) {
      const r = column.rows[i]!;
      const more = column.uses[i]! - (less.get(r) ?? 0);
      if (more > 0 && this.used[r]! + more > this.model.capacity[r]! + SLACK * Math.max(1, this.model.capacity[r]!))
        return false;
    }
    return true;
  }

  counts(): Float64Array {
    const x = new Float64Array(this.model.instance.variants.length);
    this.model.instance.workloads.forEach((w, m) => {
      w.variants.forEach((v, at) => {
        x[v] = this.chosen[m]!.x[at]!;
      });
    });
    return x;
  }
}

function pricedAt(c: Column, prices: Float64Array): number {
  let p = c.objective;
  for (let i = 0; i < c.rows.length; i++) p += prices[c.rows[i]!]! * c.uses[i]!;
  return p;
}

/** For each workload its cheapest column at the prices. */
function cheapest(columns: Column[][], prices: Float64Array): Column[] {
  return columns.map((own) => {
    let best = own[0]!;
    let least = Number.POSITIVE_INFINITY;
    for (const c of own) {
      const p = pricedAt(c, prices);
      if (p < least) {
        least = p;
        best = c;
      }
    }
    return best;
  });
}

/**
 * Sweeps over the workloads while the price of overload rises: each takes the column that costs least with what the others leave.
 * Ends with a plan that fits, or not (then nothing that is known fits).
 */
function settle(
  plan: Placement,
  columns: Column[][],
  prices: Float64Array,
  model: StageModel,
  units: Float64Array,
): void {
  // the price of overload rises in small steps, so that those leave first who lose least
  for (let force = 0.02; force < 1e7; force *= force < 64 ? 1.2 : 4) {
    for (let m = 0; m < columns.length; m++) {
      const own = columns[m]!;
      if (own.length < 2) continue;
      const now = plan.chosen[m]!;
      if (!now.rows.some((r) => plan.over(r))) continue;
      let best = now;
      let least = pricedAt(now, prices) + overload(plan, now, now, prices, model, units) * force - 1e-12;
      for (const c of own) {
        if (c === now) continue;
        const p = pricedAt(c, prices) + overload(plan, now, c, prices, model, units) * force;
        if (p >= least) continue;
        least = p;
        best = c;
      }
      if (best !== now) plan.swap(m, best);
    }
    if (plan.feasible()) return;
  }
}

function overload(
  plan: Placement,
  now: Column,
  c: Column,
  prices: Float64Array,
  model: StageModel,
  units: Float64Array,
): number {
  let sum = 0;
  for (let i = 0; i < c.rows.length; i++) {
    const r = c.rows[i]!;
    const at = now.rows.indexOf(r);
    const without = plan.used[r]! - (at >= 0 ? now.uses[at]! : 0);
    const excess = without + c.uses[i]! - model.capacity[r]!;
    if (excess > SLACK) sum += Math.min(excess, c.uses[i]!) * (prices[r]! + units[r]!);
  }
  return sum;
}

/** Every workload's best pattern in the room that it and the free capacity have, at a fraction of the prices; kept where better. */
function refine(
  plan: Placement,
  pricing: Pricing,
  prices: Float64Array,
  model: StageModel,
  share: number,
  columns: Column[][],
): number {
  const at = prices.map((p) => p * share);
  let gained = 0;
  for (let m = 0; m < plan.chosen.length; m++) {
    const w = model.instance.workloads[m]!;
    if (w.kind === "idle") continue;
    const now = plan.chosen[m]!;
    const own = new Map<number, number>();
    for (let i = 0; i < now.rows.length; i++) own.set(now.rows[i]!, now.uses[i]!);
    const limits = w.variants.map((v) => {
      let most = Number.POSITIVE_INFINITY;
      for (const { row, coefficient } of model.instance.rowsOf[v]!) {
        const room = model.capacity[row]! - plan.used[row]! + (own.get(row) ?? 0);
        most = Math.min(most, Math.floor(room / coefficient + SLACK));
      }
      return Math.max(0, most - model.minReplicas[v]!);
    });
    if (Number.isNaN(pricing.solve(m, at, 1, limits))) continue;
    const column = pricing.column(m);
    const difference = pricedAt(column, at) - pricedAt(now, at);
    if (difference < -1e-9 * Math.max(1, Math.abs(now.objective)) && plan.fits(m, column)) {
      plan.swap(m, column);
      if (!columns[m]!.some((c) => c.x.every((k, i) => k === column.x[i]))) columns[m]!.push(column);
      gained -= difference;
    }
  }
  return gained;
}

/** Users of each row by their columns: who could give way. */
function usersOf(model: StageModel, columns: Column[][]): number[][] {
  const users: number[][] = Array.from(model.capacity, () => []);
  columns.forEach((own, m) => {
    for (const r of new Set(own.flatMap((c) => [...c.rows]))) users[r]!.push(m);
  });
  return users;
}

/** What n must lose for each unit of row r that it gives back, by its best such column that fits; undefined where it has none. */
function concession(
  plan: Placement,
  own: Column[],
  n: number,
  r: number,
  excess: number,
): { column: Column; loss: number } | undefined {
  const now = plan.chosen[n]!;
  const at = now.rows.indexOf(r);
  if (at < 0) return undefined;
  let best: { column: Column; loss: number } | undefined;
  let score = Number.POSITIVE_INFINITY;
  for (const c of own) {
    const k = c.rows.indexOf(r);
    const freed = now.uses[at]! - (k < 0 ? 0 : c.uses[k]!);
    if (freed <= SLACK) continue;
    const loss = c.objective - now.objective;
    const perUnit = loss / Math.min(freed, excess);
    if (perUnit < score && plan.fits(n, c)) {
      score = perUnit;
      best = { column: c, loss };
    }
  }
  return best;
}

/** Looks at other workloads that all exchanges of one round may take together. */
const EXCHANGE_LOOKS = 400_000;
/** Chains of at most this many workloads give way to one. */
const CHAIN = 4;

/**
 * Exchanges: a workload takes a column that it is better with, and others give way where they lose less than it gains. Undone where
 * the sum is no gain. Returns what was gained.
 */
function exchange(
  plan: Placement,
  model: StageModel,
  columns: Column[][],
  users: number[][],
  out: () => boolean,
): number {
  const before = plan.objective;
  const looks = { left: EXCHANGE_LOOKS };
  for (let m = 0; m < columns.length; m++) {
    if (((m & 63) === 0 && out()) || looks.left <= 0) break;
    const now = plan.chosen[m]!;
    const wishes = columns[m]!.filter((c) => c.objective < now.objective - 1e-9).sort(
      (a, b) => a.objective - b.objective,
    );
    for (const wish of wishes.slice(0, 3)) if (tryExchange(plan, model, columns, users, m, wish, looks)) break;
  }
  return before - plan.objective;
}

function tryExchange(
  plan: Placement,
  model: StageModel,
  columns: Column[][],
  users: number[][],
  m: number,
  wish: Column,
  looks: { left: number },
): boolean {
  const gain = plan.chosen[m]!.objective - wish.objective;
  const undo: [number, Column][] = [[m, plan.chosen[m]!]];
  plan.swap(m, wish);
  let paid = 0;
  for (let k = 0; k <= CHAIN; k++) {
    let r = -1;
    for (const row of wish.rows) if (plan.over(row)) r = row;
    if (r < 0) for (let row = 0; row < plan.used.length && r < 0; row++) if (plan.over(row)) r = row;
    if (r < 0) return true;
    if (k === CHAIN) break;
    const excess = plan.used[r]! - model.capacity[r]!;
    let who = -1;
    let best: { column: Column; loss: number } | undefined;
    let score = Number.POSITIVE_INFINITY;
    looks.left -= users[r]!.length;
    for (const n of users[r]!) {
      if (n === m) continue;
      const c = concession(plan, columns[n]!, n, r, excess);
      if (!c || paid + c.loss >= gain - 1e-9) continue;
      const perUnit = c.loss / Math.min(excess, freedBy(plan.chosen[n]!, c.column, r));
      if (perUnit >= score) continue;
      score = perUnit;
      best = c;
      who = n;
    }
    if (!best) break;
    undo.push([who, plan.chosen[who]!]);
    plan.swap(who, best.column);
    paid += best.loss;
  }
  for (let i = undo.length - 1; i >= 0; i--) plan.swap(undo[i]![0], undo[i]![1]);
  return false;
}

function freedBy(now: Column, next: Column, r: number): number {
  const at = now.rows.indexOf(r);
  const k = next.rows.indexOf(r);
  return (at < 0 ? 0 : now.uses[at]!) - (k < 0 ? 0 : next.uses[k]!);
}

/** A plan from prices: cheapest columns, overload squeezed out. undefined: none was found. */
export function recover(
  model: StageModel,
  columns: Column[][],
  prices: Float64Array,
  units: Float64Array,
): Placement | undefined {
  const plan = new Placement(model, cheapest(columns, prices));
  settle(plan, columns, prices, model, units);
  return plan.feasible() ? plan : undefined;
}

/** Local improvement of a plan that fits: better patterns in the room that is left, and exchanges, until neither helps. */
export function polish(
  model: StageModel,
  pricing: Pricing,
  plan: Placement,
  columns: Column[][],
  prices: Float64Array,
  out: () => boolean,
): void {
  const users = usersOf(model, columns);
  let best = plan.chosen.slice();
  let least = plan.objective;
  for (let round = 0; round < 6 && !out(); round++) {
    for (const share of round === 0 ? [1, 0.7, 0.4, 0.1, 0] : [0.3, 0])
      refine(plan, pricing, prices, model, share, columns);
    exchange(plan, model, columns, users, out);
    const gained = least - plan.objective;
    if (gained > 0) {
      best = plan.chosen.slice();
      least = plan.objective;
    }
    if (gained <= 1e-6 * Math.abs(least)) break;
  }
  best.forEach((column, m) => {
    if (plan.chosen[m] !== column) plan.swap(m, column);
  });
}
