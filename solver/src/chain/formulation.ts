import { MilpBuilder, type Term } from "../milp/model.ts";
import { attainments, splitTypes } from "../model/attainment.ts";
import type { Goals } from "../model/goals.ts";
import type { Instance } from "../model/instance.ts";
import { type Asked, askedByRungs, wantedRungs } from "./asked.ts";
import type { Keep } from "./keep.ts";
import { addPacking } from "./packing-rows.ts";

/** Thresholds in a MILP stand this far below the attained value that they ask for, so that rounding never cuts it off. */
const THRESHOLD_SLACK = 2e-8;

const INF = Number.POSITIVE_INFINITY;

/** Value of a column at a plan `x` with attainments `a`: makes a plan a start of the MILP. */
type Valuer = (x: Float64Array, a: Float64Array) => number;

/** Piecewise-linear upper bound of ln a: tangent points of one workload. */
export type Tangents = Map<number, number[]>;

/**
 * The placement as a MILP: replica columns, served attainment of each workload as terms, rows of pools and quotas, packings, and
 * whatever earlier stages reached. Stages add their own objective to it.
 */
export class Formulation {
  readonly builder = new MilpBuilder();
  /** Column by variant. */
  readonly replicas: number[];
  /** Σ terms ≥ attained share, by workload (may pass 1). */
  readonly served: Term[][];
  /** Binaries z = 1 where a workload reaches a rung. */
  readonly reach: { m: number; rung: number; threshold: number; column: number }[] = [];
  readonly instance: Instance;
  readonly goals: Goals;
  readonly tangents: Tangents;
  private readonly only: ReadonlySet<number> | undefined;
  /** False where a packing was too large to write down: the rows then only relax it. */
  exactPacking = true;
  private readonly valuers = new Map<number, Valuer>();
  private readonly startColumns = new Map<number, number>();
  private readonly attainmentColumns = new Map<number, number>();

  /** Index of the MILP row of the first pool or quota row; the others follow in their order. */
  readonly firstCapacityRow: number;

  /**
   * `packings: false` leaves the packings out: rows only, for linear relaxations. `only`: workloads of one independent part; the others
   * get no columns (−1), and their objective is not to be asked for.
   */
  constructor(
    instance: Instance,
    goals: Goals,
    keep: Keep,
    extraRungs: { cls: number; rung: number }[],
    tangents: Tangents,
    packings = true,
    only?: ReadonlySet<number>,
  ) {
    this.only = only;
    this.instance = instance;
    this.goals = goals;
    this.tangents = tangents;
    this.replicas = instance.variants.map((v, i) => {
      if (!this.includes(v.workload)) return -1;
      return this.column(keep.minReplicas[i]!, Math.max(v.useful, keep.minReplicas[i]!), true, (x) => x[i]!);
    });
    this.served = instance.workloads.map((_, m) => this.servedTerms(m));
    this.firstCapacityRow = this.builder.milp.rowLower.length;
    for (const row of instance.rows)
      this.builder.row(
        -INF,
        row.capacity,
        row.variants.flatMap((v, i): Term[] =>
          this.replicas[v]! >= 0 ? [[this.replicas[v]!, row.coefficients[i]!]] : [],
        ),
      );
    instance.pools.forEach((pool, p) => {
      const own = pool.variants.some((v) => this.replicas[v]! >= 0);
      if (packings && own && !pool.rowsAreExact && !addPacking(this.builder, instance, p, this.replicas))
        this.exactPacking = false;
    });
    for (const f of keep.brokenMinima?.missing ?? [])
      this.builder.row(-INF, f.reached, this.missingReplicaTerms(f.cls, keep.brokenMinima!.asked));
    for (const f of keep.brokenGuarantees?.missing ?? [])
      this.builder.row(-INF, f.reached + 1e-7, this.missingAttainmentTerms(f.cls, keep.brokenGuarantees!.asked));
    this.keepRungs(keep, extraRungs);
    for (const t of keep.totals)
      this.builder.row(t.value - 1e-7 * Math.max(1, Math.abs(t.value)), INF, this.totalTerms(t.cls));
    for (const l of keep.logs) {
      const log = this.logTerms(l.cls, l.zeroWeight);
      this.builder.row(l.value - 1e-7, INF, log);
    }
    if (keep.cohortFirst) {
      const { members, value } = keep.cohortFirst;
      this.builder.row(
        value - 1e-7,
        INF,
        members.map((m) => [this.attainment(m), instance.workloads[m]!.weight] as const),
      );
    }
    if (keep.cost !== undefined)
      this.builder.row(-INF, keep.cost + 1e-9 * Math.max(1, Math.abs(keep.cost)), this.costTerms());
  }

