import type { Keep } from "../chain/keep.ts";
import type { Goals } from "../model/goals.ts";
import type { Instance } from "../model/instance.ts";
import { dive, emptyPlacement } from "./dive.ts";
import { Dual, WARM } from "./dual.ts";
import { type Flat, flatten } from "./flat.ts";
import { LocalSearch } from "./local-search.ts";
import { Placement } from "./placement.ts";
import { OBJECTIVE, type StageGoal, type StageModel, stageModel } from "./stage-model.ts";

/** Temperatures from which plans are recovered; later ones are tried where there is time. */
const DIVES = [1e-4, 3e-4, 3e-5, 1e-3, 1e-5, 3e-3];
/** Of the least weight, what the dearest workload's cost may count for. */
const TIE_SHARE = 0.3;
/** Passes of local search without a gain worth telling before the next start. */
const LEAST_GAIN = 2e-6;

export interface PricedStage {
  /** Proved lower bound of what the stage minimises. */
  bound: number;
  prices: { row: string; price: number }[];
  /** Plans that keep the rows, best first by the stage's own objective. */
  plans: Float64Array[];
}

export interface StageLimits {
  /** True once a bound, or a plan against the bound, is good enough. */
  enough(bound: number): boolean;
  /** True where a plan of this loss is as good as the bound allows. */
  met(loss: number, bound: number): boolean;
  out(): boolean;
  /** Milliseconds left to the stage. */
  remainingMs(): number;
  /** Starts of the recovery at most. */
  starts: number;
  /** Told about each better plan or bound: what the stage minimises. */
  progress?(loss: number, bound: number): void;
}

/** True where every workload has its minimum replicas and its hard need. */
function meetsNeeds(plan: Placement): boolean {
  const { flat, min, hard } = plan.model;
  for (let v = 0; v < flat.variants; v++) if (plan.x[v]! < min[v]!) return false;
  for (let m = 0; m < flat.workloads; m++) if (flat.kind[m] !== 0 && plan.attainment(m) < hard[m]! - 1e-9) return false;
  return true;
}

/** Share of a stage's time that prices may take: the rest is for plans. */
const DUAL_SHARE = 0.75;

/** Workloads beyond which stages that count weight are mended briefly. */
const BRIEF_FROM = 2000;
/** Variants up to which a problem is small. */
const SMALL = 100;
/** Starts in a row that found nothing better, before the recovery ends. */
const IDLE_STARTS = 12;

