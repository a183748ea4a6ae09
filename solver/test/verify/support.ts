import type { CertificateEntry, Plan } from "../../src/plan/types.ts";
import type { PlacementProblem, Variant, Workload } from "../../src/problem/types.ts";

/** A variant of one device on `pool-a` that serves one request per second for a cost of 1. */
export function variant(name: string, change: Partial<Variant> = {}): Variant {
  return {
    name,
    pool: "pool-a",
    role: "both",
    devicesPerReplica: 1,
    nodesPerReplica: 1,
    capacityPerSecond: 1,
    costPerHour: 1,
    startCost: 0,
    currentReplicas: 0,
    minReplicas: 0,
    tolerations: [],
    movable: false,
    ...change,
  };
}

export function workload(name: string, variants: Variant[], change: Partial<Workload> = {}): Workload {
  return { name, priority: 0, weight: 1, demandPerSecond: 2, shedPenalty: 0, variants, ...change };
}

export function problemOf(change: Partial<PlacementProblem>): PlacementProblem {
  return {
    apiVersion: "apportion.dev/v1",
    kind: "PlacementProblem",
    objective: "lexicographic",
    pools: [],
    classes: [],
    quotas: [],
    cohorts: [],
    workloads: [],
    sharedServers: [],
    ...change,
  };
}

export function entryOf(plan: Plan, stage: string): CertificateEntry {
  const entry = plan.certificate.find((e) => e.stage === stage);
  if (!entry) throw new Error(`the plan has no stage ${stage}: ${plan.certificate.map((e) => e.stage).join(", ")}`);
  return entry;
}
