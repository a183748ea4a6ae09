import type { PackedNodes, PoolPlan } from "../plan/types.ts";
import type { Counts } from "./counts.ts";
import type { Findings } from "./findings.ts";
import type { PoolFacts, World } from "./world.ts";

interface Held {
  /** By node row. */
  perNode: number[];
  total: number;
}

/** Members of a variant that run on the pool's nodes and cannot move. */
function heldMembers(pool: PoolFacts, name: string): Held {
  const perNode = (pool.nodes ?? []).map((n) => n.holds[name] ?? 0);
  return { perNode, total: perNode.reduce((sum, h, k) => sum + h * pool.nodes![k]!.count, 0) };
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
    const v = world.variantIndex.get(name);
    const place = v === undefined ? -1 : pool.variants.indexOf(v);
    if (place < 0 || !isCount(n)) {
      findings.add(
        subject,
        "names no variant of the pool, or no whole number of it",
        "variant and count",
        `${name} × ${n}`,
      );
      return false;
    }
    if (n > 0 && !pool.eligible[place]!.includes(entry.row))
      findings.add(subject, `${name} runs on row ${entry.row}, whose taints it does not tolerate`, 0, n);
    devices += n * world.variants[v!]!.devices;
  }
  findings.atMost(subject, `a node of row ${entry.row} runs more than its free devices`, node.freeDevices, devices);
  return true;
}

/** The replicas of one variant over the nodes: all of them, groups spread, held ones in place. */
function checkVariant(
  world: World,
  pool: PoolFacts,
  i: number,
  entries: PackedNodes[],
  x: number,
  findings: Findings,
): void {
  const v = world.variants[i]!;
  const subject = `pools[${pool.name}].packing`;
  const placed = entries.reduce((sum, e) => sum + e.count * (e.replicas[v.name] ?? 0), 0);
  if (placed !== x * v.members) findings.add(subject, `members of ${v.name} on the nodes`, x * v.members, placed);
  if (v.members > 1)
    for (const e of entries)
      if (e.count > 0 && (e.replicas[v.name] ?? 0) > x)
        findings.add(subject, `two members of one group of ${v.name} on a node`, `<= ${x}`, e.replicas[v.name]!);
  if (v.movable) return;
  const held = heldMembers(pool, v.name);
  if (held.total === 0) return;
  const stays = x * v.members >= held.total;
  held.perNode.forEach((here, k) => {
    const own = entries.filter((e) => e.row === k && e.count > 0);
    const covered = own.reduce((sum, e) => sum + e.count, 0);
    const counts = own.map((e) => e.replicas[v.name] ?? 0);
    if (covered < pool.nodes![k]!.count) counts.push(0);
    const wrong = counts.find((n) => (stays ? n < here : n > here));
    if (wrong === undefined) return;
    findings.add(
      subject,
      `a held replica of ${v.name} would move (row ${k})`,
      stays ? `>= ${here}` : `<= ${here}`,
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
  for (const i of pool.variants) checkVariant(world, pool, i, entries, counts.replicas[i]!, findings);
}