/** A plan this close to the bound is worth mending; a worse one is faster found anew. */
function nearTo(objective: number, bound: number): boolean {
  return objective - bound <= 0.02 * Math.max(1, Math.abs(objective));
}

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
  private last: Dual | undefined;

  constructor(instance: Instance, goals: Goals) {
    this.flat = flatten(instance);
    this.goals = goals;
  }

  /** Takes over prices and counts of an earlier round of a problem that was nearly this one. */
  warmUp(prices: Iterable<readonly [string, number]>, counts: Float64Array): void {
    for (const [row, price] of prices) this.rowPrices.set(row, price);
    this.earlier = counts;
  }

  /** Bound and plans of one stage; undefined where no plan can meet its hard needs by these prices. */
  stage(keep: Keep, goal: StageGoal, incumbent: Float64Array, limits: StageLimits): PricedStage | undefined {
    const tieBreak = goal.cost === 0 && !goal.missing;
    const model = stageModel(this.flat, this.goals, keep, goal);
    if (tieBreak) model.costFactor = this.tieBreaker() * leastAmount(model);
    // a row that was the objective of an earlier stage was worth 1 there
    const known = (key: string, r: number) => this.rowPrices.get(key) ?? (r >= this.flat.rows && this.last ? 1 : 0);
    const start = Float64Array.from(model.keys, (key, r) => (model.priced[r] ? known(key, r) : 0));
    const dual = new Dual(model, start, tieBreak);
    if (this.last) dual.columns.inherit(this.last.columns, start);
    for (let m = 0; m < this.flat.workloads; m++) dual.columns.add(m, incumbent, this.flat.first[m]!, start);
    const until = limits.remainingMs() * (1 - DUAL_SHARE);
    dual.run(
      (bound) => limits.enough(bound) || limits.remainingMs() < until || limits.out(),
      this.earlier || (this.last && tieBreak) ? WARM : undefined,
    );
    if (dual.infeasible || !Number.isFinite(dual.pureBound)) return undefined;
    this.last = dual;
    const prices: PricedStage["prices"] = [];
    model.keys.forEach((row, r) => {
      this.rowPrices.set(row, dual.prices[r]!);
      if (dual.purePrices[r]! > 0) prices.push({ row, price: dual.purePrices[r]! });
    });
    return { bound: dual.pureBound, prices, plans: this.recover(dual, incumbent, limits) };
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

  private recover(dual: Dual, incumbent: Float64Array, limits: StageLimits): Float64Array[] {
    const mine = new Placement(dual.columns);
    mine.load(incumbent);
    let best = mine.feasible() ? mine : undefined;
    const done = () => limits.out() || (best !== undefined && limits.met(best.objective, dual.pureBound));
    if (best && !done() && (dual.tieBreak || nearTo(best.objective, dual.bound)))
      this.polish(dual, new LocalSearch(dual, mine, dual.prices), done);
    if (this.earlier && !done()) {
      const plan = new Placement(dual.columns);
      plan.load(this.earlier);
      const search = new LocalSearch(dual, plan, dual.prices);
      if (plan.feasible() || search.settle()) this.touchUp(dual, search, done);
      if (plan.feasible() && meetsNeeds(plan) && (!best || plan.objective < best.objective - 1e-12)) best = plan;
      // what runs is kept where a plan from scratch would be no better than the open gap
      if (best && nearTo(best.objective, dual.bound)) return [best.x];
    }
    // small problems are searched exactly afterwards: a start is enough
    const starts = this.flat.variants <= SMALL ? 1 : limits.starts;
    let idle = 0;
    // prices that were paid for give at least one plan, also where they took all the time
    const first = () => best === undefined || !nearTo(best.objective, dual.bound);
    for (let k = 0; k < starts && idle < IDLE_STARTS && (!done() || (k === 0 && first())); k++) {
      const plan = dive(dual, dual.all, emptyPlacement(dual), dual.prices, DIVES[k % DIVES.length]!);
      const search = new LocalSearch(dual, plan, dual.prices);
      const settled = search.settle();
      idle++;
      if (!settled) continue;
      this.polish(dual, search, () => limits.out() || limits.met(plan.objective, dual.pureBound));
      if (!best || plan.objective < best.objective - 1e-12) {
        best = plan;
        idle = 0;
      }
      limits.progress?.(best.objective, dual.pureBound);
    }
    return best ? [best.x] : [];
  }

  /** A plan of an earlier round only has to follow what changed. */
  private touchUp(dual: Dual, search: LocalSearch, done: () => boolean): void {
    for (const share of [0.3, 0]) if (!done()) search.fill(share, done);
    const least = LEAST_GAIN * Math.max(1e-9, Math.abs(dual.bound));
    for (let k = 0; k < 3 && !done(); k++) if (search.pass(5 * least, 200, done) < 20 * least) break;
  }

  private polish(dual: Dual, search: LocalSearch, done: () => boolean): void {
    // many stages follow one that counts weight: what it leaves, they find
    const brief = dual.tieBreak && this.flat.workloads > BRIEF_FROM;
    for (const share of brief ? [0.3, 0] : [1, 0.3, 0]) if (!done()) search.fill(share, done);
    const least = LEAST_GAIN * Math.max(1e-9, Math.abs(dual.bound));
    for (let k = 0; k < (brief ? 2 : 8) && !done(); k++) if (search.pass(least, 200, done) < 3 * least) break;
    if (!done() && !brief && this.flat.variants > SMALL) search.redive(60, 100, 1e-3, done);
  }
}
