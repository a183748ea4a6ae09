import type { TokenMix } from "../profile.ts";

/** What cycles hand on to the next: part of the world, replaced whole by each cycle, durable across restarts. */
export interface Memory {
  /** Number of the last cycle; every plan has one, the fencing token of its commands. */
  revision: number;
  lastCycleAtMs: number;
  variants: Record<string, VariantMemory>;
  /** By `pool/size`, size in devices on one node. */
  trust: Record<string, TrustMemory>;
  /** By workload: what is known of its demand, to forecast it; the state of `model/forecast`. */
  demands?: Record<string, unknown>;
  /** By workload: when something was last asked of it. */
  askedAtMs?: Record<string, number>;
  /** Until then all are planned for what they ask now: devices were too few for headroom. */
  presentUntilMs?: number;
  lastPlan?: HeldPlan;
  /** Waits for approval, in mode `approve`. */
  proposal?: Proposal;
  approvedRevision?: number;
  /** What people and the service did, oldest first. */
  audit?: AuditEntry[];
  /** What sources had reported last when the cycle ended: whoever leads next begins with it. */
  reports?: RememberedReport[];
  /** Sources that somebody took back, and when; what they said after that counts. */
  forgotten?: { kind: "demand" | "inventory"; source: string; atMs: number }[];
}

/** A demand report of one source of one workload. */
export interface RememberedReport {
  source: string;
  workload: string;
  /** A decimal number: it may have more digits than a JSON number keeps. */
  sequence: string;
  reportedAtMs: number;
  receivedAtMs: number;
  /** Requests per second. */
  ratePerSecond: number;
  tokenMix?: TokenMix;
}

/** Who did what, when, why, and what came of it. */
export interface AuditEntry {
  atMs: number;
  actor: string;
  action: string;
  subject: string;
  reason: string;
  effect: string;
  revision: number;
}

export interface VariantMemory {
  /** Of the resource that it is about: one of the same name that was created anew has learned nothing yet. */
  uid?: string;
  /** Desired counts of earlier cycles, for stabilization: oldest first, cut to the longest window. */
  recommendations: { atMs: number; replicas: number }[];
  /** Changes that were carried out, for rate policies: oldest first, cut to the longest period. */
  scaleEvents: { atMs: number; change: number }[];
  /** The count that this service last wrote, and when. */
  asked?: { replicas: number; atMs: number };
  /** The count of the target when it was first seen, or last while somebody else was to scale it: no pin. */
  seen?: { replicas: number; atMs: number };
  /** Learned seconds from scheduled to ready: newest last, at most 50. */
  startSeconds: number[];
  /** Replicas that became ready once (their start times are counted): `namespace/` pod or group, and when. */
  counted: Record<string, number>;
  quarantine?: { untilMs: number; times: number; reason: string };
  /** Replicas that were ready and are not now, and since when. */
  unready?: Record<string, number>;
  /** Since when fewer replicas exist than are asked for while none is on its way. */
  missingSinceMs?: number;
  /** What signals taught of the time of an iteration; the state of `model/learning`. */
  learned?: unknown;
  /** And, without a profile, of the load at which a replica is saturated. */
  saturation?: unknown;
  /** A person's `kubectl scale`. */
  manualPin?: { replicas: number; untilMs: number; manager: string };
}

export interface TrustMemory {
  /** Replicas of this size that the scheduler refused; from this time on the row's capacity is what runs. */
  lostAtMs: number;
  probeAtMs: number;
  failures: number;
  reason: string;
  /** A probe is running: one more replica is allowed. */
  probing: boolean;
  /** Scheduled replicas of this size when trust was lost, or when the probe began: trust returns where more are scheduled. */
  scheduled: number;
}

/** The last good plan: what is held where no new one can be trusted. */
export interface HeldPlan {
  revision: number;
  atMs: number;
  replicas: Record<string, number>;
}

export interface Proposal extends HeldPlan {
  summary: string;
}

export const EMPTY_MEMORY: Memory = { revision: 0, lastCycleAtMs: 0, variants: {}, trust: {} };
