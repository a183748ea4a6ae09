import type { PlacementProblem, Workload } from "../../src/problem/types.ts";
import { attainmentOf, type Replicas, usefulReplicas } from "./attainments.ts";
import { poolFitter, quotasHold } from "./limits.ts";
import { belowAt, compareProfiles, type Entry, levelOf, profileOf, type Step, TIE } from "./profile.ts";
import { classGoals, type OracleClassGoals } from "./shares.ts";

export interface OracleOptions {
  /** F is compared at these rungs only; without them at every t. */
  ladder?: number[];
  /** Attainments that guarantees promise, where another plan of the tenant alone is as good as the oracle's. */
  promised?: Record<string, number>;
}

export interface OracleClass {
  priority: number;
  rule: OracleClassGoals["rule"];
  /** Normalised weights by workload with demand. */
  weights: Record<string, number>;
  caps: Record<string, number>;
  /** As `ClassReport.level`. */
  level: number;
  /** Steps of F of the best plan (rules max-min and dominant-share, and every class under `penalty`). */
  profile: Step[];
  /** F at the asked rungs. */
  ladder: { rung: number; reached: number }[];
  /** Σ w·a·d for `total`, Σ w·ln a over a > 0 for `proportional`, else 0. Weights as given. */
  value: number;
  /** Σ w at a = 0, as given. */
  zeroWeight: number;
}

export interface OracleResult {
  /** Placements that fit. */
  placements: number;
  /** By class: replicas that miss to the minima. */
  missing: { priority: number; replicas: number }[];
  /** By class: attainment that misses to what guarantees promise. */
  broken: { priority: number; attainment: number }[];
  promised: Record<string, number>;
  classes: OracleClass[];
  /** Σ w·a of those that idle guarantees are lent to first; 0 where there are none. */
  cohortFirst: number;
  lends: boolean;
  /** Cost, or under `penalty` the whole objective. */
  objective: number;
  /** One best placement, and its attainments. */
  replicas: Replicas;
  attainment: Record<string, number>;
  /** Tenants with guarantees, alone. */
  alone: Record<string, { problem: PlacementProblem; result: OracleResult }>;
}

interface Placement {
  x: Replicas;
  a: Record<string, number>;
}

/** Every placement in the boxes [low, useful] that fits. */
function placementsFrom(problem: PlacementProblem, low: (min: number) => number): Placement[] {
  const variants = problem.workloads.flatMap((w) => w.variants.map((v) => ({ v, useful: usefulReplicas(w, v.name) })));
  const fits = poolFitter(problem);
  const found: Placement[] = [];
  const x: Replicas = Object.fromEntries(variants.map(({ v }) => [v.name, 0]));
  const visit = (i: number): void => {
    const at = variants[i];
    if (!at) {
      found.push({ x: { ...x }, a: Object.fromEntries(problem.workloads.map((w) => [w.name, attainmentOf(w, x)])) });
      return;
    }
    const most = Math.max(at.v.minReplicas, Math.min(at.useful, at.v.maxReplicas ?? Number.POSITIVE_INFINITY));
    for (let k = low(at.v.minReplicas); k <= most; k++) {
      x[at.v.name] = k;
      // fewer replicas always fit where more do
      if (!quotasHold(problem, x) || !fits(x)) break;
      visit(i + 1);
    }
    x[at.v.name] = 0;
  };
  visit(0);
  return found;
}

/** Keeps the placements of least value. */
function keepLeast(placements: Placement[], value: (p: Placement) => number): { kept: Placement[]; least: number } {
  const values = placements.map(value);
  const least = values.reduce((a, b) => Math.min(a, b), Number.POSITIVE_INFINITY);
  return { kept: placements.filter((_, i) => values[i]! <= least + TIE), least };
}

