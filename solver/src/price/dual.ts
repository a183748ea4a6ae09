import { type Column, Pricing } from "./pricing.ts";
import { SmoothedMaster } from "./smoothed-master.ts";
import type { StageModel } from "./stage-model.ts";

/** Newton steps at the first temperature, when few columns are known and prices would run away, and at later ones. */
const FIRST_STEPS = 4;
const STEPS = 25;
const TEMPERATURES = [0.5, 0.15, 0.05, 0.015, 0.005, 0.0015];
/** Columns kept for each workload. */
const COLUMN_LIMIT = 24;

export interface DualResult {
  /** Proved: no plan of the stage has a smaller objective. */
  bound: number;
  prices: Float64Array;
  columns: Column[][];
  /** Prices of the last restricted optimum: where plans are recovered from. */
  lastPrices: Float64Array;
  infeasible: boolean;
}

/** Lagrangian dual of a stage by column generation over a smoothed master. Bounds are recomputed exactly at every new price. */
export class Dual {
  readonly pricing: Pricing;
  private readonly model: StageModel;
  readonly columns: Column[][];
  private readonly seen: Set<string>[];
  bound = Number.NEGATIVE_INFINITY;
  prices: Float64Array;
  private infeasible = false;
  /** A price of the order that matters, by row. */
  units = new Float64Array(0);

  constructor(model: StageModel, start?: Float64Array, plans: readonly Float64Array[] = []) {
    this.model = model;
    this.pricing = new Pricing(model);
    this.columns = model.instance.workloads.map(() => []);
    this.seen = model.instance.workloads.map(() => new Set());
    this.prices = start ?? new Float64Array(model.capacity.length);
    // the least that each may run: with it, and with what is known, a plan that fits can be put together
    model.instance.workloads.forEach((w, m) => {
      if (model.hard[m] === 0)
        this.add(
          m,
          this.pricing.columnOf(
            m,
            Float64Array.from(w.variants, (v) => model.minReplicas[v]!),
          ),
        );
    });
    for (const x of plans)
      model.instance.workloads.forEach((w, m) => {
        this.add(
          m,
          this.pricing.columnOf(
            m,
            Float64Array.from(w.variants, (v) => x[v]!),
          ),
        );
      });
  }

  private add(m: number, column: Column): boolean {
    const key = column.x.join();
    if (this.seen[m]!.has(key)) return false;
    this.seen[m]!.add(key);
    const own = this.columns[m]!;
    if (own.length >= COLUMN_LIMIT) own.shift();
    own.push(column);
    return true;
  }

  /** Exact dual value at prices; new patterns become columns. */
  evaluate(prices: Float64Array): { value: number; added: number } {
    let value = 0;
    let added = 0;
    prices.forEach((p, r) => {
      value -= p * this.model.capacity[r]!;
    });
    for (let m = 0; m < this.columns.length; m++) {
      const lower = this.pricing.solve(m, prices);
      if (Number.isNaN(lower)) {
        this.infeasible = true;
        return { value: Number.POSITIVE_INFINITY, added };
      }
      value += lower;
      if (this.add(m, this.pricing.column(m))) added++;
    }
    if (value > this.bound) {
      this.bound = value;
      this.prices = prices.slice();
    }
    return { value, added };
  }

  /** `stop(bound)`: true once the bound is good enough. */
  run(stop: (bound: number) => boolean, rounds = 4): DualResult {
    const prices = this.prices.slice();
    this.evaluate(prices);
    // the unit in which a workload chooses: what serving it costs, or the weight that it may lose
    const pick = this.model.costFactor > 0 ? Math.min : Math.max;
    const scale = Float64Array.from(this.columns, (own) =>
      Math.max(1e-6, pick(...own.map((c) => Math.abs(c.objective)))),
    );
    const average = scale.reduce((a, b) => a + b, 0) / scale.length;
    for (let m = 0; m < scale.length; m++) scale[m] = Math.max(scale[m]!, average * 1e-3);
    const master = new SmoothedMaster(this.model.capacity, scale);
    const total = scale.reduce((a, b) => a + b, 0);
    this.units = Float64Array.from(
      this.model.capacity,
      (c) => total / Math.max(1, c) / Math.max(1, this.model.capacity.length),
    );
    master.units = this.units;
    outer: for (const tau of TEMPERATURES)
      for (let round = 0; round < rounds; round++) {
        if (this.infeasible || stop(this.bound)) break outer;
        master.maximise(this.columns, prices, tau, tau === TEMPERATURES[0] ? FIRST_STEPS : STEPS);
        const { added } = this.evaluate(prices);
        if (added <= 0.02 * this.columns.length) break;
      }
    return {
      bound: this.bound,
      prices: this.prices,
      columns: this.columns,
      lastPrices: prices,
      infeasible: this.infeasible,
    };
  }
}
