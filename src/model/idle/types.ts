import type { ScaleToZero } from "../../snapshot/serving.ts";

/** A variant that a workload at zero could be woken with. */
export interface IdleVariant {
  name: string;
  /** Time from asking to ready: the quantile of the SLO's percentile. */
  startMs: number;
  /** Of one replica. */
  costPerHour: number;
  /** Of one replica. */
  capacityPerSecond: number;
  /** Devices for one replica are there, nothing forbids it. What it holds itself counts as there. */
  available: boolean;
}

/** What a request may wait for. */
export interface IdleSlo {
  /** Share of requests that are to be answered in time. */
  percentile: number;
  /** TTFT target, or drain time of a queue. Absent: no target, and a cold start breaks nothing. */
  deadlineMs?: number;
  /** What a warm replica takes of it. Absent: nothing. */
  warmMs?: number;
}

/** What is expected to arrive. */
export interface IdleForecast {
  /** Mean. */
  ratePerSecond: number;
  /** Lower quantile; absent: the mean. */
  lowerPerSecond?: number;
  /** Upper quantile over one start time; absent: the mean. */
  upperPerSecond?: number;
  /** Name of the model, for people. */
  model: string;
}

/** What came and what missed its deadline because of a cold start, over the time in which the SLO is counted. */
export interface ColdStartHistory {
  requests: number;
  coldMisses: number;
  /** Rate in the first minutes after past wake-ups; absent: the upper forecast. */
  wakeRatePerSecond?: number;
}

export interface IdleQuestion {
  nowMs: number;
  /** Asked for, of all variants together. */
  currentReplicas: number;
  /** Requests that wait somewhere, such as in a gateway; absent: not known. */
  waitingRequests?: number;
  lastRequestAtMs?: number;
  /** Since when a replica is ready. */
  readySinceMs?: number;
  variants: readonly IdleVariant[];
  slo: IdleSlo;
  policy: ScaleToZero;
  forecast?: IdleForecast;
  history?: ColdStartHistory;
  /** The variant that the plan would start. */
  plannedVariant?: string;
}

export interface IdleDecision {
  mayBeZero: boolean;
  /** Of the workload, on one variant, whichever the plan chooses. */
  minReplicas: 0 | 1;
  reason: string;
}
