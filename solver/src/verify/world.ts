import type { PlacementProblem, Workload } from "../problem/types.ts";
import { limitRows } from "./limit-rows.ts";
import { poolRows } from "./pool-rows.ts";
import { PoolShapes } from "./shapes.ts";
import { Variants } from "./variants.ts";
import type { PoolFacts, WorkloadFacts, World } from "./world-types.ts";

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
  const variants = new Variants(problem.workloads.reduce((sum, w) => sum + w.variants.length, 0));
  let next = 0;
  for (const w of problem.workloads) {
    const facts = factsOf(w);
    const whole = facts.kind === "plain" || facts.kind === "lanes";
    for (const v of w.variants) {
      const gain = whole ? (v.capacityPerSecond ?? 0) / facts.demand : 0;
      const byType =
        facts.types.length > 0 ? facts.types.map((t) => t.demand / (v.capacityByType?.[t.name] ?? 0)) : undefined;
      variants.set(next, v, workloads.length, poolIndex.get(v.pool) ?? -1, gain, byType);
      facts.variants.push(next++);
    }
    workloads.push(facts);
  }
  return { workloads, variants };
}

function readPools(problem: PlacementProblem, variants: Variants, shapes: PoolShapes[]): PoolFacts[] {
  const own: number[][] = problem.pools.map(() => []);
  for (let i = 0; i < variants.length; i++) {
    const p = variants.pool[i]!;
    own[p]?.push(i);
    shapes[p]?.add(variants, i);
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

function indexOnDemand(count: number, nameOf: (index: number) => string): (name: string) => number | undefined {
  let index: Map<string, number> | undefined;
  return (name) => {
    if (!index) {
      index = new Map();
      for (let i = 0; i < count; i++) index.set(nameOf(i), i);
    }
    return index.get(name);
  };
}

/** Reads a parsed problem once: near-linear in its size. */
export function readWorld(problem: PlacementProblem): World {
  const { workloads, variants } = readWorkloads(problem, new Map(problem.pools.map((p, i) => [p.name, i])));
  const shapes = problem.pools.map((p) => new PoolShapes(p.nodes));
  const world: World = {
    problem,
    pools: readPools(problem, variants, shapes),
    workloads,
    variants,
    variantNamed: indexOnDemand(variants.length, (i) => variants.name(i)),
    workloadNamed: indexOnDemand(workloads.length, (m) => workloads[m]!.name),
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
