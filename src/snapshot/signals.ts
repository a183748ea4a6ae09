/**
 * What the serving systems say about themselves, as plain data. Values are as of one moment and carry where they came from
 * and how far they can be relied on; nothing here is NaN, infinite or negative.
 */

/** How a signal is put together from its parts (pods, queues) and what values it may have. */
export interface SignalDefinition {
  unit: "requests/s" | "requests" | "tokens" | "tokens/s" | "ratio" | "messages" | "bytes" | "cores" | "epoch ms";
  /** `ratio`: the sum of numerators by the sum of denominators. */
  combine: "sum" | "mean" | "max" | "ratio";
  /** Largest value that can be meant. */
  max: number;
}

const MAX_COUNT = 1e12;
const MAX_EPOCH_MS = 8.64e15;
const sum = (unit: SignalDefinition["unit"]): SignalDefinition => ({ unit, combine: "sum", max: MAX_COUNT });

/** Every scalar signal. */
export const SIGNALS = {
  /** Requests that were answered. */
  requestRate: sum("requests/s"),
  /** Requests that came in; where no counter says it, what was answered plus the growth of what is in flight. */
  arrivalRate: sum("requests/s"),
  runningRequests: sum("requests"),
  waitingRequests: sum("requests"),
  /** Requests that the endpoint picker holds before it gives them to a server. */
  flowControlQueue: sum("requests"),
  /** Requests that came in and are not answered: in the gateway, waiting and running; or the lag that a broker states. */
  inferenceLag: sum("requests"),
  /** Mean over the pods, 0 to 1. */
  kvCacheUtilization: { unit: "ratio", combine: "mean", max: 1 },
  /** Tokens of prompts that were found in the cache, 0 to 1. */
  prefixCacheHitRate: { unit: "ratio", combine: "ratio", max: 1 },
  inputTokensPerRequest: { unit: "tokens", combine: "ratio", max: 1e9 },
  outputTokensPerRequest: { unit: "tokens", combine: "ratio", max: 1e9 },
  inputTokenRate: sum("tokens/s"),
  outputTokenRate: sum("tokens/s"),
  /** Messages in queues outside the servers: ready and, where the broker says it, delivered but not acknowledged. */
  queueLength: sum("messages"),
  /** Mean over the devices, 0 to 1. */
  acceleratorUtilization: { unit: "ratio", combine: "mean", max: 1 },
  acceleratorMemoryUsed: { unit: "bytes", combine: "sum", max: 1e18 },
  acceleratorMemoryUtilization: { unit: "ratio", combine: "ratio", max: 1 },
  cpu: sum("cores"),
  memory: { unit: "bytes", combine: "sum", max: 1e18 },
  /** When a request was last answered or in flight. */
  lastActivity: { unit: "epoch ms", combine: "max", max: MAX_EPOCH_MS },
} satisfies Record<string, SignalDefinition>;

export type ScalarSignal = keyof typeof SIGNALS;

/**
 * Latencies, ms. `ttft`: from arrival to the first token. `itl`: between two tokens that follow each other. `tpot`: mean time
 * between the tokens of one request. `e2e`: the whole request. `queueTime`: waiting for a place in the batch.
 */
export const LATENCIES = ["ttft", "itl", "tpot", "e2e", "queueTime"] as const;

export type LatencySignal = (typeof LATENCIES)[number];

/**
 * `fresh`: of all pods, in time. `partial`: of some pods, in time. `reset`: in time, but a counter began anew in the window,
 * so that a rate may be too low. `stale`: the newest that there is, and older than allowed. `rejected`: a source said what cannot
 * be (NaN, infinite, negative, a share above 1). `missing`: no source has it.
 */
export const QUALITIES = ["fresh", "reset", "partial", "stale", "rejected", "missing"] as const;

export type SignalQuality = (typeof QUALITIES)[number];

/** How far a value can be relied on. */
export interface SignalOrigin {
  quality: SignalQuality;
  /** Name of the source, or of the sources joined by `+`. Absent: missing. */
  source?: string;
  /** The system whose metric it is, such as `vllm`. */
  system?: string;
  /** Time of the oldest sample that went in, epoch ms. Absent where the source does not tell. */
  atMs?: number;
  /** Pods (or queues) that it is of, and those that there should be. */
  parts: { reporting: number; expected: number };
  /** Why it is not fresh, for people. */
  reason?: string;
}

/** Unit as in `SIGNALS`. */
export interface SignalValue extends SignalOrigin {
  /** Absent where the quality is `missing` or `rejected`. */
  value?: number;
}

export interface SignalLatency extends SignalOrigin {
  /** Observations per second in the window; 0: none, and no quantiles. */
  ratePerSecond?: number;
  meanMs?: number;
  /** By quantile in (0, 1); in the order that was asked for. */
  quantiles?: { quantile: number; valueMs: number }[];
}

export type SignalValues = { [name in ScalarSignal]?: SignalValue } & { [name in LatencySignal]?: SignalLatency };

export interface PodSignals {
  name: string;
  /** Only what the pod has. */
  signals: SignalValues;
}

export interface TargetSignals {
  /** `namespace/kind/name`. */
  key: string;
  signals: SignalValues;
  pods: PodSignals[];
}

/** All that is known of a workload; what its enabled systems could say and nobody does is there as `missing`. */
export interface WorkloadSignals {
  /** `namespace/name`. */
  workload: string;
  signals: SignalValues;
  targets: TargetSignals[];
}
