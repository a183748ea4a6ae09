import type { ClassRuleName, PlacementProblem, Workload } from "../../src/problem/types.ts";
import { attainmentOf, capOf, type Replicas, usefulReplicas } from "./attainments.ts";
import { poolFitter } from "./limits.ts";

/** Devices on nodes that some variant of the pool can use are what the generator makes: all of them. */
function devicesOf(problem: PlacementProblem, pool: string): number {
  const p = problem.pools.find((o) => o.name === pool)!;
  return p.nodes ? p.nodes.reduce((sum, n) => sum + n.count * n.freeDevices, 0) : (p.devices ?? 0);
}

/** Every placement of one workload alone. */
function* alone(w: Workload, at = 0, x: Replicas = {}): Generator<Replicas> {
  const v = w.variants[at];
  if (!v) {
    yield { ...x };
    return;
  }
  const most = Math.max(v.minReplicas, Math.min(v.maxReplicas ?? 1e6, usefulReplicas(w, v.name)));
  for (let k = v.minReplicas; k <= most; k++) yield* alone(w, at + 1, { ...x, [v.name]: k });
}

/** D: the largest pool share of the cheapest plan of the best attainment, alone on the whole inventory. */
function dominantShare(problem: PlacementProblem, w: Workload): number {
  const fits = poolFitter({ ...problem, workloads: [w] });
  let best = { attainment: -1, cost: 0, share: 0 };
  for (const x of alone(w)) {
    if (!fits(x)) continue;
    const attainment = attainmentOf(w, x);
    let cost = 0;
    const held = new Map<string, number>();
    for (const v of w.variants) {
      cost += v.costPerHour * x[v.name]! + v.startCost * Math.max(0, x[v.name]! - v.currentReplicas);
      held.set(v.pool, (held.get(v.pool) ?? 0) + v.devicesPerReplica * v.nodesPerReplica * x[v.name]!);
    }
    const share = Math.max(...[...held].map(([pool, d]) => d / Math.max(1, devicesOf(problem, pool))));
    const more = attainment - best.attainment;
    const cheaper = best.cost - cost;
    if (more > 1e-9 || (more > -1e-9 && (cheaper > 1e-9 || (cheaper > -1e-9 && share < best.share))))
      best = { attainment, cost, share };
  }
  return best.attainment < 0 ? 0 : best.share;
}

export interface OracleClassGoals {
  priority: number;
  rule: ClassRuleName;
  members: { workload: Workload; weight: number; cap: number }[];
}

/** Classes by priority with weights over the smallest of those that have demand; workloads without demand are left out. */
export function classGoals(problem: PlacementProblem): OracleClassGoals[] {
  const priorities = [...new Set(problem.workloads.map((w) => w.priority))].sort((a, b) => a - b);
  return priorities.map((priority) => {
    const rule = problem.classes.find((c) => c.priority === priority)?.rule ?? "max-min";
    const members = problem.workloads
      .filter((w) => w.priority === priority && w.demandPerSecond > 0)
      .map((workload) => {
        const share = rule === "dominant-share" ? dominantShare(problem, workload) : 1;
        return { workload, weight: workload.weight / (share > 0 ? share : 1), cap: capOf(workload) };
      });
    const least = Math.min(...members.map((m) => m.weight));
    return { priority, rule, members: members.map((m) => ({ ...m, weight: m.weight / least })) };
  });
}
