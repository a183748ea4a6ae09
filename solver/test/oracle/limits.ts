import type { PlacementProblem, Variant } from "../../src/problem/types.ts";
import type { Replicas } from "./attainments.ts";
import { searchPacking } from "./packing-search.ts";

/** True where `cohort` is `root` or stands below it. */
function isBelow(problem: PlacementProblem, cohort: string | undefined, root: string): boolean {
  for (let at = cohort, steps = 0; at !== undefined && steps <= problem.cohorts.length; steps++) {
    if (at === root) return true;
    const name = at;
    at = problem.cohorts.find((c) => c.name === name && c.parent !== undefined)?.parent;
  }
  return false;
}

/** Σ over the variants of the tenants, on one pool or on all. */
function sumOver(
  problem: PlacementProblem,
  tenants: Set<string>,
  pool: string | undefined,
  amount: (v: Variant) => number,
): number {
  let sum = 0;
  for (const w of problem.workloads) {
    if (w.tenant === undefined || !tenants.has(w.tenant)) continue;
    for (const v of w.variants) if (pool === undefined || v.pool === pool) sum += amount(v);
  }
  return sum;
}

export function quotasHold(problem: PlacementProblem, x: Replicas): boolean {
  const devices = (v: Variant) => v.devicesPerReplica * v.nodesPerReplica * x[v.name]!;
  for (const q of problem.quotas) {
    const own = new Set([q.tenant]);
    if (q.maxDevices !== undefined && sumOver(problem, own, q.pool, devices) > q.maxDevices) return false;
    const cost = (v: Variant) => v.costPerHour * x[v.name]!;
    if (q.maxCostPerHour !== undefined && sumOver(problem, own, q.pool, cost) > q.maxCostPerHour + 1e-9) return false;
  }
  return problem.cohorts.every((c) => {
    if (c.maxDevices === undefined) return true;
    const tenants = new Set(problem.quotas.filter((q) => isBelow(problem, q.cohort, c.name)).map((q) => q.tenant));
    return sumOver(problem, tenants, c.pool, devices) <= c.maxDevices;
  });
}

/** Whether counts fit the pools, node by node; answers are remembered by pool and counts. */
export function poolFitter(problem: PlacementProblem): (x: Replicas) => boolean {
  const pools = problem.pools.map((pool) => ({
    pool,
    variants: problem.workloads.flatMap((w) => w.variants.filter((v) => v.pool === pool.name)),
    known: new Map<string, boolean>(),
  }));
  return (x) =>
    pools.every(({ pool, variants, known }) => {
      const key = variants.map((v) => x[v.name]!).join(",");
      const answer = known.get(key);
      if (answer !== undefined) return answer;
      const used = variants.reduce((sum, v) => sum + v.devicesPerReplica * v.nodesPerReplica * x[v.name]!, 0);
      const fits = pool.nodes ? searchPacking(pool, variants, x) !== undefined : used <= (pool.devices ?? 0);
      known.set(key, fits);
      return fits;
    });
}
