import type { WorkloadSignals } from "../snapshot/signals.ts";

/** A scale target whose pods, queues and pools are asked for. */
export interface SignalTarget {
  /** `namespace/kind/name`. */
  key: string;
  /** `namespace/name`. Targets of one workload are added up. */
  workload: string;
  namespace: string;
  pods: readonly SignalPod[];
  /**
   * Names under which its model is served (label `model_name`): told apart by them where servers hold several models, and found by
   * them where a gateway does not know pods. Absent: all that its pods serve.
   */
  models?: readonly string[];
  /** Queues that it works off. */
  queues?: readonly string[];
  /** Its `InferencePool`s. */
  inferencePools?: readonly string[];
  /** Kafka consumer groups. */
  consumerGroups?: readonly string[];
}

export interface SignalPod {
  name: string;
  /** For scraping without a Prometheus. */
  ip?: string;
  /** `prometheus.io/port`, `/path`, `/scheme` and `/scrape` are looked at. */
  annotations?: Readonly<Record<string, string>>;
}

/** Something that people should know about a source. No credentials are in it. */
export interface SignalWarning {
  source: string;
  /** The query by name, or the pod. */
  subject?: string;
  code: "SourceFailed" | "PartialResponse" | "Rejected" | "ClockSkew" | "Ambiguous";
  message: string;
}

export interface CollectedSignals {
  /** In the order of the names of the workloads. */
  signals: WorkloadSignals[];
  warnings: SignalWarning[];
}

/** Reads signals of many workloads at once. */
export interface SignalSource {
  /** Never rejects: what cannot be read is missing, and a warning says why. */
  collect(targets: readonly SignalTarget[], nowMs: number): Promise<CollectedSignals>;
  close(): Promise<void>;
}
