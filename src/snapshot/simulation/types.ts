import type { ContinuousProfile } from "../continuous-profile.ts";
import type { SloTargets } from "../profile.ts";
import type { SnapshotClass } from "../types.ts";

/** A fleet with its traffic, to be simulated: the file of `apportion replay` and `apportion serve --simulate`. */
export interface Simulation {
  apiVersion: "apportion.dev/v1";
  kind: "Simulation";
  seed: number;
  /** Of the traffic that is simulated. */
  durationSeconds: number;
  pools: SimulationPool[];
  classes: SimulationClass[];
  workloads: SimulationWorkload[];
  events: SimulationEvent[];
}

export interface SimulationPool {
  name: string;
  accelerator?: string;
  pricePerDeviceHour: number;
  nodes: { devices: number; count: number }[];
}

export interface SimulationClass {
  name: string;
  priority: number;
  weight: number;
  rule: SnapshotClass["rule"];
  slo: SloTargets;
  demandQuantile?: number;
}

export interface SimulationWorkload {
  /** `namespace/name`. */
  name: string;
  class: string;
  traffic: Traffic[];
  variants: SimulationVariant[];
}

export interface SimulationVariant {
  /** Unique in the file; its namespace is that of its workload. */
  name: string;
  pool: string;
  devicesPerReplica: number;
  /** What a replica is said to do. */
  profile: ContinuousProfile;
  /** What it does, in times of the profile: 1.2 takes a fifth longer. */
  truth: number;
  startSeconds: number;
  /** Coefficient of variation. */
  startVariation: number;
  crashesPerHour: number;
  initialReplicas: number;
  minReplicas: number;
  maxReplicas?: number;
}

/** Requests of a workload; several add up. Rates are requests per second. */
export type Traffic = TraceTraffic | ShapedTraffic;

/** Requests of a trace. */
export interface TraceTraffic {
  type: "trace";
  /** Of the trace, from the beginning; it begins anew at its end. */
  fromSeconds: number;
  /** How many times the traced service; parts of one by chance. */
  scale: number;
}

/** A rate that follows a shape; arrivals are a Poisson stream of it. */
export interface ShapedTraffic {
  type: "steady" | "diurnal" | "ramp" | "burst";
  ratePerSecond: number;
  /** The highest rate of all but `steady`. */
  peakPerSecond: number;
  /** Of `diurnal` the length of a day; of `ramp` when the peak is reached; of `burst` the time between two. */
  periodSeconds: number;
  /** Of a `burst`. */
  burstSeconds: number;
  inputTokens: number;
  outputTokens: number;
  inputVariation: number;
  outputVariation: number;
}

export interface SimulationEvent {
  atSeconds: number;
  type: "node-lost" | "node-back" | "cordon" | "uncordon" | "foreign-pod";
  /** `pool-1`, `pool-2`, … */
  node: string;
  /** Of `foreign-pod`. */
  devices: number;
  forSeconds: number;
}