  /** A column whose value at a plan is known. */
  column(lower: number, upper: number, integer: boolean, value: Valuer): number {
    const column = this.builder.column(lower, upper, integer);
    this.valuers.set(column, value);
    return column;
  }

  /** A plan as a start: the columns whose values are known (all, except patterns of packings). */
  startFrom(x: Float64Array): { indices: number[]; values: number[] } {
    const a = attainments(this.instance, x);
    const start = { indices: [] as number[], values: [] as number[] };
    const { colLower, colUpper } = this.builder.milp;
    for (const [column, value] of this.valuers) {
      start.indices.push(column);
      // an engine refuses a start that is a tolerance outside of a bound
      start.values.push(Math.min(colUpper[column]!, Math.max(colLower[column]!, value(x, a))));
    }
    return start;
  }

  includes(m: number): boolean {
    return this.only === undefined || this.only.has(m);
  }

  private servedTerms(m: number): Term[] {
    const w = this.instance.workloads[m]!;
    if (w.kind === "idle" || !this.includes(m)) return [];
    if (w.kind === "types") return [[this.typesColumn(m), 1]];
    const both: Term[] = [];
    const lanes: Record<string, Term[]> = { prefill: [], decode: [] };
    for (const v of w.variants) {
      const { role, gain } = this.instance.variants[v]!;
      (role === "both" ? both : lanes[role]!).push([this.replicas[v]!, gain]);
    }
    if (w.kind === "plain") return both;
    const lane = this.column(0, 1, false, (x) => {
      const sum = (terms: Term[]) => terms.reduce((s, [c, g]) => s + g * x[this.replicas.indexOf(c)]!, 0);
      return Math.min(1, sum(lanes.prefill!), sum(lanes.decode!));
    });
    for (const terms of Object.values(lanes)) this.builder.row(0, INF, [...terms, [lane, -1]]);
    return [...both, [lane, 1]];
  }

  /** Request types keep their mix: one attained share for all of them, split over the variants (Mélange's problem, with fractions). */
  private typesColumn(m: number): number {
    const w = this.instance.workloads[m]!;
    const split = (x: Float64Array) => splitTypes(this.instance, m, x);
    const a = this.column(0, 1, false, (_, all) => all[m]!);
    const shares = w.variants.map((v, i) => {
      const rates = this.instance.variants[v]!.replicasByType;
      const columns = rates.map((r, t) =>
        Number.isFinite(r) ? this.column(0, 1, false, (x) => split(x).shares[i]![t]!) : -1,
      );
      const used = columns.flatMap((c, t): Term[] => (c >= 0 ? [[c, rates[t]!]] : []));
      this.builder.row(0, INF, [[this.replicas[v]!, 1], ...used.map(([c, r]): Term => [c, -r])]);
      return columns;
    });
    w.types.forEach((_, t) => {
      const given = shares.flatMap((columns): Term[] => (columns[t]! >= 0 ? [[columns[t]!, 1]] : []));
      this.builder.row(0, INF, [...given, [a, -1]]);
    });
    this.attainmentColumns.set(m, a);
    return a;
  }

  /** Rungs already settled as rows, and one binary for each workload and rung that is still open. */
  private keepRungs(keep: Keep, extra: { cls: number; rung: number }[]): void {
    const wanted = wantedRungs(keep, extra);
    const slack = new Map<number, Term[]>();
    for (const [m, asked] of askedByRungs(this.instance, this.goals, wanted).entries())
      if (this.includes(m)) this.reachColumns(m, asked, wanted, slack);
    wanted.forEach((r, i) => {
      const terms = slack.get(i);
      if (!terms || r.reached === INF) return;
      const all = terms.reduce((sum, [, weight]) => sum + weight, 0);
      // Σ w·(1 − z) ≤ reached
      this.builder.row(all - r.reached - 1e-6, INF, terms);
    });
  }

  private reachColumns(
    m: number,
    { least, open }: Asked,
    wanted: { rung: number }[],
    slack: Map<number, Term[]>,
  ): void {
    const terms: Term[] = [...this.served[m]!];
    let below = least;
    let previous = -1;
    for (const o of open) {
      const free = o.threshold <= below + 1e-12;
      const column = this.column(free ? 1 : 0, 1, true, (_, a) => (a[m]! >= o.threshold - THRESHOLD_SLACK ? 1 : 0));
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
      for (const i of o.at) {
        this.reach.push({ m, rung: wanted[i]!.rung, threshold: o.threshold, column });
        const list = slack.get(i) ?? [];
        list.push([column, this.goals.weight[m]!]);
        slack.set(i, list);
      }
    }
    if (least > 0 || terms.length > this.served[m]!.length) this.builder.row(least - THRESHOLD_SLACK, INF, terms);
  }

