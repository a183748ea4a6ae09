/** Stationary means of the number in the system. */
export interface QueueMetrics {
  throughputPerSecond: number;
  responseMs: number;
  serviceMs: number;
  /** Of accepted requests. */
  waitMs: number;
  numberInService: number;
  /** Number in service over the batch size, within 0 and 1. */
  utilization: number;
}

export interface Latencies {
  prefillMs: number;
  itlMs: number;
  ttftMs: number;
}

export type ReplicaMetrics = QueueMetrics & Latencies;
