import type { Plan } from "../plan/types.ts";
import type { NodeRow, PlacementProblem, Pool, Variant, Workload } from "../problem/types.ts";

/** What may change of a variant. */
export type VariantChange = Partial<
  Pick<Variant, "minReplicas" | "maxReplicas" | "currentReplicas" | "costPerHour" | "startCost">
>;

/** What is different in the next round. Names must exist; what is not named stays as it is. */
export interface ChangeSet {
  /** Requests per second, by workload. */
  demandPerSecond?: Record<string, number>;
  /** Weight inside the class, by workload. */
  weight?: Record<string, number>;
  /** Cost per hour of serving none of it, by workload. */
  shedPenalty?: Record<string, number>;
  /** Devices of bag pools. */
  devices?: Record<string, number>;
  /** Node rows of pools with node shapes. */
  nodes?: Record<string, NodeRow[]>;
  /** Bounds, what runs, and costs, by variant. */
  replicas?: Record<string, VariantChange>;
}

const FIELDS = ["demandPerSecond", "weight", "shedPenalty", "devices", "nodes", "replicas"] as const;

/** A name in a change set that the problem does not have. */
export class UnknownNameError extends Error {
  readonly field: keyof ChangeSet;
  /** The name that is not there. */
  readonly unknown: string;
  constructor(field: keyof ChangeSet, name: string) {
    super(
      `changes.${field}: ${JSON.stringify(name)} is not in the problem; name one of its workloads, pools or variants`,
    );
    this.name = "UnknownNameError";
    this.field = field;
    this.unknown = name;
  }
}

/** A workload with its part of a change set; `changes` names variants of others too. */
export function changedWorkload(w: Workload, changes: ChangeSet): Workload {
  const next = { ...w };
  for (const field of ["demandPerSecond", "weight", "shedPenalty"] as const) {
    const value = changes[field]?.[w.name];
    if (value !== undefined) next[field] = value;
  }
  const { replicas } = changes;
  if (replicas && w.variants.some((v) => replicas[v.name]))
    next.variants = w.variants.map((v) => ({ ...v, ...replicas[v.name] }));
  return next;
}

export function changedPool(pool: Pool, changes: ChangeSet): Pool {
  const devices = changes.devices?.[pool.name];
  const nodes = changes.nodes?.[pool.name];
  if (nodes) return { name: pool.name, nodes };
  return devices === undefined ? pool : { name: pool.name, devices };
}

/** The problem with a change set applied; the given one stays as it is. @throws UnknownNameError */
export function applyChanges(problem: PlacementProblem, changes: ChangeSet): PlacementProblem {
  const { workloads, variants, pools } = namesOf(problem);
  const known = { demandPerSecond: workloads, weight: workloads, shedPenalty: workloads, replicas: variants };
  for (const field of FIELDS)
    for (const name in changes[field])
      if (!(field in known ? known[field as keyof typeof known] : pools).has(name))
        throw new UnknownNameError(field, name);
  return {
    ...problem,
    pools: problem.pools.map((pool) => changedPool(pool, changes)),
    workloads: problem.workloads.map((w) => changedWorkload(w, changes)),
  };
}

/** Where names stand in a problem: positions in its lists; of a variant, that of its workload. */
export interface Names {
  workloads: Map<string, number>;
  variants: Map<string, number>;
  pools: Map<string, number>;
}

export function namesOf(problem: PlacementProblem): Names {
  const names: Names = {
    workloads: new Map(),
    variants: new Map(),
    pools: new Map(problem.pools.map((p, i) => [p.name, i])),
  };
  problem.workloads.forEach((w, m) => {
    names.workloads.set(w.name, m);
    for (const v of w.variants) names.variants.set(v.name, m);
  });
  return names;
}

/** Positions of the workloads and pools that a change set names. @throws UnknownNameError */
export function touchedBy(names: Names, changes: ChangeSet): { workloads: Set<number>; pools: Set<number> } {
  const touched = { workloads: new Set<number>(), pools: new Set<number>() };
  const take = (field: keyof ChangeSet, index: Map<string, number>, into: Set<number>) => {
    for (const name in changes[field]) {
      const at = index.get(name);
      if (at === undefined) throw new UnknownNameError(field, name);
      into.add(at);
    }
  };
  for (const field of ["demandPerSecond", "weight", "shedPenalty"] as const)
    take(field, names.workloads, touched.workloads);
  take("replicas", names.variants, touched.workloads);
  take("devices", names.pools, touched.pools);
  take("nodes", names.pools, touched.pools);
  return touched;
}

/** What runs after a plan: its counts become the current replicas. */
export function running(problem: PlacementProblem, plan: Plan): PlacementProblem {
  const counts = new Map(plan.workloads.flatMap((w) => w.variants.map((v) => [v.name, v.replicas] as const)));
  return { ...problem, workloads: problem.workloads.map((w) => runningAt(w, (name) => counts.get(name))) };
}

/** A workload whose counts (by variant name) run. */
export function runningAt(w: Workload, countOf: (variant: string) => number | undefined): Workload {
  const variants = w.variants.map((v) => ({ ...v, currentReplicas: countOf(v.name) ?? v.currentReplicas }));
  return { ...w, variants };
}
