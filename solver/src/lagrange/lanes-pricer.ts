import { ROLE } from "./flat.ts";
import type { Subproblem } from "./subproblem.ts";

/** Points of a front before neighbours are merged, the better of both, which keeps it a lower bound. */
const MOST_POINTS = 400;

/** Least price for each attainable gain, both rising; `counts[i]` are replicas by position. */
interface Front {
  gain: number[];
  price: number[];
  counts: Float64Array[];
  exact: boolean;
}

/**
 * Workloads with prefill and decode lanes: a = Σ both + min(Σ prefill, Σ decode). Each lane's front of least prices is listed, the two
 * lanes are paired, and pairs are combined with `both`.
 */
export class LanesPricer {
  private readonly pricer: Subproblem;

  constructor(pricer: Subproblem) {
    this.pricer = pricer;
  }

  solve(m: number, prices: Float64Array, scale: number, limits: Float64Array | undefined): void {
    const { pricer } = this;
    const { flat } = pricer.model;
    const front = (role: number) => this.front(m, role, prices, scale, limits);
    const both = front(ROLE.both);
    const pairs = pair(front(ROLE.prefill), front(ROLE.decode));
    let best = Number.POSITIVE_INFINITY;
    let x = new Float64Array(flat.first[m + 1]! - flat.first[m]!);
    both.gain.forEach((b, i) => {
      for (let j = 0; j < pairs.gain.length; j++) {
        const paid = both.price[i]! + pairs.price[j]!;
        if (paid >= best) break;
        const value = paid + this.pricer.worth(m, b + pairs.gain[j]!, prices, scale);
        if (value >= best) continue;
        best = value;
        x = both.counts[i]!.map((k, at) => k + pairs.counts[j]![at]!);
      }
    });
    // nothing at all pays no logarithm: fronts leave it out where something costs as little
    const least = flat.first[m]!;
    const minima = x.map((_, i) => pricer.model.min[least + i]!);
    const idle = this.valueOf(m, minima, prices, scale);
    if (idle < best) {
      best = idle;
      x = minima;
    }
    pricer.value = best;
    pricer.lower = best;
    if (Number.isFinite(best)) pricer.x.set(x);
    if (both.exact && pairs.exact) return;
    // the fronts were thinned: their points promise a little more gain than their counts have
    if (Number.isFinite(best)) pricer.value = this.valueOf(m, x, prices, scale);
  }

  private valueOf(m: number, x: Float64Array, prices: Float64Array, scale: number): number {
    const { model } = this.pricer;
    const { flat } = model;
    const v0 = flat.first[m]!;
    const lanes = [0, 0, 0];
    let paid = 0;
    for (let i = 0; i < x.length; i++) {
      lanes[flat.role[v0 + i]!] = lanes[flat.role[v0 + i]!]! + flat.gain[v0 + i]! * x[i]!;
      paid += this.pricer.replicasPrice(v0 + i, x[i]!, prices, scale);
    }
    const gain = lanes[ROLE.both]! + Math.min(lanes[ROLE.prefill]!, lanes[ROLE.decode]!);
    return paid + this.pricer.worth(m, gain, prices, scale);
  }

  private front(m: number, role: number, prices: Float64Array, scale: number, limits: Float64Array | undefined): Front {
    const { flat, min } = this.pricer.model;
    const v0 = flat.first[m]!;
    const nv = flat.first[m + 1]! - v0;
    let front: Front = { gain: [0], price: [0], counts: [new Float64Array(nv)], exact: true };
    for (let at = 0; at < nv; at++) {
      const v = v0 + at;
      if (flat.role[v] !== role) continue;
      const most = Math.max(min[v]!, Math.min(flat.most[v]!, limits ? limits[at]! : flat.most[v]!));
      const gain = flat.gain[v]!;
      const points: { gain: number; price: number; counts: Float64Array }[] = [];
      front.gain.forEach((g, i) => {
        const useful = gain > 0 ? Math.min(most, Math.max(min[v]!, Math.ceil((1 - g) / gain - 1e-9))) : min[v]!;
        for (let k = min[v]!; k <= useful; k++) {
          const counts = front.counts[i]!.slice();
          counts[at] = k;
          points.push({
            gain: g + k * gain,
            price: front.price[i]! + this.pricer.replicasPrice(v, k, prices, scale),
            counts,
          });
        }
      });
      front = prune(points, front.exact);
    }
    return front;
  }
}

function prune(points: { gain: number; price: number; counts: Float64Array }[], exact: boolean): Front {
  points.sort((a, b) => b.gain - a.gain || a.price - b.price);
  const kept: typeof points = [];
  let least = Number.POSITIVE_INFINITY;
  for (const p of points) {
    if (p.price >= least) continue;
    least = p.price;
    kept.push(p);
  }
  kept.reverse();
  const stride = Math.ceil(kept.length / MOST_POINTS);
  const front: Front = { gain: [], price: [], counts: [], exact: exact && stride <= 1 };
  for (let i = 0; i < kept.length; i += stride) {
    front.gain.push(kept[Math.min(kept.length, i + stride) - 1]!.gain);
    front.price.push(kept[i]!.price);
    front.counts.push(kept[i]!.counts);
  }
  return front;
}

/** The two lanes together: the gain of the weaker, the price of both. */
function pair(a: Front, b: Front): Front {
  const points: { gain: number; price: number; counts: Float64Array }[] = [];
  const add = (gain: number, i: number, j: number) =>
    points.push({
      gain,
      price: a.price[i]! + b.price[j]!,
      counts: a.counts[i]!.map((k, at) => k + b.counts[j]![at]!),
    });
  let j = 0;
  a.gain.forEach((gain, i) => {
    while (j < b.gain.length && b.gain[j]! < gain - 1e-12) j++;
    if (j < b.gain.length) add(gain, i, j);
  });
  let i = 0;
  b.gain.forEach((gain, at) => {
    while (i < a.gain.length && a.gain[i]! < gain - 1e-12) i++;
    if (i < a.gain.length) add(gain, i, at);
  });
  return prune(points, a.exact && b.exact);
}
