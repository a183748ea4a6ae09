import type { NodeRow, PlacementProblem, Pool, Taint, Toleration, Variant, Workload } from "../../src/index.ts";
import { API_VERSION } from "../../src/index.ts";

/** Concise problems for tests: only what a case is about is written, the rest are the documented defaults. */
export function problem(
  parts: Partial<PlacementProblem> & Pick<PlacementProblem, "pools" | "workloads">,
): PlacementProblem {
  return {
    apiVersion: API_VERSION,
    kind: "PlacementProblem",
    objective: "lexicographic",
    classes: [],
    quotas: [],
    cohorts: [],
    sharedServers: [],
    ...parts,
  };
}

/** A pool without node shape. */
export function bag(name: string, devices: number): Pool {
  return { name, devices };
}

/** `count` nodes with `freeDevices` each. */
export function node(freeDevices: number, count = 1, extra: Partial<NodeRow> = {}): NodeRow {
  return { freeDevices, count, taints: [], holds: {}, ...extra };
}

export function shaped(name: string, ...nodes: NodeRow[]): Pool {
  return { name, nodes };
}

/** Written as in kubectl: `key[=value]:effect`. */
export function taint(text: string): Taint {
  const [left = "", effect = ""] = text.split(":");
  const [key = "", value = ""] = left.split("=");
  return { key, value, effect: effect as Taint["effect"] };
}

export function tolerating(key: string, extra: Partial<Toleration> = {}): Toleration {
  return { key, operator: "Exists", value: "", ...extra };
}

/** A variant on `pool` with `devices` for each replica and `capacity` requests per second. */
export function variant(
  name: string,
  pool: string,
  devices: number,
  capacity: number,
  extra: Partial<Variant> = {},
): Variant {
  return {
    name,
    pool,
    role: "both",
    devicesPerReplica: devices,
    nodesPerReplica: 1,
    capacityPerSecond: capacity,
    costPerHour: 0,
    startCost: 0,
    currentReplicas: 0,
    minReplicas: 0,
    tolerations: [],
    movable: false,
    ...extra,
  };
}

export function workload(name: string, demand: number, variants: Variant[], extra: Partial<Workload> = {}): Workload {
  return { name, priority: 0, weight: 1, demandPerSecond: demand, shedPenalty: 0, variants, ...extra };
}

/** The numbers 0 … n − 1. */
export function upTo(n: number): number[] {
  return Array.from({ length: n }, (_, i) => i);
}
