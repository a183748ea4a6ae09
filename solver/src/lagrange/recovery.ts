import { dive, emptyPlacement } from "./dive.ts";
import type { Dual } from "./dual.ts";
import { LocalSearch } from "./local-search.ts";
import { Placement } from "./placement.ts";
import type { StageLimits } from "./stage-limits.ts";

/** Temperatures from which plans are recovered; later ones are tried where there is time. */
const DIVES = [1e-4, 3e-4, 3e-5, 1e-3, 1e-5, 3e-3];
/** By what temperatures rise once all have been tried. */
const WARMER = 1.4;
/** Passes of local search without a gain worth telling before the next start. */
const LEAST_GAIN = 2e-6;

/** True where every workload has its minimum replicas and its hard need. */
function meetsNeeds(plan: Placement): boolean {
  const { flat, min, hard } = plan.model;
  for (let v = 0; v < flat.variants; v++) if (plan.x[v]! < min[v]!) return false;
  for (let m = 0; m < flat.workloads; m++) if (flat.kind[m] !== 0 && plan.attainment(m) < hard[m]! - 1e-9) return false;
  return true;
}

/** Variants up to which a problem is small. */
const SMALL = 100;
/** Starts in a row that found nothing better, before the recovery ends. */
const IDLE_STARTS = 24;

/** A plan this close to the bound is worth mending; a worse one is faster found anew. */
function nearTo(objective: number, bound: number): boolean {
  return objective - bound <= 0.02 * Math.max(1, Math.abs(objective));
}

/** Of the time for the recovery, what the repair of its first plan may take beyond it. */
const LATE = 0.4;
/** Passes of chains over one plan at most. */
const PASSES = 8;
/** Workloads beyond which stages that count weight are mended briefly: what one leaves open, a later one may find. */
const BRIEF_FROM = 2000;
/** Moves of a repair then, before force is used. */
const BRIEF_REPAIR = 800;
/** Moves of the chains of one pass then. */
const BRIEF_MOVES = 4000;
/** Of the open weight, what a pass has to gain for another one to follow. */
const WORTH_A_PASS = 0.05;
/** Large neighbourhoods in one go, and their workloads and temperatures: each go others, or the same would be found again. */
const NEIGHBOURHOODS = 60;
const NEIGHBOURS = [100, 60, 150];
const NEIGHBOUR_TAUS = [1e-3, 3e-3, 3e-4, 1e-2];

/** Plans of a stage from its prices, best first. `earlier`: counts of the plan of an earlier round. */
export function recover(
  dual: Dual,
  incumbent: Float64Array,
  earlier: Float64Array | undefined,
  limits: StageLimits,
): Float64Array[] {
  return new Recovery(dual, limits).run(incumbent, earlier);
}

/** One recovery: the best plan so far and when it is good enough. */
class Recovery {
  private readonly dual: Dual;
  private readonly limits: StageLimits;
  private readonly small: boolean;
  /** True where weight counts or earlier stages are kept: dives seldom fit there, so each plan has its neighbourhoods. */
  private readonly kept: boolean;
  /** Time that there was when the recovery began. */
  private readonly recoveryMs: number;
  private best: Placement | undefined;

  constructor(dual: Dual, limits: StageLimits) {
    this.dual = dual;
    this.limits = limits;
    this.kept = dual.tieBreak || dual.model.keys.length > dual.model.flat.rows;
    this.recoveryMs = Math.max(0, limits.remainingMs());
    // small problems are searched exactly afterwards: a start is enough
    this.small = dual.model.flat.variants <= SMALL;
  }

  run(incumbent: Float64Array, earlier: Float64Array | undefined): Float64Array[] {
    const { dual, limits } = this;
    const mine = new Placement(dual.columns);
    mine.load(incumbent);
    if (mine.feasible() && meetsNeeds(mine)) this.best = mine;
    // where only weight counts, a dive is mostly better than what was planned before, and quicker than mending it
    if (!dual.tieBreak && this.close()) this.polish(mine);
    if (earlier && !this.done()) {
      this.follow(earlier);
      // what runs is kept where a plan from scratch would be no better than the open gap
      if (this.best && this.close()) return [this.best.x];
    }
    const starts = this.small ? 1 : limits.starts;
    let idle = 0;
    // prices that were paid for give at least one plan, also where they took all the time; of many stages alike the plan in hand stands
    const owed = !limits.brief || !this.best;
    let mended = !dual.tieBreak && this.close();
    // between kept rungs that bind a dive seldom fits
    if (limits.brief && this.best && !this.done()) {
      this.polish(mine);
      mended = true;
    }
    for (let k = 0; k < starts && idle < IDLE_STARTS && (!this.done() || (k === 0 && owed && !this.close())); k++) {
      idle = this.step(k) ? 0 : idle + 1;
      if (this.best === mine && !mended && !this.done()) {
        this.polish(mine);
        mended = true;
      }
      if (this.best) limits.progress?.(this.loss(this.best), dual.pureBound);
    }
    // out of time before anything was found: what fits beside the plan in hand takes next to none
    if (dual.tieBreak && this.best === mine && !mended && !this.met(mine))
      new LocalSearch(dual, mine, dual.prices).fill(0, () => false);
    return this.best ? [this.best.x] : [];
  }

