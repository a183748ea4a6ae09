import type { Use } from "./variants.ts";
import type { World } from "./world-types.ts";

/** Every cohort at or below `root`. */
function below(world: World, root: string): Set<string> {
  const children = new Map<string, string[]>();
  for (const c of world.problem.cohorts) {
    if (c.parent === undefined) continue;
    const siblings = children.get(c.parent);
    if (siblings) siblings.push(c.name);
    else children.set(c.parent, [c.name]);
  }
  const inside = new Set([root]);
  for (const name of inside) for (const child of children.get(name) ?? []) inside.add(child);
  return inside;
}

interface Limit {
  key: string;
  capacity: number;
  tenants: Iterable<string>;
  pool: string | undefined;
  unit: "devices" | "cost";
}

/** The lists of uses with one more row: variants that shared one and use as much of the row share the longer one. */
class LongerLists {
  private readonly known = new Map<readonly Use[], Map<number, readonly Use[]>>();

  of(uses: readonly Use[], row: number, amount: number): readonly Use[] {
    let byAmount = this.known.get(uses);
    if (!byAmount) {
      byAmount = new Map();
      this.known.set(uses, byAmount);
    }
    const longer = byAmount.get(amount) ?? [...uses, { row, amount }];
    byAmount.set(amount, longer);
    return longer;
  }
}

function addRow(world: World, byTenant: Map<string, number[]>, limit: Limit): void {
  const { uses, pool, cost, devices, members } = world.variants;
  const row = world.rows.length;
  const lists = new LongerLists();
  let used = false;
  for (const tenant of new Set(limit.tenants))
    for (const v of byTenant.get(tenant) ?? []) {
      if (limit.pool !== undefined && world.pools[pool[v]!]?.name !== limit.pool) continue;
      const amount = limit.unit === "cost" ? cost[v]! : devices[v]! * members[v]!;
      if (!(amount > 0)) continue;
      uses[v] = lists.of(uses[v]!, row, amount);
      used = true;
    }
  if (used) world.rows.push({ key: `${limit.key}/${limit.pool ?? "*"}/${limit.unit}`, capacity: limit.capacity });
}

/** Maxima of tenants and cohorts as rows (model, hard constraint 3): devices of whole replicas, or cost per hour. */
export function limitRows(world: World): void {
  const byTenant = new Map<string, number[]>();
  for (const { tenant, variants } of world.workloads) {
    if (tenant === undefined) continue;
    const own = byTenant.get(tenant);
    if (own) for (const v of variants) own.push(v);
    else byTenant.set(tenant, [...variants]);
  }
  for (const q of world.problem.quotas) {
    const base = { key: `quota/${q.tenant}`, tenants: [q.tenant], pool: q.pool };
    if (q.maxDevices !== undefined) addRow(world, byTenant, { ...base, capacity: q.maxDevices, unit: "devices" });
    if (q.maxCostPerHour !== undefined) addRow(world, byTenant, { ...base, capacity: q.maxCostPerHour, unit: "cost" });
  }
  for (const c of world.problem.cohorts) {
    if (c.maxDevices === undefined) continue;
    const names = below(world, c.name);
    const tenants = world.problem.quotas
      .filter((q) => q.cohort !== undefined && names.has(q.cohort))
      .map((q) => q.tenant);
    addRow(world, byTenant, {
      key: `cohort/${c.name}`,
      tenants,
      pool: c.pool,
      capacity: c.maxDevices,
      unit: "devices",
    });
  }
}
