import type { AuditEntry, Memory } from "../../snapshot/world/memory.ts";

/** Older entries go: what happened to them is in the log. */
const MAX_ENTRIES = 500;

/** The memory with one more thing that somebody did. */
export function withAudit(memory: Memory, entry: AuditEntry): Memory {
  return { ...memory, audit: [...(memory.audit ?? []), entry].slice(-MAX_ENTRIES) };
}
