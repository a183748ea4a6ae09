/**
 * How a workload is served, and so what its demand is measured in. Every kind becomes one demand and one capacity for each variant,
 * so that all of them share the devices in one plan.
 */
export type Serving = LlmServing | UtilizationServing | QueueServing | LagServing | BatchServing | FixedServing;

/** Token generation: the demand is the request rate, the capacity what sizing from the profile says. The default. */
export interface LlmServing {
  kind: "llm";
}

/** Request and response servers, by the algorithm of `autoscaling/v2`. Of several metrics the one that asks for most counts. */
export interface UtilizationServing {
  kind: "utilization";
  metrics: UtilizationMetric[];
  /** Relative distance of the metric from its target within which nothing changes, by direction. */
  scaleUpTolerance: number;
  scaleDownTolerance: number;
  /** CPU samples of a pod younger than this count only once a whole window lies after its last change of readiness. */
  cpuInitializationMs: number;
  /** A pod that stopped being ready within this time of its start has never been ready. */
  initialReadinessDelayMs: number;
}

/** In percent of what the pods request. */
export interface UtilizationTarget {
  type: "Utilization";
  averageUtilization: number;
}

/** Per replica, in the unit of the metric. */
export interface AverageValueTarget {
  type: "AverageValue";
  averageValue: number;
}

/** Of the metric as a whole; the answer scales what is ready now. */
export interface ValueTarget {
  type: "Value";
  value: number;
}

/** Of the pods. `name` is the resource (`cpu`, `memory`), or the name under which the metric is collected. */
export type PodMetricSource =
  | { type: "Resource"; name: string; target: UtilizationTarget | AverageValueTarget }
  | { type: "Pods"; name: string; target: AverageValueTarget };

/** Of something else, such as an ingress or a queue: it is there without any pod. */
export interface ObjectMetricSource {
  type: "Object" | "External";
  name: string;
  target: ValueTarget | AverageValueTarget;
}

export type UtilizationMetric = PodMetricSource | ObjectMetricSource;

/** Workers that take items from a queue. */
export interface QueueServing {
  kind: "queue";
  /** Time in which an item is to be taken off, from when it was put in. */
  drainSeconds: number;
  /** How sure the work that comes in that time is to be covered, 0.5 (its mean) to 0.999. */
  quantile: number;
  /** Variance of the arrivals of a time over their mean: 1 Poisson, more in bursts. */
  arrivalDispersion: number;
  /** Coefficient of variation of the time that one item takes. */
  serviceVariation: number;
}

/** Inference that falls behind its input, or is idle. */
export interface LagServing {
  kind: "lag";
  limitMs: number;
  /** Share of the limit under which one replica less is tried. */
  releaseShare: number;
  /** Most that one decision multiplies what is ready. */
  maxGrowth: number;
  /** Without lag and activity for so long: zero. Absent: never. */
  idleSeconds?: number;
}

/** A known amount of work that is to be done in time. */
export interface BatchServing {
  kind: "batch";
  /** Epoch milliseconds; absent: told with the signals. */
  deadlineAtMs?: number;
  /** Time in which what cannot be done by the deadline is to be done nevertheless. */
  lateSeconds: number;
}

/** So many replicas, whatever happens. */
export interface FixedServing {
  kind: "fixed";
  replicas: number;
}

/** What one replica of a variant does, as stated or learned. */
export interface VariantServing {
  /** In replicas of capacity 1: 2 does twice the work at the same utilization. Absent: 1. */
  relativeCapacity?: number;
  /** Mean time that one item takes (`queue`, `batch`). */
  serviceSeconds?: number;
  /** Items that one replica works on at once. Absent: 1. */
  concurrency?: number;
}

/**
 * Whether a workload may go to zero.
 * - `never`: one replica stays.
 * - `auto`: where the SLO survives the cold start.
 * - `always`: whenever it is idle for `idleSeconds`; the owner takes the cold starts.
 */
export interface ScaleToZero {
  mode: "never" | "auto" | "always";
  /** Shortest time without a request before zero. */
  idleSeconds: number;
  /** `auto`: zero after so long without a request even where the SLO alone would keep a replica. Absent: never for that reason. */
  unusedSeconds?: number;
  /** Probability of a request within a start time from which on a replica is kept warm, or started ahead; half of it lets go. */
  keepWarmProbability: number;
}
