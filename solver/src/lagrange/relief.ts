import type { Dual } from "./dual.ts";
import type { Placement } from "./placement.ts";
import type { Pricer } from "./pricer.ts";
import { usersOf } from "./row-users.ts";
import type { StageModel } from "./stage-model.ts";

/** Rounds over all overloaded rows at most: every other one may overload rows that have room for more, by those who must stay. */
const ROUNDS = 4;
/** By what share of its price a row gets dearer with each round in which it is overloaded. */
const RISE = 0.5;

/**
 * Relieves an overloaded plan: whoever loses least at the prices for each unit that he gives back takes the best that the room left allows, down
 * to his need. Where needs keep all from that, they move to rows that were not overloaded, where the next round finds others to give way. Far
 * quicker than chains where hundreds of units are too many, and coarser.
 */
export class Relief {
  private readonly model: StageModel;
  private readonly plan: Placement;
  private readonly pricer: Pricer;
  private readonly prices: Float64Array;
  private readonly limits: Float64Array;
  private isOpen = false;

  constructor(dual: Dual, plan: Placement, prices: Float64Array) {
    this.model = dual.model;
    this.plan = plan;
    this.pricer = dual.pricer;
    this.prices = prices.map((p, r) => p + dual.master.units[r]!);
    this.limits = new Float64Array(dual.model.flat.widest);
  }

  /** True where no capacity row is overloaded any more. */
  run(): boolean {
    const { model, plan, prices } = this;
    const { start, users } = usersOf(model);
    let over = this.overloaded();
    for (let round = 0; round < ROUNDS && over.length > 0; round++) {
      this.isOpen = round % 2 === 1;
      for (const r of over)
        for (const m of this.givers(r, users.subarray(start[r]!, start[r + 1]!))) {
          if (!plan.over(r)) break;
          if (this.answer(m, r) > 0) plan.set(m, this.pricer.x, 0);
        }
      over = this.overloaded();
      for (const r of over) prices[r] = prices[r]! * (1 + RISE);
    }
    return over.length === 0;
  }

  /** Overloaded capacity rows, those that are worth most first. */
  private overloaded(): number[] {
    const { model, plan, prices } = this;
    const found: { r: number; worth: number }[] = [];
    for (let r = 0; r < model.flat.rows; r++) if (plan.over(r)) found.push({ r, worth: -prices[r]! * plan.free(r) });
    return found.sort((a, b) => b.worth - a.worth || a.r - b.r).map(({ r }) => r);
  }

  /** What m gives back of row r by the best that it may take (in the pricer); 0 where that cannot be. */
  private answer(m: number, r: number): number {
    const { plan, pricer, prices, limits } = this;
    const { flat } = this.model;
    const v0 = flat.first[m]!;
    plan.limits(m, limits);
    if (this.isOpen)
      for (let v = v0; v < flat.first[m + 1]!; v++) if (!this.touchesOver(v)) limits[v - v0] = flat.most[v]!;
    if (!(pricer.solve(m, prices, 1, limits) < Number.POSITIVE_INFINITY)) return 0;
    let units = 0;
    for (let v = v0; v < flat.first[m + 1]!; v++) {
      const fewer = plan.x[v]! - pricer.x[v - v0]!;
      for (let u = flat.useStart[v]!; u < flat.useStart[v + 1]!; u++)
        if (flat.useRow[u] === r) units += flat.useAmount[u]! * fewer;
    }
    return units;
  }

  private touchesOver(v: number): boolean {
    const { flat } = this.model;
    for (let u = flat.useStart[v]!; u < flat.useStart[v + 1]!; u++) if (this.plan.over(flat.useRow[u]!)) return true;
    return false;
  }

  /** Users of row r that can give back, by what each unit costs them at the prices. */
  private givers(r: number, users: Int32Array): number[] {
    const list: { m: number; worth: number }[] = [];
    for (const m of users) {
      if (this.plan.useOf(m, r) <= 0) continue;
      const units = this.answer(m, r);
      if (units > 0) list.push({ m, worth: (this.pricer.value - this.plan.pricedAt(m, this.prices)) / units });
    }
    return list.sort((a, b) => a.worth - b.worth || a.m - b.m).map(({ m }) => m);
  }
}
