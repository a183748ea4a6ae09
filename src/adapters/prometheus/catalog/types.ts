import type { LatencySignal, ScalarSignal } from "../../../snapshot/signals.ts";

/** What a series is about: how it finds its way to a workload. */
export type SubjectKind = "pod" | "model" | "queue" | "inferencePool" | "consumerGroup";

/** Labels of a result. Several names: the first that is there counts. */
export interface LabelNames {
  namespace: string[];
  pod: string[];
  model: string[];
  queue: string[];
  inferencePool: string[];
  consumerGroup: string[];
}

/** A condition on a label, as in PromQL. */
export type Matcher = readonly [label: string, operator: "=" | "!=" | "=~" | "!~", value: string];

/** `inFlightGrowth`: what running and waiting requests grow by in a second; only signals that follow from it are shown. */
export type ReadSignal = ScalarSignal | LatencySignal | "inFlightGrowth";

/** One number, or histogram, of each subject. Rows of one signal and part are added, and count only where all are there. */
export interface Reading {
  signal: ReadSignal;
  /** Means and shares are kept as two sums until all pods are added up. */
  part?: "numerator" | "denominator";
  /** `counter`: its rate; `derivative`: of a gauge, by the second. */
  kind: "gauge" | "counter" | "derivative" | "histogram";
  /** Names that the metric has had, newest first; a subject's value is of the first that it has. */
  metrics: readonly string[];
  where?: readonly Matcher[];
  /** From the unit of the metric to that of the signal; latencies to ms. Default 1. */
  scale?: number;
  /** How several series of one subject become one. Default sum. */
  within?: "sum" | "avg" | "max";
}

export interface ServingSystem {
  name: string;
  subject: SubjectKind;
  /** The label that names the model, where one server holds several. */
  modelLabels?: readonly string[];
  /** Where the names stand, for people. */
  documentation: string;
  /** Metrics that every subject always has: when they were last seen is the age of the subject. */
  heartbeat: readonly string[];
  /** Counters that grow with every request: for resets and the last activity. */
  activity: readonly string[];
  readings: readonly Reading[];
  /** Samples are late by this much by design (such as those of CloudWatch); added to the age that is allowed. */
  delayMs?: number;
}

/** A query that is asked as it is. */
export interface RecordedQuery {
  /** `system/signal`, with `.numerator` or `.denominator` and a number where there are several. */
  name: string;
  system: string;
  subject: SubjectKind;
  reading: Pick<Reading, "signal" | "part" | "kind" | "scale">;
  /** PromQL with `$window`, `$lookback` and `$matchers`. */
  promql: string;
  labels?: Partial<LabelNames>;
}
