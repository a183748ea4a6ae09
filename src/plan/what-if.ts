import type { NodeRow, PlacementProblem } from "@apportion/solver";

/** One thing that would be different. */
export type Change =
  | { type: "demand"; workload: string; requestsPerSecond: number }
  | { type: "nodes"; pool: string; nodes: number; devicesPerNode: number }
  | { type: "priority"; workload: string; priority: number }
  | { type: "weight"; workload: string; weight: number };

/** A name that is not in the fleet. */
export class UnknownNameError extends Error {
  constructor(what: string, name: string) {
    super(`there is no ${what} ${name}`);
    this.name = "UnknownNameError";
  }
}

/** The problem with changes, in their order. @throws UnknownNameError */
export function whatIf(problem: PlacementProblem, changes: readonly Change[]): PlacementProblem {
  return changes.reduce(changed, problem);
}

function changed(problem: PlacementProblem, change: Change): PlacementProblem {
  switch (change.type) {
    case "demand":
      return withWorkload(problem, change.workload, { demandPerSecond: change.requestsPerSecond });
    case "priority":
      return withWorkload(problem, change.workload, { priority: change.priority });
    case "weight":
      return withWorkload(problem, change.workload, { weight: change.weight });
    case "nodes":
      return withNodes(problem, change);
  }
}

function withWorkload(
  problem: PlacementProblem,
  name: string,
  fields: Partial<PlacementProblem["workloads"][number]>,
): PlacementProblem {
  if (!problem.workloads.some((workload) => workload.name === name)) throw new UnknownNameError("workload", name);
  return {
    ...problem,
    workloads: problem.workloads.map((workload) => (workload.name === name ? { ...workload, ...fields } : workload)),
  };
}

/** Nodes that go are those of the size, the ones that hold least first; more than there are is all of them. */
function withNodes(
  problem: PlacementProblem,
  { pool: name, nodes, devicesPerNode }: Extract<Change, { type: "nodes" }>,
): PlacementProblem {
  const pool = problem.pools.find((candidate) => candidate.name === name);
  if (pool === undefined) throw new UnknownNameError("pool", name);
  if (pool.nodes === undefined) {
    const devices = Math.max(0, (pool.devices ?? 0) + nodes * devicesPerNode);
    return { ...problem, pools: problem.pools.map((one) => (one === pool ? { ...one, devices } : one)) };
  }
  const rows =
    nodes >= 0
      ? [...pool.nodes, { freeDevices: devicesPerNode, count: nodes, taints: [], holds: {} }]
      : withoutNodes(pool.nodes, -nodes, devicesPerNode);
  const next = { ...pool, nodes: rows.filter((row) => row.count > 0) };
  return { ...problem, pools: problem.pools.map((one) => (one === pool ? next : one)) };
}

function withoutNodes(rows: readonly NodeRow[], nodes: number, devicesPerNode: number): NodeRow[] {
  const held = (row: NodeRow) => Object.values(row.holds).reduce((sum, replicas) => sum + replicas, 0);
  const order = [...rows].filter((row) => row.freeDevices === devicesPerNode).sort((a, b) => held(a) - held(b));
  const counts = new Map(rows.map((row) => [row, row.count]));
  let left = nodes;
  for (const row of order) {
    const gone = Math.min(left, row.count);
    counts.set(row, row.count - gone);
    left -= gone;
  }
  return rows.map((row) => ({ ...row, count: counts.get(row) ?? row.count }));
}
