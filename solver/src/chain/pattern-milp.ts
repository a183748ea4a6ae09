import { MilpBuilder, type Term } from "../milp/model.ts";
import { attainments } from "../model/attainment.ts";
import type { Goals } from "../model/goals.ts";
import type { Instance } from "../model/instance.ts";
import { type Asked, askedByRungs, type WantedRung, wantedRungs } from "./asked.ts";
import type { ChainContext } from "./context.ts";
import type { Keep } from "./keep.ts";
import { leastCovers } from "./least-covers.ts";

const INF = Number.POSITIVE_INFINITY;
/** A workload of more patterns than this is given integer columns instead: many replicas round well. */
const MOST_PATTERNS = 60;
/** Thresholds stand this far below the attained value that they ask for, so that rounding never cuts it off. */
const SLACK = 2e-8;

/**
 * Tolerance of searches over patterns. Bounds are rounded up to the next value that the costs allow, from this far below on: at 1e-9 the
 * noise of a linear program lifts a bound of 1.5 to 1.507. Choices of 0 or 1 need no more.
 */
export const PATTERN_TOLERANCE = 1e-7;

/** One way to reach a rung: counts by the workload's variants, the rungs it reaches (how many of `open`), what it uses. */
interface Pattern {
  counts: number[];
  reaches: number;
  /** By row of the instance: what it takes of it. */
  use: Map<number, number>;
  cost: number;
}

interface Choice {
  kept: Pattern[];
  all: Pattern[];
  standsFor: number[];
}

/** True where p is no worse than q in all that a stage of weight or cost looks at. */
function dominates(p: Pattern, q: Pattern): boolean {
  if (p.reaches < q.reaches || p.cost > q.cost) return false;
  for (const [row, amount] of p.use) if (amount > (q.use.get(row) ?? 0) + 1e-12) return false;
  return true;
}

/**
 * The placement as a choice of one pattern for each workload (Gilmore and Gomory 1961), for stages in which nothing counts but weight
 * below rungs, or cost. Its linear relaxation is the price bound, far tighter than that of replica counts where workloads need few
 * replicas; workloads of many replicas keep integer columns.
 */
export class PatternMilp {
  readonly builder = new MilpBuilder();
  readonly instance: Instance;
  /** Terms of the replicas of each variant. */
  readonly replicas: Term[][];
  /** Terms that are 1 where workload m reaches a wanted rung (index), with its weight. */
  readonly reach: { m: number; at: number; terms: Term[] }[] = [];
  private readonly firstExtra: number;
  private readonly goals: Goals;
  private readonly keep: Keep;
  private readonly only: ReadonlySet<number> | undefined;
  private readonly starts: ((x: ArrayLike<number>, a: ArrayLike<number>) => [number, number][])[] = [];

  /** `only`: workloads of one independent part, whose share of all that is kept `keep` names; the others are left out. */
  constructor(
    instance: Instance,
    goals: Goals,
    keep: Keep,
    extra: readonly { cls: number; rung: number }[],
    only?: ReadonlySet<number>,
  ) {
    this.only = only;
    this.instance = instance;
    this.goals = goals;
    this.keep = keep;
    this.replicas = instance.variants.map(() => []);
    const wanted = wantedRungs(keep, extra);
    this.firstExtra = wanted.length - extra.length;
    askedByRungs(instance, goals, wanted).forEach((asked, m) => {
      if (!this.includes(m)) return;
      const choice = this.patternsOf(m, asked);
      if (choice) this.choose(m, asked, choice);
      else this.count(m, asked);
    });
    for (const row of instance.rows) this.capacityRow(row.capacity, row.variants, row.coefficients);
    this.keepRungs(wanted);
  }

  includes(m: number): boolean {
    return this.only === undefined || this.only.has(m);
  }

  private capacityRow(capacity: number, variants: number[], coefficients: number[]): void {
    const sum = new Map<number, number>();
    variants.forEach((v, i) => {
      for (const [column, count] of this.replicas[v]!)
        sum.set(column, (sum.get(column) ?? 0) + coefficients[i]! * count);
    });
    if (sum.size > 0) this.builder.row(-INF, capacity, [...sum]);
  }

