import type { SolveOptions } from "./api.ts";
import type { Plan } from "./plan/types.ts";
import type { NodeRow, PlacementProblem } from "./problem/types.ts";
import { solve } from "./solve.ts";

/** What is different in the next round. Names must exist; what is not named stays as it is. */
export interface ChangeSet {
  /** Requests per second, by workload. */
  demandPerSecond?: Record<string, number>;
  /** Devices of bag pools. */
  devices?: Record<string, number>;
  /** Node rows of pools with node shapes. */
  nodes?: Record<string, NodeRow[]>;
  /** Bounds, by variant. */
  replicas?: Record<string, { minReplicas?: number; maxReplicas?: number }>;
}

/** A name in a change set that the problem does not have. */
export class UnknownNameError extends Error {
  constructor(field: keyof ChangeSet, name: string) {
    super(
      `changes.${field}: ${JSON.stringify(name)} is not in the problem; name one of its workloads, pools or variants`,
    );
    this.name = "UnknownNameError";
  }
}

/** The problem with a change set applied; the given one stays as it is. @throws UnknownNameError */
export function applyChanges(problem: PlacementProblem, changes: ChangeSet): PlacementProblem {
  const left = new Map<keyof ChangeSet, Set<string>>();
  for (const field of ["demandPerSecond", "devices", "nodes", "replicas"] as const)
    left.set(field, new Set(Object.keys(changes[field] ?? {})));
  const take = <T>(field: keyof ChangeSet, values: Record<string, T> | undefined, name: string): T | undefined => {
    if (!left.get(field)!.delete(name)) return undefined;
    return values![name];
  };
  const next: PlacementProblem = {
    ...problem,
    pools: problem.pools.map((pool) => {
      const devices = take("devices", changes.devices, pool.name);
      const nodes = take("nodes", changes.nodes, pool.name);
      if (devices === undefined && nodes === undefined) return pool;
      return nodes ? { name: pool.name, nodes } : { name: pool.name, devices: devices! };
    }),
    workloads: problem.workloads.map((w) => {
      const demand = take("demandPerSecond", changes.demandPerSecond, w.name);
      const variants = w.variants.map((v) => {
        const bounds = take("replicas", changes.replicas, v.name);
        return bounds ? { ...v, ...bounds } : v;
      });
      return { ...w, variants, ...(demand === undefined ? {} : { demandPerSecond: demand }) };
    }),
  };
  for (const [field, names] of left) for (const name of names) throw new UnknownNameError(field, name);
  return next;
}

/** What runs after a plan: its counts become the current replicas. */
function running(problem: PlacementProblem, plan: Plan): PlacementProblem {
  const counts = new Map(plan.workloads.flatMap((w) => w.variants.map((v) => [v.name, v.replicas] as const)));
  return {
    ...problem,
    workloads: problem.workloads.map((w) => ({
      ...w,
      variants: w.variants.map((v) => ({ ...v, currentReplicas: counts.get(v.name) ?? v.currentReplicas })),
    })),
  };
}

/**
 * Rounds of planning on one problem: each starts from the prices and counts of the round before, and what the last plan asked for counts as
 * running, so that start costs keep it unless a change is worth them. One call at a time.
 */
export class PlacementSession {
  private problem: PlacementProblem;
  private last: Plan | undefined;

  constructor(problem: PlacementProblem) {
    this.problem = problem;
  }

  /** Plans the problem with the changes, which then are part of it. @throws UnknownNameError, and what `solve` throws */
  async replan(changes: ChangeSet = {}, options: SolveOptions = {}): Promise<Plan> {
    const next = applyChanges(this.problem, changes);
    const plan = await this.planned(next, options);
    this.problem = running(next, plan);
    this.last = plan;
    return plan;
  }

  /** A what-if: plans the problem with the changes from the state of the last round, which stays as it is. */
  async whatIf(changes: ChangeSet, options: SolveOptions = {}): Promise<Plan> {
    return this.planned(applyChanges(this.problem, changes), options);
  }

  private planned(problem: PlacementProblem, options: SolveOptions): Promise<Plan> {
    return solve(problem, this.last ? { ...options, previous: this.last } : options);
  }
}
