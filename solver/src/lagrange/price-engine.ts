import type { Keep } from "../chain/keep.ts";
import type { Goals } from "../model/goals.ts";
import type { Instance } from "../model/instance.ts";
import { Dual, WARM } from "./dual.ts";
import { type Flat, flatten } from "./flat.ts";
import { alone, type Workshop } from "./parallel/stage-threads.ts";
import { recover } from "./recovery.ts";
import type { StageLimits } from "./stage-limits.ts";
import { OBJECTIVE, type StageGoal, type StageModel, stageModel } from "./stage-model.ts";

/** Of the least weight, what the dearest workload's cost may count for. */
const TIE_SHARE = 0.3;

export interface PricedStage {
  /** Proved lower bound of what the stage minimises. */
  bound: number;
  prices: { row: string; price: number }[];
  /** Plans that keep the rows, best first by the stage's own objective. */
  plans: Float64Array[];
}

/** Multiples of prices in units of weight that are tried as prices in units of cost. */
const SCALES = Array.from({ length: 16 }, (_, i) => 2 ** (i - 3));

/** Starts a dual where multiples of some prices are best. */
function scaleUp(dual: Dual, prices: Float64Array): void {
  let before = Number.NEGATIVE_INFINITY;
  for (const scale of SCALES) {
    const { value } = dual.evaluate(prices.map((p) => scale * p));
    if (value < before) break;
    before = value;
  }
  dual.last.set(dual.prices);
}

/** Share of a stage's time that prices may take: the rest is for plans. */
const DUAL_SHARE = 0.7;

/** The least amount of the objective that a workload decides on, not counting crumbs. */
function leastAmount(model: StageModel): number {
  const amounts: number[] = [];
  for (let i = 0; i < model.stepRow.length; i++) if (model.stepRow[i] === OBJECTIVE) amounts.push(model.stepAmount[i]!);
  for (let i = 0; i < model.slopeRow.length; i++)
    if (model.slopeRow[i] === OBJECTIVE) amounts.push(model.slopeAmount[i]!);
  for (let m = 0; m < model.logRow.length; m++) if (model.logRow[m] === OBJECTIVE) amounts.push(model.logWeight[m]!);
  const mean = amounts.reduce((a, b) => a + b, 0) / Math.max(1, amounts.length);
  return amounts.reduce((least, a) => Math.min(least, Math.max(a, 1e-2 * mean)), mean) || 1;
}

/**
 * The price engine of one solve: keeps prices, patterns and their arrays from stage to stage, since stages change little.
 */
export class PriceEngine {
  readonly flat: Flat;
  private readonly goals: Goals;
  /** Counts of the plan of an earlier round, by variant: the first start of every recovery. */
  private earlier: Float64Array | undefined;
  /** The newest price of each row, by key. */
  readonly rowPrices = new Map<string, number>();
  /** The prices behind the newest bound, by row. */
  private readonly purePrices = new Map<string, number>();
  private last: Dual | undefined;

  private readonly shop: Workshop;

  /** `shop`: the threads that help, none by default. */
  constructor(instance: Instance, goals: Goals, shop = alone()) {
    this.flat = flatten(instance, shop.crew.helped);
    this.goals = goals;
    this.shop = shop;
  }

  /** Takes over prices and counts of an earlier round of a problem that was nearly this one. */
  warmUp(prices: Iterable<readonly [string, number]>, counts: Float64Array): void {
    for (const [row, price] of prices) this.rowPrices.set(row, price);
    this.earlier = counts;
  }

  /** The next stage starts from these prices; rows without one start from none. */
  recall(prices: Iterable<readonly [string, number]>): void {
    for (const key of this.rowPrices.keys()) this.rowPrices.set(key, 0);
    this.purePrices.clear();
    for (const [row, price] of prices) {
      this.rowPrices.set(row, price);
      this.purePrices.set(row, price);
    }
  }

  /** Bound and plans of one stage; undefined where no plan can meet its hard needs by these prices. */
  stage(keep: Keep, goal: StageGoal, incumbent: Float64Array, limits: StageLimits): PricedStage | undefined {
    const tieBreak = goal.cost === 0 && !goal.missing;
    const model = stageModel(this.flat, this.goals, keep, goal);
    if (tieBreak) model.costFactor = this.tieBreaker() * leastAmount(model);
    // a row that was the objective of an earlier stage was worth 1 there
    const known = (key: string, r: number) => this.rowPrices.get(key) ?? (r >= this.flat.rows && this.last ? 1 : 0);
    const start = Float64Array.from(model.keys, (key, r) => (model.priced[r] ? known(key, r) : 0));
    const dual = new Dual(model, start, tieBreak, this.shop, this.last);
    for (let m = 0; m < this.flat.workloads; m++) {
      const at = this.flat.first[m]!;
      // the plan in hand may be from before something that nobody may miss any more
      if (dual.columns.attainment(m, incumbent, at) >= model.hard[m]! - 1e-9) dual.columns.add(m, incumbent, at, start);
    }
    // a stage counts at least what the one before it counted, at prices that proved that
    if (tieBreak && this.last)
      dual.evaluatePure(
        Float64Array.from(model.keys, (key, r) => (model.priced[r] ? (this.purePrices.get(key) ?? 0) : 0)),
      );
    // after rungs that bind, cost is priced in units of its own
    const binds = keep.rungs.some((r) => r.reached > 1e-6);
    const fromWeight = limits.starts === 0 && goal.cost > 0 && this.last?.tieBreak === true && binds;
    if (fromWeight) scaleUp(dual, start);
    const until = limits.remainingMs() * (1 - DUAL_SHARE);
    dual.run(
      (bound) => limits.enough(bound) || limits.remainingMs() < until || limits.out(),
      this.earlier || fromWeight || (this.last && tieBreak) ? WARM : undefined,
    );
    if (dual.infeasible || !Number.isFinite(dual.pureBound)) {
      dual.release();
      return undefined;
    }
    this.last?.release();
    this.last = dual;
    // several rungs at once have prices of their own
    const isSketch = (goal.below?.length ?? 0) > 1;
    const prices: PricedStage["prices"] = [];
    model.keys.forEach((row, r) => {
      this.rowPrices.set(row, dual.prices[r]!);
      if (!isSketch) this.purePrices.set(row, dual.purePrices[r]!);
      if (dual.purePrices[r]! > 0) prices.push({ row, price: dual.purePrices[r]! });
    });
    const seek = limits.starts > 0 && limits.hopeless?.(dual.pureBound) !== true;
    const plans = seek ? recover(dual, incumbent, this.earlier, limits) : [];
    return { bound: dual.pureBound, prices, plans };
  }

  /** Factor of cost where only weight counts: so small that no workload costs as much as the least weight is worth. */
  private tieBreaker(): number {
    if (this.tie > 0) return this.tie;
    const { flat } = this;
    let dearest = 1e-9;
    for (let m = 0; m < flat.workloads; m++) {
      let least = Number.POSITIVE_INFINITY;
      for (let v = flat.first[m]!; v < flat.first[m + 1]!; v++)
        if (flat.gain[v]! > 0) least = Math.min(least, (flat.cost[v]! + flat.startCost[v]!) / flat.gain[v]!);
      if (Number.isFinite(least)) dearest = Math.max(dearest, least);
    }
    this.tie = TIE_SHARE / dearest;
    return this.tie;
  }
  private tie = 0;
}
