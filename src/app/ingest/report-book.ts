import type { Outcome, SourceState } from "../../ports/ingest.ts";
import type { StoredReport } from "../../ports/store.ts";

/** Of each source and subject what was said last, by sequence: reports may come twice and in any order. */
export class ReportBook {
  readonly #sources = new Map<string, { state: SourceState; subjects: Map<string, StoredReport> }>();

  get size(): number {
    return this.#sources.size;
  }

  has(source: string): boolean {
    return this.#sources.has(source);
  }

  /**
   * Takes in the entries of one report (one source, one sequence); `changed` are those that say something new.
   * Entries of subjects of which the source has said something newer are left out, the others count.
   */
  take(entries: readonly StoredReport[]): { outcome: Outcome; changed: StoredReport[] } {
    const changed: StoredReport[] = [];
    let same = false;
    for (const entry of entries) {
      const known = this.#sources.get(entry.source)?.subjects.get(entry.subject);
      if (known === undefined || known.sequence < entry.sequence) changed.push(entry);
      else same ||= known.sequence === entry.sequence;
    }
    for (const entry of changed) this.#set(entry);
    if (changed.length > 0) return { outcome: "applied", changed };
    return { outcome: same ? "duplicate" : "superseded", changed };
  }

  forget(source: string): void {
    this.#sources.delete(source);
  }

  sourceState(source: string): SourceState | undefined {
    return this.#sources.get(source)?.state;
  }

  /** By name of the source. */
  sources(): SourceState[] {
    const states = [...this.#sources.values()].map((entry) => entry.state);
    return states.sort((a, b) => (a.source < b.source ? -1 : 1));
  }

  /** By source, then subject. */
  entries(): StoredReport[] {
    return this.sources().flatMap(({ source }) => {
      const subjects = [...(this.#sources.get(source)?.subjects.values() ?? [])];
      return subjects.sort((a, b) => (a.subject < b.subject ? -1 : 1));
    });
  }

  #set(entry: StoredReport): void {
    const { source, sequence, reportedAtMs, receivedAtMs } = entry;
    let known = this.#sources.get(source);
    if (known === undefined) {
      known = { state: { source, sequence, reportedAtMs, receivedAtMs }, subjects: new Map() };
      this.#sources.set(source, known);
    }
    known.subjects.set(entry.subject, entry);
    if (sequence >= known.state.sequence) known.state = { source, sequence, reportedAtMs, receivedAtMs };
  }
}
