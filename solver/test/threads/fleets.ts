import { fleet } from "../../bench/generator.ts";
import type { PlacementProblem, Plan } from "../../src/index.ts";

/** A fleet that is large enough for a thread: four variants a workload. */
export function fleetOf(workloads: number, seed = 1): PlacementProblem {
  return fleet({ workloads, pools: 12, ratio: 1, seed, rule: "penalty", shapes: false });
}

/** All of a plan but how long it took. */
export function textOf(plan: Plan): string {
  return JSON.stringify({ ...plan, elapsedMs: 0 });
}
