import type { Outcome } from "./ingest.ts";

/** One call that ended. */
export interface CallMeasurement {
  /** `package.Service` and the method; only those that the service has. */
  service: string;
  method: string;
  /** Canonical name of the gRPC status. */
  code: string;
  seconds: number;
}

export interface CallTelemetry {
  callEnded(call: CallMeasurement): void;
}

export type ReportKind = "demand" | "inventory";

/** What became of a report; those that were not taken by why. */
export type ReportOutcome = Outcome | "full" | "not_durable" | "not_leader" | "failed";

export interface ReportTelemetry {
  reportEnded(kind: ReportKind, outcome: ReportOutcome): void;
}

/** How long the parts of a cycle took, seconds; those that it did not reach are absent. */
export interface CycleMeasurement {
  outcome: "planned" | "held" | "failed";
  seconds: { read?: number; plan?: number; write?: number; total: number };
}

export interface CycleTelemetry {
  cycleEnded(cycle: CycleMeasurement): void;
}

/** Takes down what happens, for those who watch the service. Never throws. */
export interface Telemetry extends CallTelemetry, ReportTelemetry, CycleTelemetry {}
