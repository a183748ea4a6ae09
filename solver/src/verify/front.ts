import type { Item } from "./cover-search.ts";

/** Points of a front before neighbours are merged, best of both, which keeps it a lower bound. */
const MOST_POINTS = 2000;
/** Sums formed at once before neighbouring counts are merged in the same way. */
const MOST_SUMS = 200_000;

/** The least price for each attainable gain: both rising from point to point. */
export interface Front {
  gain: number[];
  price: number[];
  exact: boolean;
}

function prune(points: { gain: number; price: number }[], exact: boolean): Front {
  points.sort((a, b) => b.gain - a.gain || a.price - b.price);
  const kept: { gain: number; price: number }[] = [];
  let least = Number.POSITIVE_INFINITY;
  for (const p of points) {
    if (p.price >= least) continue;
    least = p.price;
    kept.push(p);
  }
  kept.reverse();
  const stride = Math.ceil(kept.length / MOST_POINTS);
  const front: Front = { gain: [], price: [], exact: exact && stride === 1 };
  for (let i = 0; i < kept.length; i += stride) {
    front.gain.push(kept[Math.min(kept.length, i + stride) - 1]!.gain);
    front.price.push(kept[i]!.price);
  }
  return front;
}

/** Every sum of whole items on top of `start` that is not dominated, up to a gain of 1. */
export function frontOf(items: Item[], start: number): Front {
  let front: Front = { gain: [start], price: [0], exact: true };
  for (const { gain, price, most } of items) {
    const points: { gain: number; price: number }[] = [];
    const useful = (g: number) => (gain > 0 ? Math.min(most, Math.max(0, Math.ceil((1 - g) / gain - 1e-9))) : 0);
    const stride = Math.ceil(((useful(start) + 1) * front.gain.length) / MOST_SUMS);
    front.gain.forEach((g, i) => {
      const last = useful(g);
      for (let k = 0; k <= last; k += stride)
        points.push({ gain: g + Math.min(last, k + stride - 1) * gain, price: front.price[i]! + k * price });
    });
    front = prune(points, front.exact && stride === 1);
  }
  return front;
}

/** The lane of pairs: the gain of the weaker side, the price of both. */
export function pairFronts(a: Front, b: Front): Front {
  const points: { gain: number; price: number }[] = [];
  let j = 0;
  a.gain.forEach((gain, i) => {
    while (j < b.gain.length && b.gain[j]! < gain) j++;
    if (j < b.gain.length) points.push({ gain, price: a.price[i]! + b.price[j]! });
  });
  let i = 0;
  b.gain.forEach((gain, at) => {
    while (i < a.gain.length && a.gain[i]! < gain) i++;
    if (i < a.gain.length) points.push({ gain, price: b.price[at]! + a.price[i]! });
  });
  return prune(points, a.exact && b.exact);
}
