import type { Plan, PoolPlan } from "../plan/types.ts";
import type { Counts } from "./counts.ts";
import type { Findings } from "./findings.ts";
import { checkFits } from "./packing.ts";
import type { PoolFacts, World } from "./world.ts";

function checkRows(world: World, pool: PoolFacts, report: PoolPlan, used: Float64Array, findings: Findings): void {
  const open = new Set(world.rows.flatMap((row) => (row.pool === pool.name ? [row.key] : [])));
  for (const row of report.rows) {
    const nodes = row.nodes === undefined ? "" : `/nodes/${row.nodes}`;
    const key = `pool/${pool.name}/size/${row.size}${nodes}`;
    const r = world.rowIndex.get(key);
    if (r === undefined || !open.delete(key)) {
      findings.add(
        `pools[${pool.name}].rows`,
        "reports a row that the pool does not have, or one twice",
        "a row once",
        key,
      );
      continue;
    }
    findings.near(`pools[${pool.name}].rows`, `${key} used`, used[r]!, row.used);
    findings.near(`pools[${pool.name}].rows`, `${key} capacity`, world.rows[r]!.capacity, row.capacity);
    if (!(row.shadowPrice >= 0 && Number.isFinite(row.shadowPrice)))
      findings.add(`pools[${pool.name}].rows`, `${key} has no price`, ">= 0", row.shadowPrice);
  }
  for (const key of open) findings.add(`pools[${pool.name}].rows`, "misses a row", key, "none");
}

/** pools[]: every pool once, devices used and free, every row, and whether the counts fit on the nodes. */
export function checkPools(world: World, plan: Plan, counts: Counts, used: Float64Array, findings: Findings): void {
  const reports = new Map(plan.pools.map((p) => [p.name, p]));
  if (reports.size < plan.pools.length)
    findings.add("pools", "one stands twice in the plan", reports.size, plan.pools.length);
  for (const pool of world.pools) {
    const report = reports.get(pool.name);
    if (!report) {
      findings.add(`pools[${pool.name}]`, "is missing in the plan", 1, 0);
      continue;
    }
    reports.delete(pool.name);
    const devices = pool.variants.reduce((sum, i) => {
      const v = world.variants[i]!;
      return sum + counts.replicas[i]! * v.devices * v.members;
    }, 0);
    findings.near(`pools[${pool.name}].usedDevices`, "is not what the replicas hold", devices, report.usedDevices);
    const free = pool.usableDevices - devices;
    findings.near(
      `pools[${pool.name}].freeDevices`,
      "is not what the replicas leave of the nodes they can use",
      free,
      report.freeDevices,
    );
    checkRows(world, pool, report, used, findings);
    checkFits(world, pool, report, counts, findings);
  }
  for (const name of reports.keys())
    findings.add(`pools[${name}]`, "is not in the problem", "a pool of the problem", name);
}