function costOf(problem: PlacementProblem, x: Replicas): number {
  let sum = 0;
  for (const w of problem.workloads)
    for (const v of w.variants)
      sum += v.costPerHour * x[v.name]! + v.startCost * Math.max(0, x[v.name]! - v.currentReplicas);
  return sum;
}

function shedOf(problem: PlacementProblem, a: Record<string, number>): number {
  return problem.workloads.reduce((sum, w) => sum + w.shedPenalty * (1 - a[w.name]!), 0);
}

function entriesOf(cls: OracleClassGoals, a: Record<string, number>): Entry[] {
  return cls.members.map(({ workload, weight, cap }) => ({ weight, cap, attainment: a[workload.name]! }));
}

function zeroWeight(cls: OracleClassGoals, a: Record<string, number>): number {
  return cls.members.reduce((sum, { workload }) => (a[workload.name]! <= 0 ? sum + workload.weight : sum), 0);
}

function sumOf(cls: OracleClassGoals, a: Record<string, number>): number {
  const term = (w: Workload): number => {
    const at = a[w.name]!;
    if (cls.rule === "total") return w.weight * w.demandPerSecond * at;
    return at > 0 ? w.weight * Math.log(at) : 0;
  };
  return cls.members.reduce((sum, { workload }) => sum + term(workload), 0);
}

function settleClass(placements: Placement[], cls: OracleClassGoals, ladder: number[] | undefined): Placement[] {
  if (cls.rule === "total") return keepLeast(placements, (p) => -sumOf(cls, p.a)).kept;
  if (cls.rule === "proportional") {
    const { kept } = keepLeast(placements, (p) => zeroWeight(cls, p.a));
    return keepLeast(kept, (p) => -sumOf(cls, p.a)).kept;
  }
  if (ladder) {
    let kept = placements;
    for (const rung of ladder) kept = keepLeast(kept, (p) => belowAt(entriesOf(cls, p.a), rung)).kept;
    return kept;
  }
  const profiles = placements.map((p) => profileOf(entriesOf(cls, p.a)));
  let best = profiles[0]!;
  for (const profile of profiles) if (compareProfiles(profile, best) < 0) best = profile;
  return placements.filter((_, i) => compareProfiles(profiles[i]!, best) === 0);
}

function reportClass(
  cls: OracleClassGoals,
  a: Record<string, number>,
  ladder: number[] | undefined,
  penalty: boolean,
): OracleClass {
  const entries = entriesOf(cls, a);
  const zero = zeroWeight(cls, a);
  const weight = cls.members.reduce((sum, m) => sum + m.workload.weight, 0) - zero;
  const most = cls.members.reduce((sum, m) => sum + m.workload.weight * m.workload.demandPerSecond, 0);
  const summed = !penalty && (cls.rule === "total" || cls.rule === "proportional");
  const value = summed ? sumOf(cls, a) : 0;
  let level = levelOf(entries);
  if (summed && cls.rule === "total") level = most > 0 ? value / most : 1;
  if (summed && cls.rule === "proportional") level = weight > 0 ? Math.exp(value / weight) : zero > 0 ? 0 : 1;
  return {
    priority: cls.priority,
    rule: cls.rule,
    weights: Object.fromEntries(cls.members.map((m) => [m.workload.name, m.weight])),
    caps: Object.fromEntries(cls.members.map((m) => [m.workload.name, m.cap])),
    level,
    profile: summed ? [] : profileOf(entries),
    ladder: summed ? [] : (ladder ?? []).map((rung) => ({ rung, reached: belowAt(entries, rung) })),
    value,
    zeroWeight: zero,
  };
}

/** Weight, in Σ w·a of those that idle guarantees are lent to first. */
function lentWeight(problem: PlacementProblem, w: Workload): number {
  if (w.tenant === undefined || w.demandPerSecond <= 0) return 0;
  const cohorts = problem.quotas.flatMap((q) => (q.tenant === w.tenant && q.cohort !== undefined ? [q.cohort] : []));
  const first = problem.quotas.some(
    (q) =>
      q.guaranteedDevices > 0 &&
      q.cohort !== undefined &&
      cohorts.includes(q.cohort) &&
      w.variants.some((v) => v.pool === q.pool),
  );
  return first ? w.weight : 0;
}

