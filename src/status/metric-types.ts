import type { PlacementProblem, Plan } from "@apportion/solver";
import type { Decision } from "../guard/after.ts";
import type { ReplicaStates } from "../model/replicas/types.ts";
import type { ResolvedWorld } from "../plan/world-to-snapshot-resolve.ts";
import type { World } from "../snapshot/world/types.ts";
import type { GaugeName, MetricDefinition } from "./metric-definitions.ts";
import type { VariantStatus } from "./types.ts";

/** One series: values of the labels of its metric, and its value. */
export interface MetricSample {
  labels: Record<string, string>;
  value: number;
}

export interface MetricFamily {
  definition: MetricDefinition;
  samples: MetricSample[];
}

/** Of the last cycle, what is measured. */
export interface FleetView {
  world: World;
  revision: number;
  states: ReplicaStates;
  resolved: ResolvedWorld;
  decision: Decision;
  statuses: ReadonlyMap<string, VariantStatus>;
  /** The last good plan with its problem. */
  solved?: { problem: PlacementProblem; plan: Plan };
}

/** Samples by gauge; those without any are left out. */
export type Gauges = Partial<Record<GaugeName, MetricSample[]>>;
