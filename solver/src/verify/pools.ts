import type { Plan, PoolPlan } from "../plan/types.ts";
import type { Counts } from "./counts.ts";
import type { Findings } from "./findings.ts";
import { checkFits } from "./packing.ts";
import type { PoolFacts, World } from "./world.ts";

/** Keys of the rows of each pool. */
function keysByPool(world: World): Map<string, string[]> {
  const keys = new Map<string, string[]>(world.pools.map((p) => [p.name, []]));
  for (const row of world.rows) if (row.pool !== undefined) keys.get(row.pool)!.push(row.key);
  return keys;
}

function checkRows(
  world: World,
  pool: PoolFacts,
  keys: string[],
  report: PoolPlan,
  used: Float64Array,
  findings: Findings,
): void {
  const open = new Set(keys);
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

/** Devices that the replicas hold, by pool. */
function heldDevices({ pools, variants }: World, counts: Counts): Float64Array {
  const held = new Float64Array(pools.length);
  for (let i = 0; i < variants.length; i++) {
    const x = counts.replicas[i]!;
    const p = variants.pool[i]!;
    if (x > 0 && p >= 0) held[p] = held[p]! + x * variants.devices[i]! * variants.members[i]!;
  }
  return held;
}

/** pools[]: every pool once, devices used and free, every row, and whether the counts fit on the nodes. */
export function checkPools(world: World, plan: Plan, counts: Counts, used: Float64Array, findings: Findings): void {
  const reports = new Map(plan.pools.map((p) => [p.name, p]));
  if (reports.size < plan.pools.length)
    findings.add("pools", "one stands twice in the plan", reports.size, plan.pools.length);
  const keys = keysByPool(world);
  const held = heldDevices(world, counts);
  for (const [p, pool] of world.pools.entries()) {
    const report = reports.get(pool.name);
    if (!report) {
      findings.add(`pools[${pool.name}]`, "is missing in the plan", 1, 0);
      continue;
    }
    reports.delete(pool.name);
    const devices = held[p]!;
    findings.near(`pools[${pool.name}].usedDevices`, "is not what the replicas hold", devices, report.usedDevices);
    const free = pool.usableDevices - devices;
    findings.near(
      `pools[${pool.name}].freeDevices`,
      "is not what the replicas leave of the nodes they can use",
      free,
      report.freeDevices,
    );
    checkRows(world, pool, keys.get(pool.name)!, report, used, findings);
    checkFits(world, pool, report, counts, findings);
  }
  for (const name of reports.keys())
    findings.add(`pools[${name}]`, "is not in the problem", "a pool of the problem", name);
}
