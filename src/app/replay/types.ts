import type { SimulatedCluster } from "../../simulation/cluster/cluster.ts";
import type { TracedRequest } from "../../simulation/cluster/traffic.ts";
import type { Simulation } from "../../snapshot/simulation/types.ts";
import type { World } from "../../snapshot/world/types.ts";

/** In the order in which they are shown. */
export const CONTROLLERS = ["ours", "hpa", "kpa", "wva-saturation", "wva-greedy", "fixed", "clairvoyant"] as const;

export type ControllerName = (typeof CONTROLLERS)[number];

/** One controller on one course of the traffic. Plain data: it may cross to a thread. */
export interface ReplayJob {
  controller: ControllerName;
  /** Its seed is that of the course. */
  simulation: Simulation;
  trace: readonly TracedRequest[];
}

/** What the cluster's resources would say of a simulation: policy, classes, variants. */
export type FleetOf = (simulation: Simulation) => Pick<World, "policy" | "classes" | "variants">;

/** Decides counts again and again. It sees what a controller of its kind sees, and writes counts of targets. */
export interface Controller {
  /** Simulated time between two calls. */
  stepMs: number;
  /** Its first step is at the very beginning; else after `stepMs`. */
  looksAhead?: boolean;
  step(cluster: SimulatedCluster): Promise<void> | void;
  /** Steps in which it did nothing, since the solver failed. */
  readonly failedSolves?: number;
}

/** Percentiles over requests, ms; Infinity where that request was not answered, NaN where there was none. */
export interface Percentiles {
  p50: number;
  p95: number;
  p99: number;
}

export interface ClassOutcome {
  name: string;
  priority: number;
  requests: number;
  /** Shares of requests inside their targets, 0 to 1; NaN where none came. */
  insideSlo: number;
  insideTtft: number;
  insideTpot: number;
  /** The least `insideSlo` of a workload of the class. */
  lowestWorkload: number;
  /** Requests without an answer when the replay ended. */
  unanswered: number;
  ttftMs: Percentiles;
  tpotMs: Percentiles;
}

/** One minute of a replay. */
export interface MinutePoint {
  /** Requests that came in. */
  requests: number;
  /** Of them inside their targets. */
  inside: number;
  /** Devices on nodes at its end. */
  devices: number;
}

export interface ReplayOutcome {
  controller: ControllerName;
  seed: number;
  classes: ClassOutcome[];
  /** Devices held × their price × the time; in the currency of the file. */
  cost: number;
  deviceHours: number;
  /** Replicas that were started and stopped after the beginning, those that came for lost ones included. */
  starts: number;
  stops: number;
  /** Replicas without a node or not ready yet × hours. */
  pendingReplicaHours: number;
  /** Steps in which the controller held what there was, since the solver failed (its plan did not pass its own check). */
  failedSolves: number;
  minutes: MinutePoint[];
}