  /** Where cost counts: all temperatures first, then by turns the neighbourhoods of the best plan and warmer starts. */
  private step(k: number): boolean {
    const first = DIVES.length;
    if (k < first || this.small || this.kept || !this.best) return this.start(k);
    const turn = k - first;
    return turn % 2 === 0 ? this.around(this.best, turn / 2) : this.start(first + (turn - 1) / 2);
  }

  /** Betters a plan by large neighbourhoods; true where that gained. */
  private around(plan: Placement, turn: number): boolean {
    const { dual } = this;
    const search = new LocalSearch(dual, plan, dual.prices);
    const done = () => this.done();
    const size = NEIGHBOURS[turn % NEIGHBOURS.length]!;
    const least = LEAST_GAIN * Math.max(1e-9, Math.abs(dual.bound));
    let gain = search.redive(NEIGHBOURHOODS, size, NEIGHBOUR_TAUS[turn % NEIGHBOUR_TAUS.length]!, done);
    if (gain > 0 && !done()) gain += search.pass(least, 200, done);
    return gain > least;
  }

  /** A dive, made to fit and polished; true where it is the best plan so far. */
  private start(k: number): boolean {
    const { dual } = this;
    // the same temperature again would find the same plan again
    const tau = (k === 0 && this.limits.dive) || DIVES[k % DIVES.length]! * WARMER ** Math.floor(k / DIVES.length);
    const plan = dive(dual, dual.all, emptyPlacement(dual), dual.prices, tau);
    const search = new LocalSearch(dual, plan, dual.prices);
    const out = () => this.limits.out();
    const isLarge = dual.model.flat.workloads > BRIEF_FROM;
    const isFit = dual.tieBreak
      ? search.settle(out, isLarge ? BRIEF_REPAIR : undefined) || search.relieve()
      : this.madeToFit(search);
    if (!isFit || !meetsNeeds(plan)) return false;
    this.polish(plan);
    if (!this.better(plan)) return false;
    this.best = plan;
    return true;
  }

  /**
   * Where cost counts, force loses too much, but a plan that loses some is better than one that is far off. The only plan there is may take a
   * little longer than there is time for, and what it lost is filled again.
   */
  private madeToFit(search: LocalSearch): boolean {
    const { limits } = this;
    if (this.close()) return search.settle(() => limits.out());
    const late = -LATE * this.recoveryMs;
    // out with time left: the caller wants no more of it
    if (search.settle(() => limits.remainingMs() < late || (limits.out() && limits.remainingMs() > 0))) return true;
    if (!search.relieve()) return false;
    if (limits.out()) for (const share of [1, 0.3]) search.fill(share, () => false);
    return true;
  }

  /** What a plan loses in the stage itself: cost that only breaks ties left out. */
  private loss(plan: Placement): number {
    return this.dual.tieBreak ? plan.objective - plan.spend : plan.objective;
  }

  private better(plan: Placement): boolean {
    return !this.best || plan.objective < this.best.objective - 1e-12;
  }

  private met(plan: Placement): boolean {
    const { limits, dual } = this;
    const loss = this.loss(plan);
    return limits.met(loss, dual.pureBound) || limits.near?.(loss, dual.pureBound) === true;
  }

  private done(): boolean {
    return this.limits.out() || (this.best !== undefined && this.met(this.best));
  }

  private close(): boolean {
    return this.best !== undefined && nearTo(this.best.objective, this.dual.bound);
  }

  /** A plan of an earlier round only has to follow what changed. */
  private follow(earlier: Float64Array): void {
    const { dual } = this;
    const plan = new Placement(dual.columns);
    plan.load(earlier);
    const search = new LocalSearch(dual, plan, dual.prices);
    const done = () => this.done();
    if (plan.feasible() || search.settle()) {
      for (const share of [0.3, 0]) if (!done()) search.fill(share, done);
      const least = LEAST_GAIN * Math.max(1e-9, Math.abs(dual.bound));
      for (let k = 0; k < 3 && !done(); k++) if (search.pass(5 * least, 200, done) < 20 * least) break;
    }
    if (plan.feasible() && meetsNeeds(plan) && this.better(plan)) this.best = plan;
  }

  private polish(plan: Placement): void {
    const { dual } = this;
    const search = new LocalSearch(dual, plan, dual.prices);
    const done = () => this.limits.out() || this.met(plan);
    const weight = dual.tieBreak;
    const brief = weight && (this.limits.brief === true || dual.model.flat.workloads > BRIEF_FROM);
    for (const share of weight ? [0.3, 0] : [1, 0.3, 0]) if (!done()) search.fill(share, done);
    const least = LEAST_GAIN * Math.max(1e-9, Math.abs(dual.bound));
    for (let k = 0; k < PASSES && !done(); k++) {
      const open = this.loss(plan) - dual.pureBound;
      const gain = search.pass(least, 200, done, brief ? BRIEF_MOVES : Number.POSITIVE_INFINITY);
      if (gain < (weight ? WORTH_A_PASS * open : 3 * least)) break;
    }
    if (this.kept && !done() && !this.small && !brief)
      search.redive(weight ? NEIGHBOURHOODS / 4 : NEIGHBOURHOODS, NEIGHBOURS[0]!, 1e-3, done);
  }
}
