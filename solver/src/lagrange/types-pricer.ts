import { attainmentOf } from "../model/attainment.ts";
import type { Flat } from "./flat.ts";
import type { Subproblem } from "./subproblem.ts";

/** Boxes of at most this many placements are listed once, with their attainments; larger ones are bounded by a relaxation. */
const LIST_LIMIT = 3000;
const INF = Number.POSITIVE_INFINITY;

interface Listed {
  counts: Float64Array[];
  attainment: number[];
}

const lists = new WeakMap<object, Map<number, Listed | undefined>>();

/**
 * Workloads with request types that share replicas; for the thread that has the instance. Small boxes are listed, with the attainment of each placement; for larger ones the
 * bound lets replicas be fractional and without maximum: serving a of all types costs a·Σ_t min_v price_v·(d_t/c_{v,t}).
 */
export class TypesPricer {
  private readonly pricer: Subproblem;

  constructor(pricer: Subproblem) {
    this.pricer = pricer;
  }

  private list(m: number): Listed | undefined {
    const flat = this.pricer.model.flat as Flat;
    const { instance } = flat;
    const known = lists.get(instance) ?? new Map<number, Listed | undefined>();
    lists.set(instance, known);
    if (known.has(m)) return known.get(m);
    const own = instance.workloads[m]!.variants;
    let size = 1;
    for (const v of own) size *= flat.most[v]! + 1;
    const listed: Listed | undefined = size <= LIST_LIMIT ? { counts: [], attainment: [] } : undefined;
    if (listed) {
      const x: Record<number, number> = {};
      const visit = (i: number) => {
        if (i === own.length) {
          listed.counts.push(Float64Array.from(own, (v) => x[v]!));
          listed.attainment.push(attainmentOf(instance, m, x));
          return;
        }
        for (let k = 0; k <= flat.most[own[i]!]!; k++) {
          x[own[i]!] = k;
          visit(i + 1);
        }
      };
      visit(0);
    }
    known.set(m, listed);
    return listed;
  }

  solve(m: number, prices: Float64Array, scale: number, limits: Float64Array | undefined): void {
    const listed = this.list(m);
    if (listed) this.fromList(m, listed, prices, scale, limits);
    else this.relaxed(m, prices, scale, limits);
  }

  private fromList(
    m: number,
    { counts, attainment }: Listed,
    prices: Float64Array,
    scale: number,
    limits: Float64Array | undefined,
  ): void {
    const { pricer } = this;
    const { flat, min } = pricer.model;
    const v0 = flat.first[m]!;
    pricer.value = INF;
    counts.forEach((x, k) => {
      for (let i = 0; i < x.length; i++)
        if (x[i]! < min[v0 + i]! || (limits && x[i]! > Math.max(limits[i]!, min[v0 + i]!))) return;
      const worth = this.pricer.worth(m, attainment[k]!, prices, scale);
      if (worth >= pricer.value) return;
      const value = worth + this.pricer.paid(m, x, prices, scale);
      if (value >= pricer.value) return;
      pricer.value = value;
      pricer.x.set(x);
    });
    pricer.lower = pricer.value;
  }

  /** Attainments at which the relaxation can have its least value: both ends, steps, and where the logarithm levels. */
  private corners(m: number, rate: number, fixed: number, prices: Float64Array, scale: number): number[] {
    const { model } = this.pricer;
    const points = [0, model.hard[m]!, 1];
    if (rate > 0) points.push(fixed / rate);
    for (let i = model.stepStart[m]!; i < model.stepStart[m + 1]!; i++) points.push(model.stepAt[i]!);
    const log = this.pricer.logOf(m, prices, scale);
    const net = rate - this.pricer.slopeOf(m, prices, scale);
    if (log > 0 && net > 0) points.push(Math.min(1, log / net));
    return points.filter((a) => a <= 1);
  }

  private relaxed(m: number, prices: Float64Array, scale: number, limits: Float64Array | undefined): void {
    const { pricer } = this;
    const { min } = pricer.model;
    const flat = pricer.model.flat as Flat;
    const { instance } = flat;
    const v0 = flat.first[m]!;
    const nv = flat.first[m + 1]! - v0;
    const cheapest: number[] = instance.workloads[m]!.types.map((_, t) => {
      let best = 0;
      let least = INF;
      for (let i = 0; i < nv; i++) {
        const price = pricer.replicaPrice(v0 + i, prices, scale) * instance.variants[v0 + i]!.replicasByType[t]!;
        if (price < least) {
          least = price;
          best = i;
        }
      }
      return best;
    });
    const rate = cheapest.reduce(
      (s, i, t) => s + pricer.replicaPrice(v0 + i, prices, scale) * instance.variants[v0 + i]!.replicasByType[t]!,
      0,
    );
    const fixed = pricer.fixed(m, prices, scale);
    let lower = INF;
    pricer.value = INF;
    const best = Float64Array.from({ length: nv }, (_, i) => min[v0 + i]!);
    for (const a of this.corners(m, rate, fixed, prices, scale)) {
      lower = Math.min(lower, Math.max(fixed, a * rate) + this.pricer.worth(m, a, prices, scale));
      const x = Float64Array.from({ length: nv }, (_, i) => {
        const need = cheapest.reduce(
          (s, c, t) => (c === i ? s + a * instance.variants[v0 + i]!.replicasByType[t]! : s),
          0,
        );
        const most = Math.min(flat.most[v0 + i]!, limits ? limits[i]! : INF);
        return Math.max(min[v0 + i]!, Math.min(most, Math.ceil(need - 1e-9)));
      });
      const counts: Record<number, number> = {};
      x.forEach((k, i) => {
        counts[v0 + i] = k;
      });
      const value =
        this.pricer.paid(m, x, prices, scale) + this.pricer.worth(m, attainmentOf(instance, m, counts), prices, scale);
      if (value >= pricer.value) continue;
      pricer.value = value;
      best.set(x);
    }
    pricer.lower = Math.min(lower, pricer.value);
    pricer.x.set(best);
  }
}
