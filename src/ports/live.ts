import type { Plan } from "@apportion/solver";
import type { PlanDifference } from "../plan/difference.ts";
import type { Change } from "../plan/what-if.ts";
import type { AuditEntry } from "../snapshot/world/memory.ts";
import type { Mode, OverrideAction, WorldOverride } from "../snapshot/world/types.ts";
import type { FleetReport } from "../status/fleet-report.ts";
import type { StatusCondition } from "../status/types.ts";

/** A plan as the running service keeps it. */
export interface LivePlan {
  /** Grows with every plan; the fencing token of what is carried out. */
  revision: number;
  plannedAtMs: number;
  mode: Mode;
  plan: Plan;
  variants: LiveVariant[];
  /** Why the last good plan is held in place of a new one. */
  heldBecause?: string;
  /** A plan waits for approval under this revision. */
  proposedRevision?: number;
  /** What is to be done, in this order, for people. */
  steps: string[];
}

export interface LiveVariant {
  /** `namespace/name`. */
  name: string;
  workload: string;
  pool: string;
  current: number;
  desired: number;
  ready: number;
  starting: number;
  pending: number;
  failing: number;
  capacityPerSecond: number;
  reasonCode: string;
  reason: string;
  /** What its demand and capacity follow from. */
  basis: string[];
  conditions: StatusCondition[];
}

export interface LiveStatus {
  leader: boolean;
  leaderIdentity: string;
  plan: LivePlan;
  lastCycleAtMs: number;
  lastCycleMs: number;
  warnings: string[];
}

/** What one cycle planned, in a few numbers. */
export interface PlanSummary {
  revision: number;
  plannedAtMs: number;
  mode: Mode;
  status: string;
  costPerHour: number;
  gap: number;
  heldBecause?: string;
  changes: { variant: string; from: number; to: number }[];
  classes: { priority: number; lowest: number; mean: number }[];
  readyReplicas: number;
  desiredReplicas: number;
}

/** What a source reports. */
export type SourceKind = "demand" | "inventory";

export interface OverrideSpec {
  action: OverrideAction;
  subject: WorldOverride["subject"];
  reason: string;
  author: string;
  /** Absent: until it is cleared. */
  lifetimeMs?: number;
}

export interface OverrideInForce extends WorldOverride {
  effect: string;
}

/**
 * The running service as its callers see it. Errors by name: `NoPlanYetError`, `UnknownNameError`, `NotLeaderError`,
 * `StaleApprovalError`.
 */
export interface Live {
  status(): LiveStatus;
  /**
   * Hands the present plan over at once where it is newer than `afterRevision`, then every new one. A listener that is slow
   * misses those in between, never the last.
   */
  watch(afterRevision: number, listener: (plan: LivePlan) => void): () => void;
  /** The fleet as the last cycle saw it. */
  fleet(): FleetReport;
  /** What the last cycles planned, newest first. */
  plans(limit: number): PlanSummary[];
  whatIf(changes: readonly Change[], signal: AbortSignal): Promise<{ before: Plan; after: Plan }>;
  previewOverride(
    spec: OverrideSpec,
    signal: AbortSignal,
  ): Promise<{ difference: PlanDifference; conflicts: string[] }>;
  setOverride(spec: OverrideSpec): Promise<OverrideInForce>;
  clearOverride(id: string, reason: string, author: string): Promise<void>;
  listOverrides(): Promise<OverrideInForce[]>;
  /** All that a source said in reports of one kind is taken back. */
  forgetSource(kind: SourceKind, source: string, reason: string, author: string): Promise<void>;
  /** Newest first. */
  auditEvents(limit: number): Promise<AuditEntry[]>;
  approve(revision: number, reason: string, author: string): Promise<void>;
}
