import { attainmentOf } from "./attainment.ts";
import { type LinearProgram, maximise } from "./simplex.ts";
import type { WorkloadFacts, World } from "./world.ts";
import { smooth, type Worth } from "./worth.ts";

/** Linear programs of one search before its best open relaxation stands in for the minimum. */
const MOST_PROGRAMS = 300;

/** Replicas of one variant between two whole bounds; `price` of the k-th one above `low` never falls. */
export interface Box {
  variant: number;
  low: number;
  high: number;
  /** Replicas above `low` at the first price, and the two prices. */
  cheap: number;
  price: number;
  laterPrice: number;
}

function priceOf(box: Box, replicas: number): number {
  const extra = replicas - box.low;
  return Math.min(extra, box.cheap) * box.price + Math.max(0, extra - box.cheap) * box.laterPrice;
}

interface Relaxation {
  value: number;
  /** True where the attainment reaches the goal. */
  met: boolean;
  replicas: number[];
}

/**
 * Continuous relaxation inside `low..high` of each box, as a program with a feasible origin: columns are the part of the attainment
 * up to `goal`, the part above it, two price segments for each box, and the split of the types. What is missing to the goal is
 * penalised instead of forbidden: that only lowers the minimum, so the value stays a bound. ln a is dropped (it is at most 0).
 */
function relax(
  world: World,
  w: WorkloadFacts,
  boxes: Box[],
  low: number[],
  high: number[],
  worth: Worth,
  goal: number,
): Relaxation {
  const n = boxes.length;
  const kinds = w.types.length;
  const steep = 1e4 * (1 + worth.linear + boxes.reduce((sum, b, i) => sum + priceOf(b, Math.min(high[i]!, 1e6)), 0));
  const lp: LinearProgram = { objective: [worth.linear + steep, worth.linear], rows: [], limits: [] };
  const limit = (terms: { at: number; by: number }[], to: number) => {
    lp.rows.push(terms);
    lp.limits.push(Math.max(0, to));
  };
  limit([{ at: 0, by: 1 }], goal);
  limit([{ at: 1, by: 1 }], 1 - goal);
  const column = (i: number, t: number) => 2 + 2 * n + i * kinds + t;
  let base = 0;
  boxes.forEach((b, i) => {
    base += priceOf(b, low[i]!);
    const cheap = Math.max(0, Math.min(high[i]! - low[i]!, b.cheap - (low[i]! - b.low)));
    lp.objective.push(-b.price, -b.laterPrice);
    limit([{ at: 2 + 2 * i, by: 1 }], cheap);
    limit([{ at: 3 + 2 * i, by: 1 }], high[i]! - low[i]! - cheap);
    const needs = world.variants.replicasByType(b.variant);
    const load = needs.flatMap((by, t) => (Number.isFinite(by) ? [{ at: column(i, t), by }] : []));
    limit([...load, { at: 2 + 2 * i, by: -1 }, { at: 3 + 2 * i, by: -1 }], low[i]!);
  });
  for (let i = 0; i < n * kinds; i++) lp.objective.push(0);
  for (let t = 0; t < kinds; t++) {
    const servers = boxes.flatMap((b, i) =>
      Number.isFinite(world.variants.replicasByType(b.variant)[t]!) ? [{ at: column(i, t), by: -1 }] : [],
    );
    limit([{ at: 0, by: 1 }, { at: 1, by: 1 }, ...servers], 0);
  }
  const { value, z, solved } = maximise(lp);
  if (!solved) return { value: Number.NEGATIVE_INFINITY, met: false, replicas: low.slice() };
  const replicas = boxes.map((_, i) => low[i]! + z[2 + 2 * i]! + z[3 + 2 * i]!);
  return { value: base + worth.linear + steep * goal - value, met: z[0]! >= goal - 1e-9, replicas };
}

/** The count that is furthest from whole; where all are whole and still no answer, any that is open; −1 for none. */
function branchOn(node: Relaxation, low: number[], high: number[], open: boolean): number {
  const distances = node.replicas.map((x) => Math.abs(x - Math.round(x)));
  const furthest = distances.indexOf(Math.max(...distances));
  if (distances[furthest]! >= 1e-7) return furthest;
  return open || !node.met ? low.findIndex((l, i) => l < high[i]!) : -1;
}

/**
 * min Σ price + smooth(a) over whole replicas inside the boxes with attainment ≥ goal, for request types; depth-first over the most
 * fractional count. `exact` false: a lower bound.
 */
export function searchTypes(world: World, w: WorkloadFacts, boxes: Box[], worth: Worth, goal: number, below: number) {
  let best = below;
  let programs = 0;
  let cut = Number.POSITIVE_INFINITY;
  const attainment = (replicas: number[]) =>
    attainmentOf(world, w, (v) => replicas[boxes.findIndex((b) => b.variant === v)]!);
  const leaf = (replicas: number[]) => {
    const a = attainment(replicas);
    if (a < goal - 1e-9) return;
    best = Math.min(best, boxes.reduce((sum, b, i) => sum + priceOf(b, replicas[i]!), 0) + smooth(worth, a));
  };
  const visit = (low: number[], high: number[]): void => {
    programs++;
    const node = relax(world, w, boxes, low, high, worth, goal);
    if (node.value >= best - 1e-9 * Math.max(1, Math.abs(best))) return;
    if (programs > MOST_PROGRAMS) {
      cut = Math.min(cut, node.value);
      return;
    }
    if (!node.met && attainment(high) < goal - 1e-9) return;
    leaf(node.replicas.map((x, i) => Math.min(high[i]!, Math.ceil(x - 1e-7))));
    const at = branchOn(node, low, high, worth.log > 0);
    if (at < 0) {
      // whole already: the relaxation is attained, up to rounding
      if (node.met && worth.log === 0) best = Math.min(best, node.value + 1e-9 * Math.max(1, Math.abs(node.value)));
      return;
    }
    const split = Math.min(high[at]! - 1, Math.floor(node.replicas[at]! + 1e-7));
    visit(low, high.with(at, split));
    visit(low.with(at, split + 1), high);
  };
  visit(
    boxes.map((b) => b.low),
    boxes.map((b) => b.high),
  );
  return { value: Math.min(best, cut), exact: cut === Number.POSITIVE_INFINITY };
}
