import { COLUMNS, Columns } from "./columns.ts";
import { Master } from "./master.ts";
import { Pricer } from "./pricer.ts";
import type { StageModel } from "./stage-model.ts";

/** Falling temperatures, in the unit in which each workload chooses. */
const TEMPERATURES = [1, 0.2, 0.04, 0.008, 0.0016, 0.0003, 0.00006];
/** From prices that are near: an earlier stage of the same class, or the same stage of a problem that changed a little. */
export const WARM = [0.008, 0.0016, 0.0003, 0.00006];

/** Temperature from which bounds without the tie-breaking cost are worth their time. */
const PURE_FROM = 0.01;

/** Of the replicas that a workload may miss while minima are settled (nothing costs then), what counts as its unit. */
const WEIGHT_SHARE = 0.3;

/** Lagrangian dual of a stage by column generation over a smoothed master. Bounds are recomputed exactly at every new price. */
export class Dual {
  readonly model: StageModel;
  readonly pricer: Pricer;
  readonly columns: Columns;
  master!: Master;
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
  private readonly pure: Pricer | undefined;

  /** `tieBreak`: cost is there only to break ties, bounds are to be without it. */
  constructor(model: StageModel, start?: Float64Array, tieBreak = false) {
    this.model = model;
    this.tieBreak = tieBreak;
    this.pure = tieBreak ? new Pricer({ ...model, costFactor: 0 }) : undefined;
    this.pricer = new Pricer(model);
    this.columns = new Columns(model);
    this.prices = start ? start.slice() : new Float64Array(model.capacity.length);
    this.last = this.prices.slice();
    this.purePrices = this.prices;
    this.all = Int32Array.from({ length: model.flat.workloads }, (_, m) => m);
    const { flat } = model;
    for (let m = 0; m < flat.workloads; m++)
      if (model.hard[m] === 0) this.columns.add(m, model.min, flat.first[m]!, this.prices);
  }

  /** Exact dual value at prices; new patterns become columns. */
  evaluate(prices: Float64Array): { value: number; added: number } {
    const { model, pricer, columns } = this;
    let value = 0;
    let added = 0;
    for (let r = 0; r < prices.length; r++) value -= prices[r]! * model.capacity[r]!;
    for (let m = 0; m < model.flat.workloads; m++) {
      if (!(pricer.solve(m, prices) < Number.POSITIVE_INFINITY)) {
        this.infeasible = true;
        return { value: Number.POSITIVE_INFINITY, added };
      }
      value += pricer.lower;
      if (columns.add(m, pricer.x, 0, prices)) added++;
    }
    if (value > this.bound) {
      this.bound = value;
      this.prices = prices.slice();
    }
    if (!this.pure && this.bound > this.pureBound) {
      this.pureBound = this.bound;
      this.purePrices = this.prices;
    }
    return { value, added };
  }

  /** The bound without the cost that breaks ties. */
  private evaluatePure(prices: Float64Array): void {
    const { model, pure } = this;
    if (!pure) return;
    let value = 0;
    for (let r = 0; r < prices.length; r++) value -= prices[r]! * model.capacity[r]!;
    for (let m = 0; m < model.flat.workloads; m++) {
      pure.solve(m, prices);
      value += pure.lower;
    }
    if (value <= this.pureBound) return;
    this.pureBound = value;
    this.purePrices = prices.slice();
  }

  /** The unit in which each workload chooses: what it pays at the prices, all in all; for floors at least a share of what it may miss. */
  private rescale(prices: Float64Array): void {
    const { columns, model } = this;
    const { scale, units } = this.master;
    const w = model.flat.workloads;
    let total = 0;
    for (let m = 0; m < w; m++) {
      const c = columns.cheapest(m, prices);
      scale[m] = c < 0 ? 0 : Math.abs(columns.priced(m, c, prices));
      if (model.costFactor === 0)
        for (let k = 0; k < columns.count[m]!; k++)
          scale[m] = Math.max(scale[m]!, WEIGHT_SHARE * columns.objective[m * COLUMNS + k]!);
      total += scale[m]!;
    }
    const least = Math.max(1e-9, ((model.costFactor > 0 ? 1e-3 : 1e-2) * total) / Math.max(1, w));
    for (let m = 0; m < w; m++) if (scale[m]! < least) scale[m] = least;
    const rows = Math.max(1, model.capacity.length);
    model.capacity.forEach((c, r) => {
      units[r] = total / Math.max(1, c) / rows + 1e-12;
    });
  }

  /** `stop(bound)`: true once the bound is good enough. */
  run(stop: (bound: number) => boolean, temperatures: readonly number[] = TEMPERATURES, rounds = 3, steps = 12): void {
    const { last: prices } = this;
    this.evaluate(prices);
    if (this.infeasible) return;
    const floats = (n: number) => new Float64Array(n);
    const rows = this.model.capacity.length;
    this.master = new Master(this.columns, floats(this.model.flat.workloads), floats(rows), this.model.capacity);
    for (const [i, tau] of temperatures.entries()) {
      this.rescale(prices);
      for (let round = 0; round < rounds; round++) {
        if (this.infeasible || stop(this.pureBound)) return;
        this.master.ascend(this.all, prices, tau, i === 0 ? 6 : steps, 0);
        const { added } = this.evaluate(prices);
        if (tau <= PURE_FROM) this.evaluatePure(prices);
        if (added <= 0.005 * this.all.length) break;
      }
    }
  }
}
