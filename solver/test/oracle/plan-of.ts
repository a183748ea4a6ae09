import type { CertificateEntry, ClassReport, Conflict, Plan, WorkloadPlan } from "../../src/plan/types.ts";
import type { PlacementProblem, Workload } from "../../src/problem/types.ts";
import type { Replicas } from "./attainments.ts";
import type { OracleClass, OracleResult } from "./brute-force.ts";
import { poolPlan } from "./plan-pools.ts";

/** The ladder that plans of tests carry: ask the oracle for the same. */
export const TEST_LADDER = [0.25, 0.5, 0.75, 1];

/** A split of at most two request types: each variant first serves the type that it is comparatively best at. */
function splitOf(w: Workload, x: Replicas, attainment: number): Record<string, Record<string, number>> {
  const [first, second] = w.requestTypes!;
  const speed = (v: Workload["variants"][number], type: string) => v.capacityByType?.[type] ?? 0;
  const ratio = (v: Workload["variants"][number]) => speed(v, first!.name) / (speed(v, second?.name ?? "") || 1e-9);
  const left = new Map(w.requestTypes!.map((t) => [t.name, attainment * t.demandPerSecond]));
  const split: Record<string, Record<string, number>> = Object.fromEntries(w.variants.map((v) => [v.name, {}]));
  const room = new Map(w.variants.map((v) => [v.name, x[v.name]!]));
  const serve = (v: Workload["variants"][number], type: string | undefined) => {
    if (type === undefined) return;
    const served = Math.min(left.get(type)!, room.get(v.name)! * speed(v, type));
    split[v.name]![type] = served;
    left.set(type, left.get(type)! - served);
    if (served > 0) room.set(v.name, room.get(v.name)! - served / speed(v, type));
  };
  const byAdvantage = [...w.variants].sort((a, b) => ratio(b) - ratio(a));
  for (const v of byAdvantage) serve(v, first!.name);
  for (const v of byAdvantage.toReversed()) serve(v, second?.name);
  return split;
}

function workloadPlan(w: Workload, x: Replicas, attainment: number): WorkloadPlan {
  const split = w.requestTypes && w.demandPerSecond > 0 ? splitOf(w, x, attainment) : undefined;
  const variants = w.variants.map((v) => {
    const plan = { name: v.name, replicas: x[v.name]! };
    return split ? { ...plan, servedByType: split[v.name]! } : plan;
  });
  return { name: w.name, attainment, variants };
}

function classEntries(c: OracleClass): CertificateEntry[] {
  const entry = (stage: string, sense: "min" | "max", reached: number): CertificateEntry => ({
    stage: `class/${c.priority}/${stage}`,
    method: sense === "min" && reached === 0 ? "trivial" : "search",
    sense,
    reached,
    bound: reached,
  });
  if (c.rule === "total") return [entry("total", "max", c.value)];
  if (c.rule === "proportional")
    return [entry(`F(${1e-9})`, "min", c.zeroWeight), entry("proportional", "max", c.value)];
  return c.ladder.map((r) => entry(`F(${r.rung})`, "min", r.reached));
}

function classReport(c: OracleClass, penalty: boolean): ClassReport {
  const base = { priority: c.priority, rule: c.rule, level: c.level };
  if (penalty) return { ...base, levelBound: 1, ladder: [] };
  if (c.rule === "total") return { ...base, levelBound: c.level, ladder: [] };
  if (c.rule === "proportional")
    return { ...base, levelBound: c.level, ladder: [{ rung: 1e-9, reached: c.zeroWeight, bound: c.zeroWeight }] };
  const ladder = c.ladder.map((r) => ({ ...r, bound: r.reached }));
  return { ...base, levelBound: ladder.find((r) => r.bound > 0)?.rung ?? 1, ladder };
}

function conflictsOf(problem: PlacementProblem, result: OracleResult): Conflict[] {
  const conflicts: Conflict[] = [];
  for (const w of problem.workloads) {
    for (const v of w.variants)
      if (result.replicas[v.name]! < v.minReplicas)
        conflicts.push({
          rule: "MinReplicas",
          pool: v.pool,
          workloads: [w.name],
          variants: [v.name],
          asked: v.minReplicas,
          available: result.replicas[v.name]!,
        });
    const promised = result.promised[w.name] ?? 0;
    const got = result.attainment[w.name]!;
    if (got < promised - 1e-7)
      conflicts.push({
        rule: "Guarantee",
        pool: "",
        workloads: [w.name],
        variants: [],
        asked: promised,
        available: got,
      });
  }
  return conflicts;
}

function floorEntries(result: OracleResult, conflicts: Conflict[]): CertificateEntry[] {
  if (conflicts.length === 0) return [];
  const entry = (stage: string, value: number): CertificateEntry => ({
    stage,
    method: value === 0 ? "trivial" : "search",
    sense: "min",
    reached: value,
    bound: value,
  });
  return [
    ...result.missing.map((c) => entry(`floors/${c.priority}`, c.replicas)),
    ...result.broken.map((c) => entry(`floors/${c.priority}/guarantees`, c.attainment < 1e-6 ? 0 : c.attainment)),
  ];
}

/** The oracle's best placement as a plan, for a result with the test ladder: every bound equals what is reached, by search. */
export function planOf(problem: PlacementProblem, result: OracleResult): Plan {
  const x = result.replicas;
  const penalty = problem.objective === "penalty";
  const conflicts = conflictsOf(problem, result);
  const last: CertificateEntry = {
    stage: penalty ? "penalty" : "cost",
    method: "search",
    sense: "min",
    reached: result.objective,
    bound: result.objective,
  };
  const lent: CertificateEntry = {
    ...last,
    stage: "cohort-first",
    sense: "max",
    reached: result.cohortFirst,
    bound: result.cohortFirst,
  };
  const ranked = penalty ? [] : [...result.classes.flatMap(classEntries), ...(result.lends ? [lent] : [])];
  return {
    apiVersion: "apportion.dev/v1",
    kind: "PlacementPlan",
    status: conflicts.length > 0 ? "infeasible" : "optimal",
    objective: { name: problem.objective, primal: result.objective, bound: result.objective, gap: 0 },
    classes: result.classes.map((c) => classReport(c, penalty)),
    workloads: problem.workloads.map((w) => workloadPlan(w, x, result.attainment[w.name]!)),
    pools: problem.pools.map((pool) => {
      const variants = problem.workloads.flatMap((w) => w.variants.filter((v) => v.pool === pool.name));
      return poolPlan(pool, variants, x);
    }),
    conflicts,
    guarantees: Object.entries(result.alone).map(([tenant, alone]) => ({
      tenant,
      plan: planOf(alone.problem, alone.result),
      floors: alone.problem.workloads.map((w) => ({
        workload: w.name,
        attainment: w.demandPerSecond > 0 ? Math.min(result.promised[w.name]!, result.attainment[w.name]!) : 1,
      })),
    })),
    certificate: [...floorEntries(result, conflicts), ...ranked, last],
    engine: "oracle",
    elapsedMs: 0,
  };
}
