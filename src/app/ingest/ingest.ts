import type { Clock } from "../../ports/clock.ts";
import type { Ack, Report, ReportIntake, SourceState } from "../../ports/ingest.ts";
import type { ReportStore, StoredReport } from "../../ports/store.ts";
import { ReportBook } from "./report-book.ts";

/** More than this waits to become durable, or more sources than this report: the caller is to come back later. */
class IngestFullError extends Error {
  constructor(message: string) {
    super(message);
    this.name = "IngestFullError";
  }
}

/** Reports could not be made durable; the caller sends them again. */
class NotDurableError extends Error {
  constructor(cause: unknown) {
    super(`the report is not durable: ${cause instanceof Error ? cause.message : String(cause)}; send it again`);
    this.name = "NotDurableError";
  }
}

export interface IngestLimits {
  sources: number;
  /** Entries that wait to become durable. */
  waiting: number;
}

/**
 * Takes reports of one kind in: each is acknowledged once it is durable. Reports that come while others are being written
 * are written together after them, so that one flush of the disk serves many.
 */
export class Ingest implements ReportIntake {
  readonly #book = new ReportBook();
  #waiting: StoredReport[] = [];
  /** The write that runs, and the one after it that takes all that waits. */
  #running: Promise<void> | undefined;
  #next: Promise<void> | undefined;
  readonly #kind: StoredReport["kind"];
  readonly #store: ReportStore;
  readonly #clock: Clock;
  readonly #limits: IngestLimits;
  readonly #onChange: () => void;

  constructor(parts: {
    kind: StoredReport["kind"];
    store: ReportStore;
    clock: Clock;
    limits: IngestLimits;
    onChange: () => void;
  }) {
    this.#kind = parts.kind;
    this.#store = parts.store;
    this.#clock = parts.clock;
    this.#limits = parts.limits;
    this.#onChange = parts.onChange;
  }

  /** What was durable when the process ended before, or is known of reports to another: nothing newer gives way to it. */
  restore(reports: readonly StoredReport[]): void {
    for (const report of reports) if (report.kind === this.#kind) this.#book.take([report]);
  }

  /** @throws IngestFullError, NotDurableError */
  async report(report: Report): Promise<Ack> {
    const { source, sequence } = report;
    if (!this.#book.has(source) && this.#book.size >= this.#limits.sources) {
      throw new IngestFullError(`${this.#limits.sources} sources report already; the service takes no more`);
    }
    if (this.#waiting.length + report.entries.length > this.#limits.waiting) {
      throw new IngestFullError(`${this.#waiting.length} reports wait to become durable; send it again later`);
    }
    const receivedAtMs = this.#clock.nowMs();
    const reportedAtMs = report.reportedAtMs ?? receivedAtMs;
    const entries = report.entries.map(
      ({ subject, value }): StoredReport => ({
        kind: this.#kind,
        source,
        subject,
        sequence,
        reportedAtMs,
        receivedAtMs,
        value,
      }),
    );
    const { outcome, changed } = this.#book.take(entries);
    // Now: later reports of the source may be taken in while this one waits.
    const lastSequence = this.#book.sourceState(source)?.sequence ?? sequence;
    this.#waiting.push(...changed);
    // A duplicate may be of a report that is not durable yet, so that it waits like any other.
    await this.#flushed();
    if (changed.length > 0) this.#onChange();
    return { source, sequence, outcome, lastSequence };
  }

  /**
   * Takes back all that a source said; false where it said nothing.
   *
   * @throws NotDurableError
   */
  async forget(source: string): Promise<boolean> {
    // What it said a moment ago must not be written after it is forgotten.
    while (this.#waiting.length > 0 || this.#running !== undefined) await this.#flushed();
    if (!this.#book.has(source)) return false;
    await this.#store.forget(this.#kind, source).catch((error: unknown) => {
      throw new NotDurableError(error);
    });
    this.#book.forget(source);
    this.#onChange();
    return true;
  }

  sourceState(source: string): SourceState | undefined {
    return this.#book.sourceState(source);
  }

  sources(): SourceState[] {
    return this.#book.sources();
  }

  entries(): StoredReport[] {
    return this.#book.entries();
  }

  /** Resolves when all that waits now is durable. */
  async #flushed(): Promise<void> {
    if (this.#waiting.length === 0) {
      await this.#running;
      return;
    }
    this.#next ??= this.#writeNext();
    await this.#next;
  }

  async #writeNext(): Promise<void> {
    // Also where it failed: what it could not write waits again.
    await (this.#running ?? Promise.resolve()).catch(() => undefined);
    this.#next = undefined;
    const batch = this.#waiting;
    this.#waiting = [];
    this.#running = this.#store.write(batch).catch((error: unknown) => {
      this.#waiting = [...batch, ...this.#waiting];
      throw new NotDurableError(error);
    });
    try {
      await this.#running;
    } finally {
      if (this.#next === undefined) this.#running = undefined;
    }
  }
}
