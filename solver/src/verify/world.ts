import type { NodeRow, PlacementProblem, Taint, Toleration } from "../problem/types.ts";
import { limitRows } from "./limit-rows.ts";
import { poolRows } from "./pool-rows.ts";
import type { PoolFacts, VariantFacts, WorkloadFacts, World } from "./world-types.ts";

export type * from "./world-types.ts";

function matches(t: Toleration, taint: Taint): boolean {
  const effect = t.effect === undefined || t.effect === taint.effect;
  if (t.key === "") return effect && t.operator === "Exists";
  return effect && t.key === taint.key && (t.operator === "Exists" || t.value === taint.value);
}

/** Kubernetes' rule: every taint that keeps pods away must be tolerated. */
function eligibleRows(nodes: NodeRow[], tolerations: Toleration[]): number[] {
  const result: number[] = [];
  nodes.forEach((node, k) => {
    const hard = node.taints.filter((taint) => taint.effect !== "PreferNoSchedule");
    if (hard.every((taint) => tolerations.some((t) => matches(t, taint)))) result.push(k);
  });
  return result;
}

function readWorkloads(problem: PlacementProblem, poolIndex: Map<string, number>) {
  const workloads: WorkloadFacts[] = [];
  const variants: VariantFacts[] = [];
  for (const w of problem.workloads) {
    const types = (w.requestTypes ?? [])
      .filter((t) => t.demandPerSecond > 0)
      .map((t) => ({ name: t.name, demand: t.demandPerSecond }));
    const lanes = w.variants.some((v) => v.role !== "both");
    const kind = !(w.demandPerSecond > 0) ? "idle" : w.requestTypes ? "types" : lanes ? "lanes" : "plain";
    const facts: WorkloadFacts = {
      name: w.name,
      tenant: w.tenant,
      priority: w.priority,
      weight: w.weight,
      demand: w.demandPerSecond,
      types,
      shedPenalty: w.shedPenalty,
      kind,
      variants: [],
    };
    for (const v of w.variants) {
      facts.variants.push(variants.length);
      variants.push({
        name: v.name,
        workload: workloads.length,
        pool: poolIndex.get(v.pool) ?? -1,
        role: v.role,
        devices: v.devicesPerReplica,
        members: v.nodesPerReplica,
        gain: kind === "plain" || kind === "lanes" ? (v.capacityPerSecond ?? 0) / w.demandPerSecond : 0,
        replicasByType: types.map((t) => t.demand / (v.capacityByType?.[t.name] ?? 0)),
        cost: v.costPerHour,
        startCost: v.startCost,
        current: v.currentReplicas,
        min: v.minReplicas,
        max: v.maxReplicas ?? Number.POSITIVE_INFINITY,
        movable: v.movable,
        uses: [],
      });
    }
    workloads.push(facts);
  }
  return { workloads, variants };
}

function readPools(problem: PlacementProblem, variants: VariantFacts[]): PoolFacts[] {
  const tolerations = problem.workloads.flatMap((w) => w.variants.map((v) => v.tolerations));
  const own: number[][] = problem.pools.map(() => []);
  variants.forEach((v, i) => {
    own[v.pool]?.push(i);
  });
  return problem.pools.map((p, index) => {
    const mine = own[index]!;
    const nodes = p.nodes;
    const eligible = mine.map((v) => (nodes ? eligibleRows(nodes, tolerations[v]!) : []));
    const usable = new Set(eligible.flat());
    const total = (keep: (k: number) => boolean) =>
      (nodes ?? []).reduce((sum, n, k) => sum + (keep(k) ? n.count * n.freeDevices : 0), 0);
    return {
      name: p.name,
      nodes,
      variants: mine,
      eligible,
      devices: nodes ? total(() => true) : (p.devices ?? 0),
      usableDevices: nodes ? total((k) => usable.has(k)) : (p.devices ?? 0),
      exact: true,
    };
  });
}

/** Reads a parsed problem once: near-linear in its size. */
export function readWorld(problem: PlacementProblem): World {
  const { workloads, variants } = readWorkloads(problem, new Map(problem.pools.map((p, i) => [p.name, i])));
  const world: World = {
    problem,
    pools: readPools(problem, variants),
    workloads,
    variants,
    variantIndex: new Map(variants.map((v, i) => [v.name, i])),
    workloadIndex: new Map(workloads.map((w, i) => [w.name, i])),
    rows: [],
    rowIndex: new Map(),
  };
  for (const pool of world.pools) poolRows(world, pool);
  limitRows(world);
  world.rows.forEach((row, r) => {
    world.rowIndex.set(row.key, r);
  });
  return world;
}
