/** `prefill` computes prompts and hands their KV cache over, `decode` takes it and makes the other tokens, `both` does all. */
export type ReplicaRole = "both" | "prefill" | "decode";

export type LatencyTarget = "ttftMs" | "itlMs" | "tpotMs" | "endToEndMs";

/** A percentile of each latency, ms. A role has only what it makes: a decode replica no TTFT, a prefill replica nothing else. */
export interface PredictedLatencies {
  ttftMs?: number;
  itlMs?: number;
  tpotMs?: number;
  endToEndMs?: number;
}

/** One replica at a rate. */
export interface ReplicaPrediction extends PredictedLatencies {
  ratePerSecond: number;
  percentile: number;
  /** Sequences that decode, on average. */
  batchSize: number;
  /** Time of an iteration, on average over tokens, ms. */
  iterationMs: number;
  /** Rate over the highest at which the queue does not grow without end, 0 to 1. */
  utilization: number;
  /** Share of the KV cache that is held, on average; absent without a limit. */
  kvCacheUse?: number;
}

/** What sets the capacity: a target, or `throughput` where the replica cannot do more inside all of them. */
export type Binding = LatencyTarget | "tps" | "throughput";

/** No rate meets this target: what was asked, and the best there is, at next to no load. */
export interface UnreachableLatency {
  target: LatencyTarget;
  askedMs: number;
  bestMs: number;
}

export type ContinuousSizing =
  | { ok: true; capacityPerSecond: number; binding: Binding; at: ReplicaPrediction }
  | { ok: false; unreachable: UnreachableLatency };

/** What a correction of the rate is learned for. */
export type Corrected = Exclude<Binding, "tps">;
