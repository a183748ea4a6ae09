import type { TokenMix } from "../snapshot/profile.ts";
import type { SnapshotTaint } from "../snapshot/types.ts";

/** What became of a report: see `ReportOutcome` in report.proto. */
export type Outcome = "applied" | "duplicate" | "superseded";

/** A report that was read: plain data whose fields are known to be good. */
export interface Report {
  source: string;
  sequence: bigint;
  /** Epoch ms; absent: when it arrives. */
  reportedAtMs?: number;
  entries: { subject: string; value: unknown }[];
}

export interface Ack {
  source: string;
  sequence: bigint;
  outcome: Outcome;
  /** The highest of the source that was applied. */
  lastSequence: bigint;
}

/** Where a source stands. */
export interface SourceState {
  source: string;
  /** The highest that was applied. */
  sequence: bigint;
  reportedAtMs: number;
  receivedAtMs: number;
}

export interface ReportEntry {
  source: string;
  subject: string;
  sequence: bigint;
  reportedAtMs: number;
  receivedAtMs: number;
  value: unknown;
}

/** Takes in what controllers report. */
export interface ReportIntake {
  /**
   * Resolves when the report is durable. Rejects with `IngestFullError` (come back later), `NotDurableError` (send again),
   * `NotLeaderError` (ask the replica that leads).
   */
  report(report: Report): Promise<Ack>;
  /** By source. */
  sources(): SourceState[];
  /** By source, then subject. */
  entries(): ReportEntry[];
}

/** What a demand report says of a workload: the `value` of its entry. */
export interface DemandValue {
  ratePerSecond: number;
  tokenMix?: TokenMix;
}

/** What an inventory report says: all that its source has; the `value` of its one entry. */
export interface InventoryValue {
  nodes: ReportedNode[];
  replicas: (ReplicaCounts & { variant: string })[];
}

export interface ReportedNode {
  name: string;
  pool: string;
  /** Allocatable devices minus what is held by others than variants of this service. */
  freeDevices: number;
  notReady: boolean;
  cordoned: boolean;
  taints: SnapshotTaint[];
  holds: { variant: string; replicas: number }[];
}

export interface ReplicaCounts {
  ready: number;
  starting: number;
  unschedulable: number;
  failing: number;
}
