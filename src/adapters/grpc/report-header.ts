import { shown, type Violation } from "../../domain/violation.ts";
import type { ReportHeader } from "../../gen/apportion/v1/report.ts";

const MAX_SOURCE_CHARACTERS = 253;

/** Reports that claim to be from further ahead than this have a wrong clock or a wrong unit. */
const MAX_AHEAD_MS = 24 * 60 * 60 * 1000;

export interface ReadHeader {
  source: string;
  sequence: bigint;
  reportedAtMs?: number;
}

/** What is wrong with a header goes to `violations`. */
export function readHeader(
  header: ReportHeader | undefined,
  nowMs: number,
  violations: Violation[],
): ReadHeader | undefined {
  if (header === undefined) {
    violations.push({ path: "report.header", value: "not set", rule: "is required", fix: "give source and sequence" });
    return undefined;
  }
  const { source, sequence, reportedAt } = header;
  if (source.length === 0 || source.length > MAX_SOURCE_CHARACTERS || /\p{Cc}/u.test(source)) {
    violations.push({
      path: "report.header.source",
      value: shown(source),
      rule: `1 to ${MAX_SOURCE_CHARACTERS} characters, none of them a control character`,
      fix: "give the name of the controller, the same after every restart",
    });
  }
  if (sequence === 0n) {
    violations.push({
      path: "report.header.sequence",
      value: "0",
      rule: "above 0, growing with every report of the source",
      fix: "count reports, or take the time in microseconds",
    });
  }
  const reportedAtMs = reportedAt?.getTime();
  if (reportedAtMs !== undefined && !(reportedAtMs >= 0 && reportedAtMs <= nowMs + MAX_AHEAD_MS)) {
    violations.push({
      path: "report.header.reportedAt",
      value: Number.isNaN(reportedAtMs) ? "not a time" : new Date(reportedAtMs).toISOString(),
      rule: "not more than a day ahead of this service",
      fix: "set the clock of the source, or leave it out",
    });
  }
  return { source, sequence, ...(reportedAtMs !== undefined && { reportedAtMs }) };
}
