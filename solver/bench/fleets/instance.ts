import type { PlacementProblem } from "../../src/problem/types.ts";
import { type FleetOptions, fleet } from "../generator.ts";
import { type RealFleetOptions, realFleet } from "../real-fleet.ts";

/** Which problem a cell runs on: small enough to post to another process, where the same seed makes the same problem. */
export type InstanceSpec = ({ shape: "seeded" } & FleetOptions) | ({ shape: "real" } & RealFleetOptions);

export function problemOf(spec: InstanceSpec): PlacementProblem {
  return spec.shape === "seeded" ? fleet(spec) : realFleet(spec);
}

/** The key under which the best known plan and bound of an instance are kept. */
export function idOf(spec: InstanceSpec): string {
  if (spec.shape === "real") return `real-w${spec.workloads}-r${spec.ratio}-s${spec.seed}-${spec.objective}`;
  const shapes = spec.shapes ? "-shapes" : "";
  return `w${spec.workloads}-p${spec.pools}-r${spec.ratio}-s${spec.seed}-${spec.rule}${shapes}`;
}

/** The fleets that most tables are about: bags of devices, one objective over all classes. */
export function penaltyFleet(workloads: number, ratio: number, seed: number): InstanceSpec {
  return { shape: "seeded", workloads, pools: poolsFor(workloads), ratio, seed, rule: "penalty", shapes: false };
}

/** Three classes by max-min on node shapes. */
export function ladderFleet(workloads: number, ratio: number, seed: number): InstanceSpec {
  return { shape: "seeded", workloads, pools: poolsFor(workloads), ratio, seed, rule: "max-min", shapes: true };
}

/** 20 pools at 1,000 workloads, 50 from 10,000 on, as in the tables; fewer for small fleets. */
export function poolsFor(workloads: number): number {
  if (workloads >= 10_000) return 50;
  return Math.max(4, Math.min(20, Math.round(workloads / 10)));
}

const CAPACITY_NAMES: Record<string, string> = { "2": "ample", "1": "tight", "0.7": "scarce" };

export function capacityName(ratio: number): string {
  return CAPACITY_NAMES[String(ratio)] ?? String(ratio);
}
