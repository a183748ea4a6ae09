import { COLUMNS } from "./columns.ts";
import type { Dual } from "./dual.ts";
import { Placement } from "./placement.ts";

/** Weight from which a column is taken at once. */
const SURE = 0.9;
/** Share of the workloads still open that is decided in each round at least. */
const SHARE = 0.12;

/** Likely columns this far apart (replicas) are mixed. */
const MIXED = 2;

/** How many times its price a row may cost while what is left of it is shared out. */
const MOST_RISE = 1.5;

/** Boxes that are tried, in means: columns that weigh next to nothing are missing in the mean, and large demands are dear to leave a little open. */
const BOXES = [1, 1.01, 1.03, 1.1];
/** Share of its own value that a pattern may lose at the prices, for a larger box not to be tried. */
const LOST = 0.002;
/** Of the prices, what counts inside the box: a workload that is as well off with nothing would else not take its mean. */
const EAGER = 0.9;

/**
 * The cheapest pattern inside the box up to the mean of the likely columns, rounded up, into \`counts\`: of the first box in which little is lost,
 * or in which least is. \`eager\`: the prices a little lower. False where no box holds what m needs.
 */
function mixed(dual: Dual, m: number, prices: Float64Array, eager: Float64Array, box: Box): boolean {
  const { master, pricer, model, columns } = dual;
  const nv = model.flat.first[m + 1]! - model.flat.first[m]!;
  const cheapest = columns.cheapest(m, prices);
  const most = cheapest < 0 ? 0 : (1 + LOST) * columns.priced(m, cheapest, prices);
  let least = Number.POSITIVE_INFINITY;
  for (const share of BOXES) {
    for (let i = 0; i < nv; i++) box.limits[i] = Math.ceil(share * master.meanCounts[i]! - 0.02);
    if (!(pricer.solve(m, eager, 1, box.limits) < Number.POSITIVE_INFINITY)) continue;
    const a = columns.attainment(m, pricer.x, 0);
    const value = pricer.paid(m, pricer.x, prices, 1) + pricer.worth(m, a, prices, 1);
    if (value >= least) continue;
    least = value;
    box.counts.set(pricer.x);
    if (value <= most) break;
  }
  return least < Number.POSITIVE_INFINITY;
}

interface Box {
  limits: Float64Array;
  counts: Float64Array;
}

/**
 * A plan from prices by diving: the columns that the smoothed optimum is sure of are fixed, prices are found anew for what is left of
 * the rows, and so on (column generation diving, Sadykov et al. 2019, with entropy weights in place of LP values). The plan may overload rows:
 * `LocalSearch.settle` relieves them.
 */
export function dive(dual: Dual, list: Int32Array, plan: Placement, prices: Float64Array, tau: number): Placement {
  const { columns, model } = dual;
  const { flat } = model;
  const open = new Uint8Array(flat.workloads);
  for (const m of list) open[m] = 1;
  let rest = list;
  const at = prices.slice();
  const eager = new Float64Array(at.length);
  const zero = new Float64Array(flat.widest);
  const box = { limits: new Float64Array(flat.widest), counts: new Float64Array(flat.widest) };
  // nothing of the open workloads counts as used
  for (const m of list) plan.set(m, zero, 0);
  const residual = new Float64Array(model.capacity.length);
  const { master } = dual;
  const kept = master.capacity;
  const order: { m: number; c: number; weight: number }[] = [];
  while (rest.length > 0) {
    // what the open workloads use with nothing in place (weight below rungs) is theirs to decide
    for (let r = 0; r < residual.length; r++) residual[r] = model.capacity[r]! - plan.used[r]!;
    for (const m of rest) plan.addUse(m, residual);
    master.capacity = residual;
    const t = rest.length === list.length ? tau : tau * 3;
    master.ascend(rest, at, t, rest.length < list.length ? 6 : 30, rest.length < list.length ? 0 : 1e-3);
    // the last few cannot balance rows that others overloaded: prices beyond reason would only make them jump
    if (rest.length < list.length)
      for (let r = 0; r < at.length; r++) at[r] = Math.min(at[r]!, MOST_RISE * prices[r]! + master.units[r]!);
    for (let r = 0; r < at.length; r++) eager[r] = EAGER * at[r]!;
    order.length = 0;
    const choice = new Set<number>();
    master.likeliest(at, t, ({ m, weight, column: c, spread }) => {
      if (weight < SURE && spread >= MIXED && mixed(dual, m, at, eager, box)) {
        // the pattern between the likely ones is as good as they are, and closer to what the rows can hold
        const fresh = columns.insert(m, box.counts, 0, at);
        order.push({ m, c: fresh, weight: SURE });
      } else order.push({ m, c, weight });
      choice.add(m);
    });
    for (const m of rest) if (!choice.has(m)) order.push({ m, c: columns.cheapest(m, at), weight: 1 });
    order.sort((a, b) => b.weight - a.weight || a.m - b.m);
    const least = Math.ceil(rest.length * SHARE);
    let done = 0;
    for (const { m, c, weight } of order) {
      if (weight < SURE && done >= least) break;
      done++;
      open[m] = 0;
      const nv = flat.first[m + 1]! - flat.first[m]!;
      const x0 = flat.first[m]! * COLUMNS + c * nv;
      // what does not fit is placed all the same: overload is relieved afterwards by those who lose least
      if (c >= 0) plan.set(m, columns.x, x0);
    }
    rest = rest.filter((m) => open[m] === 1);
  }
  master.capacity = kept;
  return plan;
}

/** A placement with nothing in it. */
export function emptyPlacement(dual: Dual): Placement {
  const plan = new Placement(dual.columns);
  plan.load(new Float64Array(dual.model.flat.variants));
  return plan;
}
