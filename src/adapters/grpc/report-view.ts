import type { ReportAck, ReportOutcome, SourceHealth } from "../../gen/apportion/v1/report.ts";
import type { Ack, Outcome, SourceState } from "../../ports/ingest.ts";

const OUTCOMES: Record<Outcome, ReportOutcome> = {
  applied: "REPORT_OUTCOME_APPLIED",
  duplicate: "REPORT_OUTCOME_DUPLICATE",
  superseded: "REPORT_OUTCOME_SUPERSEDED",
};

export function ackMessage(ack: Ack): ReportAck {
  return { ...ack, outcome: OUTCOMES[ack.outcome] };
}

export function sourceMessage(state: SourceState, nowMs: number, staleAfterMs: number): SourceHealth {
  return {
    source: state.source,
    sequence: state.sequence,
    reportedAt: new Date(state.reportedAtMs),
    receivedAt: new Date(state.receivedAtMs),
    stale: isStale(state.receivedAtMs, nowMs, staleAfterMs),
    clockSkewMs: state.reportedAtMs - state.receivedAtMs,
  };
}

/** By the clock of this service alone: the source's may be wrong. */
export function isStale(receivedAtMs: number, nowMs: number, staleAfterMs: number): boolean {
  return nowMs - receivedAtMs > staleAfterMs;
}
