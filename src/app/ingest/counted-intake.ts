import type { Ack, Report, ReportEntry, ReportIntake, SourceState } from "../../ports/ingest.ts";
import type { ReportKind, ReportOutcome, ReportTelemetry } from "../../ports/telemetry.ts";

const OUTCOMES: Record<string, ReportOutcome> = {
  IngestFullError: "full",
  NotDurableError: "not_durable",
  NotLeaderError: "not_leader",
};

/** Takes down what becomes of each report. */
export class CountedIntake implements ReportIntake {
  readonly #intake: ReportIntake;
  readonly #kind: ReportKind;
  readonly #telemetry: ReportTelemetry;

  constructor(intake: ReportIntake, kind: ReportKind, telemetry: ReportTelemetry) {
    this.#intake = intake;
    this.#kind = kind;
    this.#telemetry = telemetry;
  }

  async report(report: Report): Promise<Ack> {
    try {
      const ack = await this.#intake.report(report);
      this.#telemetry.reportEnded(this.#kind, ack.outcome);
      return ack;
    } catch (error) {
      this.#telemetry.reportEnded(this.#kind, OUTCOMES[error instanceof Error ? error.name : ""] ?? "failed");
      throw error;
    }
  }

  sources(): SourceState[] {
    return this.#intake.sources();
  }

  entries(): ReportEntry[] {
    return this.#intake.entries();
  }
}
