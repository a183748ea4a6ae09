import type { Log } from "../../ports/log.ts";
import type { AuditEntry, Memory } from "../../snapshot/world/memory.ts";
import type { MemoryKeeper } from "./memory-keeper.ts";

/** What the memory keeps of the trail: older entries are in the log alone. */
const MAX_ENTRIES = 500;

/** Absent `revision`: that of the memory. */
type NewEntry = Omit<AuditEntry, "revision"> & { revision?: number };

/** The trail of what somebody did: the newest entries are durable with the memory, every one is a line of the log. */
export class AuditTrail {
  readonly #keeper: MemoryKeeper;
  readonly #log: Log;

  constructor(keeper: MemoryKeeper, log: Log) {
    this.#keeper = keeper;
    this.#log = log;
  }

  /**
   * One more entry, once it is durable; `change` is made to the memory in the same write.
   *
   * @param entry or what makes it of the memory before
   *
   * @throws StoreConflictError and what `change` throws; nothing is written then
   */
  async add(
    entry: NewEntry | ((memory: Memory) => NewEntry),
    change: (memory: Memory) => Memory = (memory) => memory,
  ): Promise<void> {
    let written: AuditEntry | undefined;
    await this.#keeper.update((memory) => {
      const next = change(memory);
      const made = typeof entry === "function" ? entry(memory) : entry;
      written = { ...made, revision: made.revision ?? memory.revision };
      return { ...next, audit: [...(next.audit ?? []), written].slice(-MAX_ENTRIES) };
    });
    this.#log.info({ ...written }, "audit");
  }

  /** Newest first, of those that are kept. */
  newest(limit: number): AuditEntry[] {
    return [...(this.#keeper.memory.audit ?? [])].reverse().slice(0, limit);
  }
}
