import { Cover, type Item } from "./cover.ts";
import type { StageModel } from "./stage-model.ts";

/** A pattern of one workload: its replicas, its own objective, and what it uses of the rows. */
export interface Column {
  x: Float64Array;
  objective: number;
  rows: Int32Array;
  uses: Float64Array;
}

/** Exact subproblems at prices: for one workload the best pattern, and a proved lower bound of its priced objective. */
export class Pricing {
  readonly model: StageModel;
  private readonly cover = new Cover();
  private readonly best: Float64Array;
  private readonly trial: Float64Array;
  /** Attainment of the minimum replicas. */
  private readonly base: Float64Array;

  constructor(model: StageModel) {
    this.model = model;
    const widest = Math.max(1, ...model.instance.workloads.map((w) => w.variants.length));
    this.best = new Float64Array(widest);
    this.trial = new Float64Array(widest);
    this.base = Float64Array.from(model.instance.workloads, (w) =>
      w.variants.reduce((s, v) => s + model.instance.variants[v]!.gain * model.minReplicas[v]!, 0),
    );
  }

  private items(m: number, prices: Float64Array, scale: number): Item[] {
    const { instance, minReplicas, costFactor } = this.model;
    return instance.workloads[m]!.variants.map((v, at) => {
      const variant = instance.variants[v]!;
      let price = costFactor * scale * variant.cost;
      for (const { row, coefficient } of instance.rowsOf[v]!) price += prices[row]! * coefficient;
      const min = minReplicas[v]!;
      const start = costFactor * scale * variant.startCost;
      return {
        gain: variant.gain,
        price,
        start,
        warm: Math.max(0, variant.current - min),
        most: variant.useful - min,
        at,
      };
    });
  }

  /**
   * Minimises objective + Σ price·use over the patterns of workload m. `limits`: at most this many replicas above the minimum (by
   * position). Returns the proved lower bound; `column()` then gives the pattern. NaN where the hard need cannot be met.
   */
  solve(m: number, prices: Float64Array, scale = 1, limits?: ArrayLike<number>): number {
    const { model } = this;
    const w = model.instance.workloads[m]!;
    const items = this.items(m, prices, scale);
    if (limits) for (const item of items) item.most = Math.min(item.most, limits[item.at]!);
    let fixed = 0;
    for (const item of items) {
      const v = w.variants[item.at]!;
      const min = model.minReplicas[v]!;
      fixed += item.price * min + item.start * Math.max(0, min - model.instance.variants[v]!.current);
      this.best[item.at] = 0;
    }
    if (w.kind === "idle") return fixed;
    let slope = scale * model.linear[m]!;
    for (const u of model.linearUses[m]!) slope += prices[u.row]! * u.amount;
    const steps = model.steps[m]!;
    const paid = steps.map((s) => s.uses.reduce((sum, u) => sum + prices[u.row]! * u.amount, scale * s.objective));
    let above = paid.reduce((a, b) => a + b, 0);
    let need = model.hard[m]!;
    const base = this.base[m]!;
    this.cover.prepare(items, slope);
    let value = Number.POSITIVE_INFINITY;
    let lower = Number.POSITIVE_INFINITY;
    for (let k = -1; k < steps.length; k++) {
      if (k >= 0) {
        above -= paid[k]!;
        if (paid[k]! <= 1e-15) continue;
        need = Math.max(need, steps[k]!.threshold);
      } else while (k + 1 < steps.length && steps[k + 1]!.threshold <= need + 1e-12) above -= paid[++k]!;
      const full = Math.max(0, 1 - base);
      const solved = this.cover.solve(Math.max(0, need - base - 1e-10), full, value - above);
      lower = Math.min(lower, this.cover.lower + above);
      if (solved && this.cover.value + above < value - 1e-12) {
        value = this.cover.value + above;
        this.trial.fill(0);
        this.cover.read(this.trial, 0);
        this.best.set(this.trial);
      }
    }
    if (!Number.isFinite(value)) return Number.NaN;
    return fixed + Math.min(lower, value);
  }

  /** The pattern that `solve` found last, for workload m. */
  column(m: number): Column {
    const { model } = this;
    const w = model.instance.workloads[m]!;
    const x = Float64Array.from(w.variants, (v, at) => model.minReplicas[v]! + this.best[at]!);
    return this.columnOf(m, x);
  }

  /** Any pattern as a column: what it costs in the stage, and what it uses. */
  columnOf(m: number, x: Float64Array): Column {
    const { model } = this;
    const { instance } = model;
    const w = instance.workloads[m]!;
    const uses = new Map<number, number>();
    let objective = 0;
    let attained = 0;
    w.variants.forEach((v, at) => {
      const variant = instance.variants[v]!;
      const k = x[at]!;
      objective += model.costFactor * (variant.cost * k + variant.startCost * Math.max(0, k - variant.current));
      attained += variant.gain * k;
      if (k > 0)
        for (const { row, coefficient } of instance.rowsOf[v]!) uses.set(row, (uses.get(row) ?? 0) + coefficient * k);
    });
    if (w.kind !== "idle") {
      const lack = Math.max(0, 1 - attained);
      objective += model.linear[m]! * lack;
      for (const u of model.linearUses[m]!) if (lack > 0) uses.set(u.row, (uses.get(u.row) ?? 0) + u.amount * lack);
      for (const step of model.steps[m]!) {
        if (attained >= step.threshold - 1e-9) continue;
        objective += step.objective;
        for (const u of step.uses) uses.set(u.row, (uses.get(u.row) ?? 0) + u.amount);
      }
    }
    const rows = Int32Array.from([...uses.keys()].sort((a, b) => a - b));
    return { x, objective, rows, uses: Float64Array.from(rows, (r) => uses.get(r)!) };
  }
}
