import type { World } from "../snapshot/world/types.ts";
import type { PolicyStatus, VariantStatus } from "../status/types.ts";

/** What a cluster contributes to a world. */
export interface ClusterReading
  extends Pick<
    World,
    "clusterTimeMs" | "policy" | "inventory" | "pods" | "targets" | "variants" | "classes" | "overrides"
  > {
  /** Highest plan revision that ever acted on a variant of the scope; a plan of a lower one is refused by the cluster. */
  actedRevision: number;
  /** Who wrote the status of the policy last (its `leader`), and of which plan. */
  policyWriter?: { leader: string; revision: number };
  /** What could not be read, and why. Any entry makes the inventory unknown, and the part keeps its last good content. */
  unread: { part: string; reason: string }[];
}

/** Reads all of it anew. Never rejects: what cannot be read is said in the reading. */
export interface Cluster {
  read(takenAtMs: number): Promise<ClusterReading>;
}

/** Calls `wake` soon after something changed that a plan depends on; changes that come together are one call. */
export interface ChangeFeed {
  start(wake: (what: string) => void): void;
  stop(): Promise<void>;
}

export interface OverrideStatus {
  applied: boolean;
  effect: string;
  revision: number;
}

/** Everything that one cycle has to say. Keys: `namespace/name` of variants, ids of overrides. */
export interface StatusReport {
  atMs: number;
  variants: ReadonlyMap<string, VariantStatus>;
  overrides: ReadonlyMap<string, OverrideStatus>;
  policy?: PolicyStatus;
}

export interface StatusOutcome {
  written: number;
  unchanged: number;
  failed: { name: string; reason: string }[];
}

/** Writes what changed since it was last written. Never rejects. */
export interface StatusWriter {
  write(report: StatusReport): Promise<StatusOutcome>;
}

/** Something that a person looking at a variant should find in its events. */
export interface ClusterEvent {
  /** Key and uid of a `VariantAutoscaling`. */
  variant: string;
  uid: string;
  type: "Normal" | "Warning";
  reason: string;
  message: string;
}

/** Best effort, equal events within some minutes are counted rather than repeated. */
export interface EventSink {
  publish(events: readonly ClusterEvent[]): Promise<void>;
}
