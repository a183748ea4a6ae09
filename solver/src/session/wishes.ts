import { Pricer } from "../lagrange/pricer.ts";
import type { Base } from "./base.ts";
import type { Changed } from "./changed-instance.ts";
import { addNeighbours } from "./neighbours.ts";
import { countsOf, partOf } from "./part.ts";
import { pricedModel } from "./stages.ts";

/** What the changed workloads want at the prices. */
export interface Wishes {
  /** Counts, by workload. */
  counts: Map<number, Float64Array>;
  /** By capacity row: how much more that uses than before. */
  more: Float64Array;
}

/** How much dearer than its best a pattern may be that stays close to what runs: of its priced value. */
const STAY = 5e-3;

/** Best patterns at the prices; of about equal ones that which is closest to what runs. undefined where one cannot be had at all. */
export function wishesOf(base: Base, changed: Changed): Wishes | undefined {
  const part = partOf(changed.instance, changed.goals, Int32Array.from(changed.workloads).sort());
  const old = countsOf(part, changed.instance, base.x);
  const { model, prices } = pricedModel(part, base.stages, base.reached, base.stages.length - 1);
  const { flat } = part;
  const pricer = new Pricer(model);
  const near = new Float64Array(flat.widest);
  const wishes: Wishes = { counts: new Map(), more: new Float64Array(flat.rows) };
  for (const [i, m] of part.members.entries()) {
    const v0 = flat.first[i]!;
    const nv = flat.first[i + 1]! - v0;
    const best = pricer.solve(i, prices);
    if (!(best < Number.POSITIVE_INFINITY)) return undefined;
    const grown = changed.instance.workloads[m]!.demand / (base.instance.workloads[m]!.demand || 1);
    for (let k = 0; k < nv; k++) near[k] = Math.ceil(old[v0 + k]! * Math.max(1, grown));
    if (!(pricer.solve(i, prices, 1, near) <= best + STAY * Math.abs(best))) pricer.solve(i, prices);
    const counts = pricer.x.slice(0, nv);
    wishes.counts.set(m, counts);
    for (let v = v0; v < v0 + nv; v++) {
      const more = counts[v - v0]! - old[v]!;
      for (let u = flat.useStart[v]!; u < flat.useStart[v + 1]!; u++)
        wishes.more[flat.useRow[u]!] = wishes.more[flat.useRow[u]!]! + flat.useAmount[u]! * more;
    }
  }
  return wishes;
}

/**
 * Those who are placed in a round: the affected, whoever trades with them most cheaply (`few`: on each row and in each direction at
 * least), and the short ones of pools that changed.
 */
export function placedIn(base: Base, changed: Changed, affected: Set<number>, wishes: Wishes, few: number): Int32Array {
  const near = new Set(affected);
  for (const p of changed.pools)
    for (const v of changed.instance.pools[p]!.variants) {
      const m = changed.instance.variants[v]!.workload;
      if (base.a[m]! < Math.min(1, base.goals.cap[m]!) - 1e-7) near.add(m);
    }
  wishes.more.forEach((more, r) => {
    const grown = changed.instance.rows[r]!.capacity - base.instance.rows[r]!.capacity;
    addNeighbours(base.neighbours, r, more - grown, few, near);
  });
  return Int32Array.from(near).sort();
}
