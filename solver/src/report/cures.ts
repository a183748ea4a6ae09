import { attainmentCap } from "../model/attainment.ts";
import { compile } from "../model/instance.ts";
import type { Cure, Plan } from "../plan/types.ts";
import type { PlacementProblem, Pool } from "../problem/types.ts";

/** More nodes than this are not tried. */
const MOST_NODES = 1024;

/** The node to add: as large as the largest of the pool, and no smaller than a replica. */
function nodeSize(pool: Pool, replica: number): number {
  if (!pool.nodes) return 1;
  return Math.max(replica, ...pool.nodes.map((n) => n.freeDevices));
}

function withNodes(problem: PlacementProblem, name: string, nodes: number, devices: number): PlacementProblem {
  return {
    ...problem,
    pools: problem.pools.map((p) => {
      if (p.name !== name) return p;
      if (!p.nodes) return { ...p, devices: (p.devices ?? 0) + nodes * devices };
      return { ...p, nodes: [...p.nodes, { freeDevices: devices, count: nodes, taints: [], holds: {} }] };
    }),
  };
}

/**
 * The smallest addition of nodes to one pool that lifts a workload to `goal`, confirmed by a full solve of the enlarged problem:
 * doubling, then bisection. undefined where none does.
 */
async function smallestAddition(
  problem: PlacementProblem,
  name: string,
  pool: Pool,
  replica: number,
  goal: number,
  most: number,
  resolve: (p: PlacementProblem) => Promise<Plan>,
): Promise<Cure | undefined> {
  const devicesPerNode = nodeSize(pool, replica);
  const attained = async (nodes: number) => {
    const plan = await resolve(withNodes(problem, pool.name, nodes, devicesPerNode));
    return plan.workloads.find((w) => w.name === name)!.attainment;
  };
  // where not even the most helps, nothing less does: one solve instead of a dozen
  if (most > 1 && (await attained(most)) < goal - 1e-7) return undefined;
  let low = 0;
  let high = 1;
  let reached = await attained(high);
  while (reached < goal - 1e-7) {
    if (high >= most) return undefined;
    low = high;
    high = Math.min(most, high * 2);
    reached = await attained(high);
  }
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2);
    const a = await attained(middle);
    if (a >= goal - 1e-7) {
      high = middle;
      reached = a;
    } else low = middle;
  }
  return { pool: pool.name, nodes: high, devicesPerNode, attainment: reached };
}

function cureText(cure: Cure, bag: boolean): string {
  const percent = `${Math.floor(cure.attainment * 1000 + 1e-6) / 10} %`;
  if (bag) return `${cure.nodes} more device${cure.nodes === 1 ? "" : "s"} in ${cure.pool} would lift it to ${percent}`;
  return `${cure.nodes} more node${cure.nodes === 1 ? "" : "s"} of ${cure.devicesPerNode} in ${cure.pool} would lift it to ${percent}`;
}

/** Cure of one workload, up to the attainment `goal` that its bounds allow: over its pools the addition of least cost (devices at the variant's cost per device, then pool name). */
async function cureOf(
  problem: PlacementProblem,
  name: string,
  goal: number,
  resolve: (p: PlacementProblem) => Promise<Plan>,
): Promise<Cure | null> {
  const workload = problem.workloads.find((w) => w.name === name)!;
  let best: Cure | null = null;
  let bestCost = Number.POSITIVE_INFINITY;
  const pools = [...new Set(workload.variants.map((v) => v.pool))].sort();
  for (const poolName of pools) {
    const pool = problem.pools.find((p) => p.name === poolName)!;
    const own = workload.variants.filter((v) => v.pool === poolName);
    const replica = Math.max(...own.map((v) => v.devicesPerReplica));
    const perDevice = Math.min(...own.map((v) => v.costPerHour / (v.devicesPerReplica * v.nodesPerReplica)));
    const devices = nodeSize(pool, replica);
    const most =
      Number.isFinite(bestCost) && perDevice > 0 ? Math.floor(bestCost / (perDevice * devices) + 1e-9) : MOST_NODES;
    if (most < 1) continue;
    const cure = await smallestAddition(problem, name, pool, replica, goal, Math.min(MOST_NODES, most), resolve);
    const cost = cure ? cure.nodes * devices * perDevice : Number.POSITIVE_INFINITY;
    if (cure && cost < bestCost) {
      best = cure;
      bestCost = cost;
    }
  }
  return best;
}

/** Adds a confirmed cure (or null: no addition to one pool is enough) to the reason of every short workload, until `out()`. */
export async function addCures(
  problem: PlacementProblem,
  plan: Plan,
  resolve: (p: PlacementProblem) => Promise<Plan>,
  out: () => boolean,
): Promise<void> {
  const instance = compile(problem);
  for (const [m, w] of plan.workloads.entries()) {
    if (out()) return;
    if (!w.reason || w.reason.code === "MaxReplicas" || w.reason.code === "NotWorthItsCost") continue;
    const cure = await cureOf(problem, w.name, attainmentCap(instance, m), resolve);
    if (out()) return;
    w.reason.cure = cure;
    if (cure) {
      const bag = problem.pools.find((p) => p.name === cure.pool)!.nodes === undefined;
      w.reason.sentence += `; ${cureText(cure, bag)}`;
    } else w.reason.sentence += "; no addition to a single pool is enough";
  }
}
