import type { PackedNodes, PoolPlan } from "../plan/types.ts";
import type { Variant } from "../problem/types.ts";
import type { Counts } from "./counts.ts";
import type { Findings } from "./findings.ts";
import type { PoolFacts, World } from "./world.ts";

/** Members of one variant on the nodes of a pool, as the entries have it. */
interface Placed {
  total: number;
  /** Most on one node. */
  most: number;
}

/** Members that run on the pool's nodes: by name, those on each node of a row. */
function heldMembers(pool: PoolFacts): Map<string, Map<number, number>> {
  const held = new Map<string, Map<number, number>>();
  pool.nodes?.forEach((n, k) => {
    for (const [name, members] of Object.entries(n.holds)) {
      let byRow = held.get(name);
      if (!byRow) {
        byRow = new Map();
        held.set(name, byRow);
      }
      byRow.set(k, members);
    }
  });
  return held;
}

/** The entries of each node row that say something of at least one node. */
function entriesByRow(pool: PoolFacts, entries: PackedNodes[]): PackedNodes[][] {
  const byRow: PackedNodes[][] = (pool.nodes ?? []).map(() => []);
  for (const e of entries) if (e.count > 0) byRow[e.row]!.push(e);
  return byRow;
}

function placedOf(entries: PackedNodes[]): Map<string, Placed> {
  const placed = new Map<string, Placed>();
  for (const e of entries)
    for (const [name, n] of Object.entries(e.replicas)) {
      const known = placed.get(name) ?? { total: 0, most: 0 };
      known.total += e.count * n;
      if (e.count > 0) known.most = Math.max(known.most, n);
      placed.set(name, known);
    }
  return placed;
}

function isCount(value: number): boolean {
  return Number.isInteger(value) && value >= 0;
}

/** One entry: it names a row, and what runs there fits on a node of that row. */
function checkEntry(world: World, pool: PoolFacts, entry: PackedNodes, findings: Findings): boolean {
  const subject = `pools[${pool.name}].packing`;
  const node = pool.nodes?.[entry.row];
  if (!node || !isCount(entry.count)) {
    findings.add(
      subject,
      "names no row of nodes, or no whole number of them",
      "row and count",
      `${entry.row} × ${entry.count}`,
    );
    return false;
  }
  let devices = 0;
  for (const [name, n] of Object.entries(entry.replicas)) {
    const v = world.variantNamed(name);
    if (v === undefined || world.pools[world.variants.pool[v]!] !== pool || !isCount(n)) {
      findings.add(
        subject,
        "names no variant of the pool, or no whole number of it",
        "variant and count",
        `${name} × ${n}`,
      );
      return false;
    }
    if (n > 0 && !world.variants.eligible[v]!.includes(entry.row))
      findings.add(subject, `${name} runs on row ${entry.row}, whose taints it does not tolerate`, 0, n);
    devices += n * world.variants.devices[v]!;
  }
  findings.atMost(subject, `a node of row ${entry.row} runs more than its free devices`, node.freeDevices, devices);
  return true;
}

/** The replicas of one variant over the nodes: all of them, and no two members of a group on one. */
function checkPlaced(pool: PoolFacts, v: Variant, x: number, placed: Placed | undefined, findings: Findings): void {
  const subject = `pools[${pool.name}].packing`;
  const total = placed?.total ?? 0;
  if (total !== x * v.nodesPerReplica)
    findings.add(subject, `members of ${v.name} on the nodes`, x * v.nodesPerReplica, total);
  if (v.nodesPerReplica > 1 && placed && placed.most > x)
    findings.add(subject, `two members of one group of ${v.name} on a node`, `<= ${x}`, placed.most);
}

/** Replicas that cannot move stay where they are, or stop: `here` by node row. */
function checkHeld(
  pool: PoolFacts,
  v: Variant,
  x: number,
  here: Map<number, number>,
  byRow: PackedNodes[][],
  findings: Findings,
): void {
  let held = 0;
  for (const [k, members] of here) held += members * pool.nodes![k]!.count;
  if (held === 0) return;
  const stays = x * v.nodesPerReplica >= held;
  byRow.forEach((own, k) => {
    const members = here.get(k) ?? 0;
    const covered = own.reduce((sum, e) => sum + e.count, 0);
    const counts = own.map((e) => e.replicas[v.name] ?? 0);
    if (covered < pool.nodes![k]!.count) counts.push(0);
    const wrong = counts.find((n) => (stays ? n < members : n > members));
    if (wrong === undefined) return;
    findings.add(
      `pools[${pool.name}].packing`,
      `a held replica of ${v.name} would move (row ${k})`,
      stays ? `>= ${members}` : `<= ${members}`,
      wrong,
    );
  });
}

/** Whether the counts fit on the nodes: by the rows where these are exact, else by the packing that the plan carries. */
export function checkFits(world: World, pool: PoolFacts, report: PoolPlan, counts: Counts, findings: Findings): void {
  const idle = pool.variants.every((v) => counts.replicas[v] === 0);
  const entries = report.packing;
  if (report.fits === "rows") {
    if (!pool.exact && !idle)
      findings.add(`pools[${pool.name}].fits`, "the rows of this pool do not decide what fits", "packing", "rows");
    if (!entries) return;
  } else if (report.fits !== "packing" || !entries) {
    findings.add(`pools[${pool.name}].packing`, "is missing", "a packing", String(report.fits));
    return;
  }
  if (!entries.every((e) => checkEntry(world, pool, e, findings))) return;
  const covered = new Float64Array(pool.nodes?.length ?? 0);
  for (const e of entries) covered[e.row] = covered[e.row]! + e.count;
  covered.forEach((count, k) => {
    findings.atMost(`pools[${pool.name}].packing`, `nodes of row ${k}`, pool.nodes![k]!.count, count);
  });
  const placed = placedOf(entries);
  const held = heldMembers(pool);
  const byRow = entriesByRow(pool, entries);
  for (const i of pool.variants) {
    const v = world.variants.given[i]!;
    const x = counts.replicas[i]!;
    checkPlaced(pool, v, x, placed.get(v.name), findings);
    const here = v.movable ? undefined : held.get(v.name);
    if (here) checkHeld(pool, v, x, here, byRow, findings);
  }
}
