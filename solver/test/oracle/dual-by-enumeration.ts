import type { PlacementProblem, Variant, Workload } from "../../src/problem/types.ts";
import { attainmentOf, type Replicas, usefulReplicas } from "./attainments.ts";
import type { OracleClass, OracleResult } from "./brute-force.ts";

export interface PricedRow {
  capacity: number;
  price: number;
  use: (v: Variant) => number;
}

/** An earlier F stage with its multiplier. */
export interface PricedRung {
  cls: OracleClass;
  rung: number;
  reached: number;
  price: number;
}

/** An earlier stage that was maximised (Σ w·a·d, Σ w·ln a), or the weight that a proportional class leaves at zero. */
export interface PricedSum {
  kind: "total" | "proportional" | "anything";
  priority: number;
  reached: number;
  price: number;
}

export type StageValue = "cost" | "penalty" | "total" | "proportional" | { cls: OracleClass; rung: number };

export interface DualQuestion {
  problem: PlacementProblem;
  result: OracleResult;
  stage: StageValue;
  rows: PricedRow[];
  earlier: PricedRung[];
  sums: PricedSum[];
  /** All rows, priced or not: no variant alone may pass one. */
  limits: PricedRow[];
}

function weightBelow(cls: OracleClass, w: Workload, a: number, rung: number): number {
  const weight = cls.weights[w.name];
  if (weight === undefined || w.priority !== cls.priority) return 0;
  return a < Math.min(1, weight * rung, cls.caps[w.name]!) - 1e-7 ? weight : 0;
}

function sumTerm(kind: PricedSum["kind"], w: Workload, a: number): number {
  if (w.demandPerSecond <= 0) return 0;
  if (kind === "total") return w.weight * w.demandPerSecond * a;
  if (kind === "anything") return a > 0 ? 0 : w.weight;
  return a > 0 ? w.weight * Math.log(a) : 0;
}

/** What one placement of one workload brings to the Lagrangian; Infinity where it breaks what is hard for it alone. */
function term(q: DualQuestion, w: Workload, x: Replicas): number {
  const a = attainmentOf(w, x);
  let sum = 0;
  for (const e of q.earlier) {
    const below = weightBelow(e.cls, w, a, e.rung);
    if (below > e.reached + 1e-6) return Number.POSITIVE_INFINITY;
    sum += e.price * below;
  }
  for (const s of q.sums) {
    if (s.priority !== w.priority) continue;
    const value = sumTerm(s.kind, w, a);
    if (s.kind === "anything" && value > s.reached + 1e-6) return Number.POSITIVE_INFINITY;
    sum += (s.kind === "anything" ? 1 : -1) * s.price * value;
  }
  for (const v of w.variants) {
    for (const r of q.rows) sum += r.price * r.use(v) * x[v.name]!;
    if (q.stage !== "cost" && q.stage !== "penalty") continue;
    sum += v.costPerHour * x[v.name]! + v.startCost * Math.max(0, x[v.name]! - v.currentReplicas);
  }
  if (q.stage === "penalty") return sum + w.shedPenalty * (1 - a);
  if (q.stage === "total" || q.stage === "proportional") return sum - sumTerm(q.stage, w, a);
  return q.stage === "cost" ? sum : sum + weightBelow(q.stage.cls, w, a, q.stage.rung);
}

function least(q: DualQuestion, w: Workload, at = 0, x: Replicas = {}): number {
  const v = w.variants[at];
  if (!v) return term(q, w, x);
  let most = Math.min(v.maxReplicas ?? Number.POSITIVE_INFINITY, usefulReplicas(w, v.name));
  for (const r of q.limits) if (r.use(v) > 0) most = Math.min(most, Math.floor(r.capacity / r.use(v)));
  let best = Number.POSITIVE_INFINITY;
  for (let k = v.minReplicas; k <= Math.max(most, v.minReplicas); k++)
    best = Math.min(best, least(q, w, at + 1, { ...x, [v.name]: k }));
  return best;
}

/** The bound that prices prove, by looking at every placement of every workload: negated for what is maximised. */
export function dualByEnumeration(q: DualQuestion): number {
  let bound = q.problem.workloads.reduce((sum, w) => sum + least(q, w), 0);
  for (const r of q.rows) bound -= r.price * r.capacity;
  for (const e of q.earlier) bound -= e.price * e.reached;
  for (const s of q.sums) bound += (s.kind === "anything" ? -1 : 1) * s.price * s.reached;
  return q.stage === "total" || q.stage === "proportional" ? -bound : bound;
}
