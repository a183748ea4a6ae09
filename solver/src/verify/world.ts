import type { PlacementProblem, Variant, Workload } from "../problem/types.ts";
import { limitRows } from "./limit-rows.ts";
import { poolRows } from "./pool-rows.ts";
import { PoolShapes } from "./shapes.ts";
import { NO_TYPES, type PoolFacts, VariantFacts, type WorkloadFacts, type World } from "./world-types.ts";

export type * from "./world-types.ts";

const NO_DEMANDS: WorkloadFacts["types"] = [];

function kindOf(w: Workload): WorkloadFacts["kind"] {
  if (!(w.demandPerSecond > 0)) return "idle";
  if (w.requestTypes) return "types";
  return w.variants.some((v) => v.role !== "both") ? "lanes" : "plain";
}

function factsOf(w: Workload): WorkloadFacts {
  const types = w.requestTypes?.filter((t) => t.demandPerSecond > 0);
  return {
    name: w.name,
    tenant: w.tenant,
    priority: w.priority,
    weight: w.weight,
    demand: w.demandPerSecond,
    types: types ? types.map((t) => ({ name: t.name, demand: t.demandPerSecond })) : NO_DEMANDS,
    shedPenalty: w.shedPenalty,
    kind: kindOf(w),
    variants: [],
  };
}

function readWorkloads(problem: PlacementProblem, poolIndex: Map<string, number>) {
  const workloads: WorkloadFacts[] = [];
  const variants: VariantFacts[] = [];
  const add = (v: Variant, facts: WorkloadFacts) => {
    const whole = facts.kind === "plain" || facts.kind === "lanes";
    const gain = whole ? (v.capacityPerSecond ?? 0) / facts.demand : 0;
    const byType =
      facts.types.length > 0 ? facts.types.map((t) => t.demand / (v.capacityByType?.[t.name] ?? 0)) : NO_TYPES;
    facts.variants.push(variants.length);
    variants.push(new VariantFacts(v, workloads.length, poolIndex.get(v.pool) ?? -1, gain, byType));
  };
  for (const w of problem.workloads) {
    const facts = factsOf(w);
    for (const v of w.variants) add(v, facts);
    workloads.push(facts);
  }
  return { workloads, variants };
}

function readPools(problem: PlacementProblem, variants: VariantFacts[], shapes: PoolShapes[]): PoolFacts[] {
  const own: number[][] = problem.pools.map(() => []);
  for (let i = 0; i < variants.length; i++) {
    const v = variants[i]!;
    own[v.pool]?.push(i);
    shapes[v.pool]?.add(v);
  }
  return problem.pools.map((p, index) => {
    const nodes = p.nodes;
    const usable = new Set(shapes[index]!.list.flatMap((s) => s.eligible));
    const total = (keep: (k: number) => boolean) =>
      (nodes ?? []).reduce((sum, n, k) => sum + (keep(k) ? n.count * n.freeDevices : 0), 0);
    return {
      name: p.name,
      nodes,
      variants: own[index]!,
      devices: nodes ? total(() => true) : (p.devices ?? 0),
      usableDevices: nodes ? total((k) => usable.has(k)) : (p.devices ?? 0),
      exact: true,
    };
  });
}

function indexOnDemand(variants: VariantFacts[]): World["variantNamed"] {
  let index: Map<string, number> | undefined;
  return (name) => {
    index ??= new Map(variants.map((v, i) => [v.name, i]));
    return index.get(name);
  };
}

/** Reads a parsed problem once: near-linear in its size. */
export function readWorld(problem: PlacementProblem): World {
  const { workloads, variants } = readWorkloads(problem, new Map(problem.pools.map((p, i) => [p.name, i])));
  const workloadIndex = new Map<string, number>();
  for (let m = 0; m < workloads.length; m++) workloadIndex.set(workloads[m]!.name, m);
  const shapes = problem.pools.map((p) => new PoolShapes(p.nodes));
  const world: World = {
    problem,
    pools: readPools(problem, variants, shapes),
    workloads,
    variants,
    variantNamed: indexOnDemand(variants),
    workloadIndex,
    rows: [],
    rowIndex: new Map(),
  };
  world.pools.forEach((pool, p) => {
    poolRows(world, pool, shapes[p]!.list);
  });
  limitRows(world);
  world.rows.forEach((row, r) => {
    world.rowIndex.set(row.key, r);
  });
  return world;
}