  private keepRungs(wanted: readonly WantedRung[]): void {
    wanted.forEach((w, i) => {
      const terms = this.reach.filter((r) => r.at === i);
      if (terms.length === 0 || w.reached === INF) return;
      const all = terms.reduce((sum, r) => sum + this.goals.weight[r.m]!, 0);
      // Σ w·(1 − z) ≤ reached
      this.builder.row(all - w.reached - 1e-6, INF, this.weighted(terms));
    });
  }

  private weighted(reach: { m: number; terms: Term[] }[]): Term[] {
    const sum = new Map<number, number>();
    for (const r of reach)
      for (const [column, value] of r.terms) sum.set(column, (sum.get(column) ?? 0) + value * this.goals.weight[r.m]!);
    return [...sum];
  }

  /** Patterns that none of the others dominates, and all of them with the index of the one that stands for it. */
  private patternsOf(m: number, asked: Asked): Choice | undefined {
    const w = this.instance.workloads[m]!;
    if (w.kind !== "plain" && w.kind !== "idle") return undefined;
    const variants = w.variants.map((v) => this.instance.variants[v]!);
    const low = w.variants.map((v) => this.keep.minReplicas[v]!);
    const box = { gain: variants.map((v) => v.gain), low, high: variants.map((v, i) => Math.max(v.useful, low[i]!)) };
    const targets = [asked.least, ...asked.open.map((o) => o.threshold)];
    const patterns: Pattern[] = [];
    for (const target of targets) {
      const covers = leastCovers(box, target, MOST_PATTERNS);
      if (!covers || patterns.length > 2 * MOST_PATTERNS) return undefined;
      for (const counts of covers) patterns.push(this.pattern(w.variants, counts, box.gain, asked));
    }
    const best: Pattern[] = [];
    // the farthest reaching ones come last
    for (const p of patterns.toReversed()) if (!best.some((q) => dominates(q, p))) best.push(p);
    const kept = best.filter((p) => !best.some((q) => q !== p && dominates(q, p)));
    if (kept.length > MOST_PATTERNS) return undefined;
    return { kept, all: patterns, standsFor: patterns.map((p) => kept.findIndex((q) => dominates(q, p))) };
  }

  private pattern(variants: number[], counts: number[], gain: number[], asked: Asked): Pattern {
    const sum = counts.reduce((s, c, i) => s + c * gain[i]!, 0);
    const use = new Map<number, number>();
    let cost = 0;
    counts.forEach((c, i) => {
      const v = variants[i]!;
      const model = this.instance.variants[v]!;
      cost += model.cost * c + model.startCost * Math.max(0, c - model.current);
      if (c > 0)
        for (const { row, coefficient } of this.instance.rowsOf[v]!)
          use.set(row, (use.get(row) ?? 0) + coefficient * c);
    });
    return { counts, reaches: asked.open.filter((o) => sum >= o.threshold - SLACK).length, use, cost };
  }

  /** One binary for each pattern, one of which is taken. */
  private choose(m: number, asked: Asked, choice: Choice): void {
    const { variants } = this.instance.workloads[m]!;
    const patterns = choice.kept;
    const columns = patterns.map(() => this.builder.column(0, 1, true));
    this.builder.row(
      1,
      1,
      columns.map((c): Term => [c, 1]),
    );
    patterns.forEach((p, k) => {
      p.counts.forEach((count, i) => {
        if (count > 0) this.replicas[variants[i]!]!.push([columns[k]!, count]);
      });
      this.costs[columns[k]!] = p.cost;
    });
    asked.open.forEach((o, depth) => {
      const terms = columns.filter((_, k) => patterns[k]!.reaches > depth).map((c): Term => [c, 1]);
      for (const at of o.at) this.reach.push({ m, at, terms });
    });
    this.starts.push((x) => {
      // the farthest reaching pattern inside the plan, or what stands for it
      let found = -1;
      choice.all.forEach((p, k) => {
        if (!p.counts.every((c, i) => c <= x[variants[i]!]!)) return;
        if (found < 0 || p.reaches > choice.all[found]!.reaches) found = k;
      });
      const best = found < 0 ? -1 : choice.standsFor[found]!;
      return columns.map((c, k) => [c, k === best ? 1 : 0]);
    });
  }
  /** Cost by column; start cost of integer columns has columns of its own. */
  private readonly costs: Record<number, number> = {};

