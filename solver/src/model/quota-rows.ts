import type { PlacementProblem } from "../problem/types.ts";
import { byName, compareNames } from "./order.ts";
import type { PoolShape, Row, VariantModel, WorkloadModel } from "./types.ts";

/** Tenants whose quota names the cohort or one below it. */
function tenantsBelow(problem: PlacementProblem, cohort: string): Set<string> {
  const inside = new Set([cohort]);
  for (let grew = true; grew; ) {
    grew = false;
    for (const c of problem.cohorts)
      if (c.parent !== undefined && inside.has(c.parent) && !inside.has(c.name)) {
        inside.add(c.name);
        grew = true;
      }
  }
  return new Set(problem.quotas.flatMap((q) => (q.cohort !== undefined && inside.has(q.cohort) ? [q.tenant] : [])));
}

/** Variants of sets of tenants, rising; those of each tenant are gathered once, since tenants and their limits are many. */
function byTenants(workloads: WorkloadModel[]): (tenants: Set<string>) => number[] {
  const known = new Map<string, number[]>();
  for (const { tenant, variants } of workloads) {
    if (tenant === undefined) continue;
    const own = known.get(tenant);
    if (own) for (const v of variants) own.push(v);
    else known.set(tenant, [...variants]);
  }
  return (tenants) => {
    const lists = [...tenants].map((t) => known.get(t) ?? []);
    return lists.length === 1 ? lists[0]! : lists.flat().sort((a, b) => a - b);
  };
}

/** Maxima of tenants and cohorts, as rows (model, hard constraint 3). */
export function quotaRows(
  problem: PlacementProblem,
  workloads: WorkloadModel[],
  variants: VariantModel[],
  pools: PoolShape[],
): Row[] {
  const rows: Row[] = [];
  // cohorts bind the tenants whose quotas name them
  if (problem.quotas.length === 0) return rows;
  const variantsOf = byTenants(workloads);
  const add = (
    key: string,
    capacity: number,
    tenants: Set<string>,
    pool: string | undefined,
    unit: "devices" | "cost",
  ) => {
    const row: Row = {
      key: `${key}/${pool ?? "*"}/${unit}`,
      capacity,
      variants: [],
      coefficients: [],
      pool: -1,
      size: 0,
    };
    for (const i of variantsOf(tenants)) {
      const v = variants[i]!;
      if (pool !== undefined && pools[v.pool]!.name !== pool) continue;
      const coefficient = unit === "devices" ? v.size * v.members : v.cost;
      if (coefficient === 0) continue;
      row.variants.push(i);
      row.coefficients.push(coefficient);
    }
    if (row.variants.length > 0) rows.push(row);
  };
  const quotas = [...problem.quotas].sort(
    (a, b) => compareNames(a.tenant, b.tenant) || compareNames(a.pool ?? "", b.pool ?? ""),
  );
  for (const q of quotas) {
    const own = new Set([q.tenant]);
    if (q.maxDevices !== undefined) add(`quota/${q.tenant}`, q.maxDevices, own, q.pool, "devices");
    if (q.maxCostPerHour !== undefined) add(`quota/${q.tenant}`, q.maxCostPerHour, own, q.pool, "cost");
  }
  for (const c of [...problem.cohorts].sort(byName))
    if (c.maxDevices !== undefined)
      add(`cohort/${c.name}`, c.maxDevices, tenantsBelow(problem, c.name), c.pool, "devices");
  return rows;
}

/** Tenants whose cohort (of a quota on `pool`) holds a guarantee on that pool: they come first when what is idle is lent. */
export function cohortsWithGuarantees(problem: PlacementProblem): { tenant: string; pool: string }[] {
  const guaranteed = new Set<string>();
  for (const q of problem.quotas)
    if (q.guaranteedDevices > 0 && q.cohort !== undefined && q.pool !== undefined)
      guaranteed.add(`${q.cohort} ${q.pool}`);
  const cohortOf = new Map<string, Set<string>>();
  for (const q of problem.quotas)
    if (q.cohort !== undefined) cohortOf.set(q.tenant, (cohortOf.get(q.tenant) ?? new Set()).add(q.cohort));
  const result: { tenant: string; pool: string }[] = [];
  for (const [tenant, cohorts] of cohortOf)
    for (const pool of new Set(problem.pools.map((p) => p.name)))
      if ([...cohorts].some((c) => guaranteed.has(`${c} ${pool}`))) result.push({ tenant, pool });
  return result;
}
