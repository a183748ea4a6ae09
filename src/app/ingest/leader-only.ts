import type { Ack, Report, ReportEntry, ReportIntake, SourceState } from "../../ports/ingest.ts";

/** Takes reports only while this process leads: only then are they used. */
export class LeaderOnlyIntake implements ReportIntake {
  readonly #intake: ReportIntake;
  readonly #refusal: () => Error | undefined;

  /** @param refusal what a report is refused with; undefined: it is taken */
  constructor(intake: ReportIntake, refusal: () => Error | undefined) {
    this.#intake = intake;
    this.#refusal = refusal;
  }

  async report(report: Report): Promise<Ack> {
    const refusal = this.#refusal();
    if (refusal !== undefined) throw refusal;
    return this.#intake.report(report);
  }

  sources(): SourceState[] {
    return this.#intake.sources();
  }

  entries(): ReportEntry[] {
    return this.#intake.entries();
  }
}
