import type { Memory } from "../snapshot/world/memory.ts";
import type { WorldOverride } from "../snapshot/world/types.ts";

/** What cycles hand on, durable. One writer: the leader of the scope. */
export interface MemoryStore {
  /** Undefined before the first save. */
  load(): Promise<Memory | undefined>;
  /**
   * Replaces what is stored if it still has revision `after`.
   * Rejects with `StoreConflictError` where somebody else wrote: who gets it no longer leads and must not act.
   */
  save(memory: Memory, after: number): Promise<void>;
}

/** Overrides that people set. */
export interface OverrideStore {
  list(): Promise<WorldOverride[]>;
  /** Durable when it resolves; the same id replaces. */
  put(override: WorldOverride): Promise<void>;
  /** False where there is none of that id. */
  remove(id: string): Promise<boolean>;
}

/** A set of names that only grows. */
export interface NameStore {
  list(): Promise<string[]>;
  /** All of them durable when it resolves. */
  add(names: readonly string[]): Promise<void>;
}

/** One thing that a source said last, about one subject. */
export interface StoredReport {
  kind: "demand" | "inventory";
  source: string;
  /** Workload of a demand; empty for an inventory, which is replaced whole. */
  subject: string;
  sequence: bigint;
  reportedAtMs: number;
  receivedAtMs: number;
  /** Plain data. */
  value: unknown;
}

/** The newest report of each kind, source and subject. */
export interface ReportStore {
  load(): Promise<StoredReport[]>;
  /** All of them durable when it resolves, none where it rejects. */
  write(reports: readonly StoredReport[]): Promise<void>;
  /** Removes all that a source said of a kind. */
  forget(kind: StoredReport["kind"], source: string): Promise<void>;
}