  /** An integer column for each variant, and a binary for each open rung. */
  private count(m: number, asked: Asked): void {
    const { kind, variants } = this.instance.workloads[m]!;
    const served: Term[] = [];
    const lanes: Record<"prefill" | "decode", Term[]> = { prefill: [], decode: [] };
    for (const v of variants) {
      const model = this.instance.variants[v]!;
      const low = this.keep.minReplicas[v]!;
      const column = this.builder.column(low, Math.max(model.useful, low), true);
      this.starts.push((x) => [[column, x[v]!]]);
      this.replicas[v]!.push([column, 1]);
      this.costs[column] = model.cost;
      if (model.startCost > 0) this.startCost(column, v);
      if (kind !== "idle") (model.role === "both" ? served : lanes[model.role]).push([column, model.gain]);
    }
    if (kind === "lanes") served.push([this.lane(lanes, m), 1]);
    this.reachColumns(m, asked, served);
  }

  /** A column ≤ what both lanes serve. */
  private lane(lanes: Record<"prefill" | "decode", Term[]>, m: number): number {
    const lane = this.builder.column(0, 1, false);
    for (const terms of Object.values(lanes)) this.builder.row(0, INF, [...terms, [lane, -1]]);
    const { variants } = this.instance.workloads[m]!;
    const served = (x: ArrayLike<number>, role: string) =>
      variants.reduce((sum, v) => {
        const model = this.instance.variants[v]!;
        return model.role === role ? sum + model.gain * x[v]! : sum;
      }, 0);
    this.starts.push((x) => [[lane, Math.min(1, served(x, "prefill"), served(x, "decode"))]]);
    return lane;
  }

  /** A column ≥ max(0, x − current). */
  private startCost(column: number, v: number): void {
    const { current, startCost } = this.instance.variants[v]!;
    const starts = this.builder.column(0, INF, false);
    this.builder.row(-INF, current, [
      [column, 1],
      [starts, -1],
    ]);
    this.costs[starts] = startCost;
    this.starts.push((x) => [[starts, Math.max(0, x[v]! - current)]]);
  }

  private reachColumns(m: number, asked: Asked, served: Term[]): void {
    const terms = [...served];
    let below = asked.least;
    let previous = -1;
    for (const o of asked.open) {
      const free = o.threshold <= below + 1e-12;
      const column = this.builder.column(free ? 1 : 0, 1, true);
      this.starts.push((_, a) => [[column, free || a[m]! >= o.threshold - SLACK ? 1 : 0]]);
      if (!free) {
        terms.push([column, -(o.threshold - below)]);
        if (previous >= 0)
          this.builder.row(0, INF, [
            [previous, 1],
            [column, -1],
          ]);
        below = o.threshold;
        previous = column;
      }
      for (const at of o.at) this.reach.push({ m, at, terms: [[column, 1]] });
    }
    if (asked.least > 0 || terms.length > served.length) this.builder.row(asked.least - SLACK, INF, terms);
  }

  /** Minimises cost per hour and start cost. */
  addCosts(): void {
    for (const [column, cost] of Object.entries(this.costs)) this.builder.addCost(Number(column), cost);
  }

  /** Counts the weight that reaches one of the extra rungs (its index), times `factor`. */
  addWeight(extra: number, factor = 1): void {
    const at = this.firstExtra + extra;
    for (const [column, value] of this.weighted(this.reach.filter((r) => r.at === at)))
      this.builder.addCost(column, factor * value);
  }

  /** A plan as a start. */
  startFrom(x: Float64Array): { indices: number[]; values: number[] } {
    const a = attainments(this.instance, x);
    const pairs = this.starts.flatMap((start) => start(x, a));
    return { indices: pairs.map(([c]) => c), values: pairs.map(([, v]) => v) };
  }

  /** Replica counts of a solution. */
  read(values: Float64Array): Float64Array {
    return Float64Array.from(this.replicas, (terms) =>
      terms.reduce((sum, [column, count]) => sum + count * Math.round(values[column]!), 0),
    );
  }
}

/**
 * True where rows and rungs are all that a plan must keep, so that patterns say it exactly. The reference engine is given counts: two
 * formulations check each other.
 */
export function usesPatterns({ instance, keep, backend }: ChainContext): boolean {
  if (backend.name !== "highs") return false;
  if (keep.brokenMinima || keep.brokenGuarantees || keep.cohortFirst || keep.cost !== undefined) return false;
  if (keep.totals.length > 0 || keep.logs.length > 0) return false;
  return instance.pools.every((p) => p.rowsAreExact) && instance.workloads.every((w) => w.kind !== "types");
}