function aloneProblem(problem: PlacementProblem, tenant: string): PlacementProblem {
  const own = problem.quotas.filter((q) => q.tenant === tenant);
  return {
    ...problem,
    objective: "lexicographic",
    pools: problem.pools.map((p) => ({
      name: p.name,
      devices: own.filter((q) => q.pool === p.name).reduce((sum, q) => sum + q.guaranteedDevices, 0),
    })),
    quotas: own.map(({ cohort: _, ...q }) => ({ ...q, guaranteedDevices: 0 })),
    cohorts: [],
    workloads: problem.workloads.filter((w) => w.tenant === tenant),
  };
}

function promisesOf(problem: PlacementProblem, options: OracleOptions) {
  const alone: OracleResult["alone"] = {};
  const promised: Record<string, number> = {};
  const tenants = new Set(problem.quotas.filter((q) => q.guaranteedDevices > 0).map((q) => q.tenant));
  for (const tenant of [...tenants].sort()) {
    const own = aloneProblem(problem, tenant);
    if (own.workloads.length === 0) continue;
    const result = bruteForce(own, options.ladder ? { ladder: options.ladder } : {});
    alone[tenant] = { problem: own, result };
    for (const w of own.workloads) if (w.demandPerSecond > 0) promised[w.name] = result.attainment[w.name]!;
  }
  return { alone, promised: options.promised ?? promised };
}

/**
 * The best plan of a tiny world by looking at every placement, stage by stage as the model orders them: minima, guarantees, classes,
 * loans inside cohorts, cost. Replicas past full attainment are left out (they only cost). Throws for more than two request types.
 */
export function bruteForce(problem: PlacementProblem, options: OracleOptions = {}): OracleResult {
  const goals = classGoals(problem);
  const { alone, promised } = promisesOf(problem, options);
  let kept = placementsFrom(problem, (min) => min);
  if (kept.length === 0) kept = placementsFrom(problem, () => 0);
  const placements = kept.length;
  const settle = (value: (p: Placement) => number): number => {
    const { kept: next, least } = keepLeast(kept, value);
    kept = next;
    return least;
  };
  const missing = goals.map(({ priority }) => {
    const own = problem.workloads.filter((w) => w.priority === priority).flatMap((w) => w.variants);
    return {
      priority,
      replicas: settle((p) => own.reduce((s, v) => s + Math.max(0, v.minReplicas - p.x[v.name]!), 0)),
    };
  });
  const broken = goals.map(({ priority, members }) => {
    const lack = (p: Placement, name: string) => Math.max(0, (promised[name] ?? 0) - p.a[name]!);
    return { priority, attainment: settle((p) => members.reduce((s, m) => s + lack(p, m.workload.name), 0)) };
  });
  const penalty = problem.objective === "penalty";
  let cohortFirst = 0;
  const lent = problem.workloads.map((w) => ({ name: w.name, weight: penalty ? 0 : lentWeight(problem, w) }));
  const lends = lent.some((l) => l.weight > 0);
  if (!penalty) {
    for (const cls of goals) kept = settleClass(kept, cls, options.ladder);
    if (lends) cohortFirst = -settle((p) => -lent.reduce((s, l) => s + l.weight * p.a[l.name]!, 0));
  }
  const objective = settle((p) => costOf(problem, p.x) + (penalty ? shedOf(problem, p.a) : 0));
  const best = kept[0]!;
  return {
    placements,
    missing,
    broken,
    promised,
    classes: goals.map((cls) => reportClass(cls, best.a, options.ladder, penalty)),
    cohortFirst,
    lends,
    objective,
    replicas: best.x,
    attainment: best.a,
    alone,
  };
}
