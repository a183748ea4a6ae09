import type { Columns } from "./columns.ts";
import { Master } from "./master.ts";
import { alone, StageThreads, type Workshop } from "./parallel/stage-threads.ts";
import type { Pricer } from "./pricer.ts";
import { type Sample, sampleOf } from "./sample.ts";
import type { StageModel } from "./stage-model.ts";

/** Falling temperatures, in the unit in which each workload chooses. */
const TEMPERATURES = [1, 0.2, 0.04, 0.008, 0.0016, 0.0003, 0.00006];
/** From prices that are near: an earlier stage of the same class, or the same stage of a problem that changed a little. */
export const WARM = [0.008, 0.0016, 0.0003, 0.00006];
/** Temperatures that a sample of the workloads goes through first, where there are many: its prices are near. */
const SAMPLED = [1, 0.2, 0.04, 0.008, 0.0016];

/** Temperature from which bounds without the tie-breaking cost are worth their time. */
const PURE_FROM = 0.01;
/** Share of the workloads that found a new pattern below which a temperature is done. */
const FEW_NEW = 0.005;

/** Lagrangian dual of a stage by column generation over a smoothed master. Bounds are recomputed exactly at every new price. */
export class Dual {
  readonly model: StageModel;
  readonly pricer: Pricer;
  readonly columns: Columns;
  readonly master: Master;
  bound = Number.NEGATIVE_INFINITY;
  /** Prices of the best bound. */
  prices: Float64Array;
  /** Prices of the last restricted optimum. */
  last: Float64Array;
  infeasible = false;
  all: Int32Array;
  /** Bound of the stage without the cost that only breaks ties, with its prices; the same as `bound` where there is none. */
  pureBound = Number.NEGATIVE_INFINITY;
  purePrices: Float64Array;
  readonly tieBreak: boolean;
  private readonly threads: StageThreads;

  /**
   * `tieBreak`: cost is there only to break ties, bounds are to be without it. `shop`: threads that help; `before`: the stage of the same
   * instance whose patterns are taken over.
   */
  constructor(model: StageModel, start?: Float64Array, tieBreak = false, shop: Workshop = alone(), before?: Dual) {
    this.model = model;
    this.tieBreak = tieBreak;
    this.threads = new StageThreads(model, shop, before?.threads);
    this.pricer = this.threads.work.pricer;
    this.columns = this.threads.work.columns;
    this.master = new Master(this.threads, model.capacity);
    this.prices = start ? start.slice() : new Float64Array(model.capacity.length);
    this.last = this.prices.slice();
    this.purePrices = this.prices;
    this.all = Int32Array.from({ length: model.flat.workloads }, (_, m) => m);
    const { flat } = model;
    for (let m = 0; m < flat.workloads; m++)
      if (model.hard[m] === 0) this.columns.add(m, model.min, flat.first[m]!, this.prices);
    if (before) this.threads.visit("inherit", this.all, this.prices);
  }

  /** Nobody looks at the columns any more. */
  release(): void {
    this.threads.release();
  }

  /** Exact dual value at prices; new patterns become columns. */
  evaluate(prices: Float64Array): { value: number; added: number } {
    const { value, added } = this.passOver("price", this.all, prices);
    if (value === Number.POSITIVE_INFINITY) {
      this.infeasible = true;
      return { value, added };
    }
    if (value > this.bound) {
      this.bound = value;
      this.prices = prices.slice();
    }
    if (!this.tieBreak && this.bound > this.pureBound) {
      this.pureBound = this.bound;
      this.purePrices = this.prices;
    }
    return { value, added };
  }

  /** The bound without the cost that breaks ties, at prices. */
  evaluatePure(prices: Float64Array): void {
    if (!this.tieBreak) return;
    const { value } = this.passOver("pure", this.all, prices);
    if (value <= this.pureBound) return;
    this.pureBound = value;
    this.purePrices = prices.slice();
  }

  /** Solves the subproblems of a list at prices: dual value as far as they go, and how many found a new pattern. */
  private passOver(kernel: "price" | "pure", list: Int32Array, prices: Float64Array) {
    const { capacity } = this.model;
    this.threads.visit(kernel, list, prices);
    const { lower, added: isNew } = this.threads.work.pass;
    let value = 0;
    let added = 0;
    for (let r = 0; r < prices.length; r++) value -= prices[r]! * capacity[r]!;
    for (let i = 0; i < list.length; i++) {
      value += lower[i]!;
      added += isNew[i]!;
    }
    return { value, added };
  }

  /** The unit in which each workload chooses: what it pays at the prices, all in all; at least a small share of the mean. */
  private rescale(list: Int32Array, prices: Float64Array): void {
    const { model, threads } = this;
    const { scale, standsFor } = threads.work.selection.store;
    threads.visit("rescale", list, prices);
    let total = 0;
    let count = 0;
    for (const m of list) {
      total += standsFor[m]! * scale[m]!;
      count += standsFor[m]!;
    }
    const least = Math.max(1e-9, ((model.costFactor > 0 ? 1e-3 : 1e-2) * total) / Math.max(1, count));
    for (const m of list) if (scale[m]! < least) scale[m] = least;
    const rows = Math.max(1, model.capacity.length);
    for (let r = 0; r < model.capacity.length; r++)
      this.master.units[r] = total / Math.max(1, model.capacity[r]!) / rows + 1e-12;
  }

  /** `stop(bound)`: true once the bound is good enough. */
  run(stop: (bound: number) => boolean, temperatures: readonly number[] = TEMPERATURES, rounds = 3, steps = 12): void {
    const { last: prices } = this;
    const sample = temperatures === TEMPERATURES ? sampleOf(this.model) : undefined;
    if (sample) this.descend(sample, prices, stop, rounds, steps);
    if (this.infeasible) return;
    this.evaluate(prices);
    if (this.infeasible) return;
    for (const [i, tau] of (sample ? WARM.slice(1) : temperatures).entries()) {
      this.rescale(this.all, prices);
      for (let round = 0; round < rounds; round++) {
        if (this.infeasible || stop(this.pureBound)) return;
        this.master.ascend(this.all, prices, tau, i === 0 && !sample ? 6 : steps, 0);
        const { added } = this.evaluate(prices);
        if (tau <= PURE_FROM) this.evaluatePure(prices);
        if (added <= FEW_NEW * this.all.length) break;
      }
    }
  }

  /** The first temperatures on a sample, from the prices given to its own; all workloads get the patterns that they want on the way. */
  private descend(
    { list, standsFor }: Sample,
    prices: Float64Array,
    stop: (bound: number) => boolean,
    rounds: number,
    steps: number,
  ): void {
    const { threads, master } = this;
    const { store } = threads.work.selection;
    const price = () => {
      const { value, added } = this.passOver("price", list, prices);
      if (value === Number.POSITIVE_INFINITY) this.infeasible = true;
      return added;
    };
    const path: Float64Array[] = [];
    price();
    store.standsFor.set(standsFor);
    for (const tau of SAMPLED) {
      this.rescale(list, prices);
      for (let round = 0; round < rounds && !this.infeasible; round++) {
        if (stop(this.pureBound)) break;
        master.ascend(list, prices, tau, steps, 0);
        if (price() <= FEW_NEW * list.length) break;
      }
      path.push(prices.slice());
    }
    store.standsFor.fill(1);
    // the last prices are where the caller goes on
    for (const known of [path[1]!, path[3]!]) if (!this.infeasible && !stop(this.pureBound)) this.evaluate(known);
  }
}
