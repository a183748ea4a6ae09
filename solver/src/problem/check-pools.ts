import type { Directory } from "./directory.ts";
import type { Draft } from "./draft.ts";
import { MAX_DEVICES } from "./limits.ts";
import { keyStep } from "./paths.ts";
import { printed } from "./printed.ts";
import type { Report } from "./report.ts";
import type { ReadProblem } from "./schema.ts";
import type { NodeRow, Pool } from "./types.ts";

/** Pools are a list of node rows or one bag; what rows hold exists, belongs there and fits. */
export function checkPools(problem: Draft<ReadProblem>, directory: Directory, report: Report): void {
  const heldMembers = new Map<string, number>();
  problem.pools?.forEach((pool, p) => {
    if (pool === null) return;
    const path = `pools[${p}]`;
    checkForm(pool, path, report);
    pool.nodes?.forEach((row, n) => {
      if (row?.holds == null) return;
      const rowPath = `${path}.nodes[${n}]`;
      checkHeldNames(row, pool, rowPath, directory, report);
      checkHeldDevices(row, rowPath, directory, report);
      for (const [name, held] of Object.entries(row.holds)) {
        heldMembers.set(name, (heldMembers.get(name) ?? 0) + (held ?? 0) * (row.count ?? 0));
      }
    });
  });
  checkHeldTotals(heldMembers, directory, report);
}

function checkForm(pool: Draft<Pool>, path: string, report: Report): void {
  if (pool.nodes === undefined && pool.devices === undefined) {
    report.add(path, undefined, "a pool has nodes or devices", "give node rows, or the number of devices of one bag");
  }
  if (pool.nodes !== undefined && pool.devices !== undefined) {
    const fix = "remove devices where node shape matters, else nodes";
    report.add(`${path}.devices`, pool.devices, "a pool has nodes or devices, not both", fix);
  }
  const devices = pool.nodes?.reduce((sum, row) => sum + (row?.freeDevices ?? 0) * (row?.count ?? 0), 0) ?? 0;
  if (devices > MAX_DEVICES) {
    report.add(`${path}.nodes`, devices, `at most ${MAX_DEVICES} devices in all rows together`, "split the pool");
  }
}

function checkHeldNames(
  row: Draft<NodeRow>,
  pool: Draft<Pool>,
  rowPath: string,
  directory: Directory,
  report: Report,
): void {
  const { byName, complete } = directory.variants;
  for (const name of Object.keys(row.holds ?? {})) {
    const path = `${rowPath}.holds${keyStep(name)}`;
    const placed = byName.get(name);
    if (placed === undefined) {
      if (complete) report.addUnknownName(path, name, byName, "variants");
      continue;
    }
    const home = placed.variant.pool;
    if (home !== null && pool.name !== null && home !== pool.name) {
      const rule = `a node holds variants of its own pool; ${placed.path}.pool is ${printed(home)}`;
      report.add(path, name, rule, "move the entry to a node row of that pool, or correct the variant's pool");
    }
  }
}

function checkHeldDevices(row: Draft<NodeRow>, rowPath: string, directory: Directory, report: Report): void {
  let devices = 0;
  for (const [name, held] of Object.entries(row.holds ?? {})) {
    devices += (held ?? 0) * (directory.variants.byName.get(name)?.variant.devicesPerReplica ?? 0);
  }
  if (row.freeDevices === null || devices <= row.freeDevices) return;
  const rule = `held replicas live inside freeDevices, ${row.freeDevices} here`;
  report.add(`${rowPath}.holds`, devices, rule, "count the devices of held replicas as free, or hold fewer");
}

function checkHeldTotals(heldMembers: ReadonlyMap<string, number>, directory: Directory, report: Report): void {
  for (const [name, members] of heldMembers) {
    const placed = directory.variants.byName.get(name);
    if (placed === undefined) continue;
    const { currentReplicas, nodesPerReplica } = placed.variant;
    if (currentReplicas === null || nodesPerReplica === null) continue;
    if (members <= currentReplicas * nodesPerReplica) continue;
    const rule = `at least the replicas that node rows hold (${members}${nodesPerReplica > 1 ? " members" : ""})`;
    report.add(`${placed.path}.currentReplicas`, currentReplicas, rule, "raise it, or hold fewer in the node rows");
  }
}
