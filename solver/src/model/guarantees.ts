import type { PlacementProblem } from "../problem/types.ts";
import { compareNames } from "./order.ts";

export function tenantsWithGuarantees(problem: PlacementProblem): string[] {
  const tenants = problem.quotas.filter((q) => q.guaranteedDevices > 0).map((q) => q.tenant);
  return [...new Set(tenants)].sort(compareNames);
}

/**
 * What a tenant would have with just its guaranteed devices: its workloads, those devices as bags, its own maxima, nobody else.
 * undefined where it has no workloads.
 */
export function aloneProblem(problem: PlacementProblem, tenant: string): PlacementProblem | undefined {
  const workloads = problem.workloads.filter((w) => w.tenant === tenant);
  if (workloads.length === 0) return undefined;
  const own = problem.quotas.filter((q) => q.tenant === tenant);
  const guaranteed = new Map<string, number>();
  for (const q of own) if (q.pool !== undefined) guaranteed.set(q.pool, q.guaranteedDevices);
  return {
    ...problem,
    objective: "lexicographic",
    pools: problem.pools.map((p) => ({ name: p.name, devices: guaranteed.get(p.name) ?? 0 })),
    quotas: own.map(({ cohort: _cohort, ...q }) => ({ ...q, guaranteedDevices: 0 })),
    cohorts: [],
    workloads,
  };
}