  /** A column a_m ≤ min(1, served). */
  attainment(m: number): number {
    const known = this.attainmentColumns.get(m);
    if (known !== undefined) return known;
    const column = this.column(0, 1, false, (_, a) => a[m]!);
    if (this.instance.workloads[m]!.kind !== "idle") this.builder.row(0, INF, [...this.served[m]!, [column, -1]]);
    this.attainmentColumns.set(m, column);
    return column;
  }

  totalTerms(cls: number): Term[] {
    return this.instance.classes[cls]!.members.filter((m) => this.instance.workloads[m]!.kind !== "idle").map(
      (m) => [this.attainment(m), this.instance.workloads[m]!.weight * this.instance.workloads[m]!.demand] as const,
    );
  }

  /** Terms whose sum over-estimates Σ w·ln a over the workloads above zero; at most `zeroWeight` stay at zero. */
  logTerms(cls: number, zeroWeight: number): Term[] {
    const result: Term[] = [];
    const zero: Term[] = [];
    for (const m of this.instance.classes[cls]!.members) {
      const w = this.instance.workloads[m]!;
      if (w.kind === "idle") continue;
      const points = this.tangents.get(m)!;
      const least = points[0]!;
      const positive = this.column(0, 1, true, (_, all) => (all[m]! > 0 ? 1 : 0));
      const a = this.attainment(m);
      // a > 0 means at least the smallest attainable value
      this.builder.row(0, INF, [
        [a, 1],
        [positive, -least],
      ]);
      const log = this.column(Math.log(least), 0, false, (_, all) =>
        all[m]! > 0 ? Math.log(Math.min(1, all[m]!)) : 0,
      );
      // ln a ≤ ln p + (a − p)/p at every tangent point p; a workload at zero contributes nothing
      for (const p of points)
        this.builder.row(-INF, 0, [
          [log, 1],
          [a, -1 / p],
          [positive, 1 - Math.log(p)],
        ]);
      result.push([log, w.weight]);
      zero.push([positive, w.weight]);
    }
    const all = zero.reduce((s, [, w]) => s + w, 0);
    this.builder.row(all - zeroWeight - 1e-6, INF, zero);
    return result;
  }

  /** Terms whose sum is the number of replicas that a class misses to `asked`. */
  missingReplicaTerms(cls: number, asked: ArrayLike<number>): Term[] {
    const variants = this.instance.classes[cls]!.members.flatMap((m) => this.instance.workloads[m]!.variants);
    return variants.flatMap((v): Term[] => {
      const most = asked[v]!;
      if (most <= 0) return [];
      const column = this.column(0, most, false, (x) => Math.max(0, most - x[v]!));
      this.builder.row(most, INF, [
        [this.replicas[v]!, 1],
        [column, 1],
      ]);
      return [[column, 1]];
    });
  }

  /** Terms whose sum is the attainment that a class misses to `asked`. */
  missingAttainmentTerms(cls: number, asked: ArrayLike<number>): Term[] {
    return this.instance.classes[cls]!.members.flatMap((m): Term[] => {
      if (asked[m]! <= 0) return [];
      const column = this.column(0, 1, false, (_, a) => Math.max(0, asked[m]! - a[m]!));
      // no slack: it would leave an integer column a hair short of whole, which HiGHS may round down in its presolve
      this.builder.row(asked[m]!, INF, [...this.served[m]!, [column, 1]]);
      return [[column, 1]];
    });
  }

  costTerms(): Term[] {
    return this.instance.variants.flatMap((v, i): Term[] => {
      if (this.replicas[i]! < 0) return [];
      const terms: Term[] = [[this.replicas[i]!, v.cost]];
      if (v.startCost > 0) terms.push([this.starts(i), v.startCost]);
      return terms;
    });
  }

  /** A column ≥ max(0, x − current). */
  private starts(v: number): number {
    const known = this.startColumns.get(v);
    if (known !== undefined) return known;
    const column = this.column(0, INF, false, (x) => Math.max(0, x[v]! - this.instance.variants[v]!.current));
    this.builder.row(-INF, this.instance.variants[v]!.current, [
      [this.replicas[v]!, 1],
      [column, -1],
    ]);
    this.startColumns.set(v, column);
    return column;
  }

  addObjective(terms: readonly Term[], factor = 1): void {
    for (const [column, value] of terms) this.builder.addCost(column, factor * value);
  }

  /** True where counts fit all rows: after rounding a solution. */
  rowsHold(x: Float64Array): boolean {
    return this.instance.rows.every((row) => {
      const used = row.variants.reduce((sum, v, i) => sum + row.coefficients[i]! * x[v]!, 0);
      return used <= row.capacity + 1e-9 * Math.max(1, row.capacity);
    });
  }

  /** Replica counts of a solution. */
  read(values: Float64Array): Float64Array {
    return Float64Array.from(this.replicas, (column) => (column < 0 ? 0 : Math.round(values[column]!)));
  }
}
