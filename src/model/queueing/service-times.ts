import type { Latencies, QueueMetrics } from "./metrics.ts";

/** What a dialect says about a replica at one token mix. */
export interface ServiceModel {
  /** Time of one request, ms, while n are in service; n from 1 to the batch size. */
  serviceMs(n: number): number;
  /** Latencies at stationary means. */
  latencies(queue: QueueMetrics): Latencies;
  /** The dialect refuses to analyze a rate above the highest that it sizes for; the others count what is blocked. */
  refusesOverload: boolean;
}
