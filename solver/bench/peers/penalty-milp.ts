import { type Milp, MilpBuilder, type Term } from "../../src/milp/model.ts";
import type { PlacementProblem } from "../../src/problem/types.ts";

const INF = Number.POSITIVE_INFINITY;

/**
 * The penalty problem as any modeller would hand it to a MILP solver: replicas, starts above the current ones, unserved fraction. For
 * problems whose pools are bags of devices and that have no quotas: those are exact in one row a pool.
 */
export function penaltyMilp(problem: PlacementProblem): Milp {
  if (
    problem.objective !== "penalty" ||
    problem.quotas.length > 0 ||
    problem.pools.some((p) => p.devices === undefined)
  )
    throw new Error("peers solve penalty problems of device bags without quotas only");
  const builder = new MilpBuilder();
  const pools = new Map<string, Term[]>(problem.pools.map((p) => [p.name, []]));
  for (const w of problem.workloads) {
    const covered: Term[] = w.variants.map((v) => {
      const replicas = builder.column(v.minReplicas, v.maxReplicas ?? INF, true);
      builder.addCost(replicas, v.costPerHour);
      const starts = builder.column(0, INF);
      builder.addCost(starts, v.startCost);
      builder.row(-INF, v.currentReplicas, [
        [replicas, 1],
        [starts, -1],
      ]);
      pools.get(v.pool)!.push([replicas, v.devicesPerReplica]);
      return [replicas, v.capacityPerSecond!] as const;
    });
    if (w.demandPerSecond === 0) continue;
    const unserved = builder.column(0, 1);
    builder.addCost(unserved, w.shedPenalty);
    builder.row(w.demandPerSecond, INF, [...covered, [unserved, w.demandPerSecond]]);
  }
  for (const p of problem.pools) builder.row(-INF, p.devices!, pools.get(p.name)!);
  return builder.milp;
}
