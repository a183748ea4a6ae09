import type { PercentileTargets } from "../../snapshot/continuous-profile.ts";
import { endToEndTail, itlTail, tpotTail, ttftTail } from "./latency-tails.ts";
import type { LaneLoad } from "./load.ts";
import type { ReplicaConstants } from "./replica-constants.ts";
import type { LatencyTarget, ReplicaRole } from "./types.ts";

/** Targets of a continuous profile: a percentile that is absent is 0.95. `tps`: output tokens per second, as in the other dialects. */
export type SizingTargets = Partial<PercentileTargets> & { tps?: number };

/** P(latency > x ms) at a load. */
export type Tail = (constants: ReplicaConstants, load: LaneLoad, x: number) => number;

export const TAILS: Record<LatencyTarget, Tail> = {
  ttftMs: ttftTail,
  itlMs: itlTail,
  tpotMs: tpotTail,
  endToEndMs: endToEndTail,
};

/** Latencies that a role makes. */
export const LATENCIES_OF: Record<ReplicaRole, readonly LatencyTarget[]> = {
  both: ["ttftMs", "itlMs", "tpotMs", "endToEndMs"],
  prefill: ["ttftMs"],
  decode: ["itlMs", "tpotMs", "endToEndMs"],
};

export const DEFAULT_PERCENTILE = 0.95;
