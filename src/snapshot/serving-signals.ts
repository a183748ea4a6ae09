/** What was measured of a workload, as far as its kind of serving needs it. What is absent, negative or not a number is not known. */
export interface ServingSignals {
  /** Requests (`llm`) or items (`queue`) per second that arrive: the mean. */
  ratePerSecond?: number;
  /** The same as a forecast quantile over one start time, where there is a forecast. */
  rateQuantilePerSecond?: number;
  /** Items that wait. */
  backlog?: number;
  /** Age of the oldest item that waits. */
  oldestAgeMs?: number;
  /** How far inference is behind its input. */
  lagMs?: number;
  /** Last request, item or record, epoch milliseconds. */
  lastActivityAtMs?: number;
  /** Items of a batch that are not done. */
  remainingItems?: number;
  /** Epoch milliseconds. */
  deadlineAtMs?: number;
  /** Pods of the workload, for metrics of type Resource and Pods. */
  pods?: readonly PodSample[];
  podMetrics?: readonly PodMetric[];
  /** Metrics of type Object and External, by name. */
  values?: ReadonlyMap<string, number>;
}

/** A pod as the autoscaling algorithm looks at it. */
export interface PodSample {
  name: string;
  /** The variant that it is a replica of. */
  variant: string;
  phase: "Pending" | "Running" | "Succeeded" | "Failed" | "Unknown";
  terminating: boolean;
  /** Its condition Ready; absent: there is none yet. */
  ready?: boolean;
  /** When that condition last changed. */
  readyChangedAtMs?: number;
  startedAtMs?: number;
  /** What its containers request, by resource, in cores or bytes. */
  requests: Readonly<Record<string, number>>;
}

/** One metric of one pod, in cores, bytes or the unit of the metric. */
export interface PodMetric {
  metric: string;
  pod: string;
  value: number;
  atMs: number;
  /** Time that the value is a mean of. */
  windowMs: number;
}
