import type { DemandValue, ReportEntry } from "../../ports/ingest.ts";
import type { WorldDemand } from "../../snapshot/world/types.ts";

/** Reports as demands of the world, aged by the clock of this service alone: a source's may be wrong. */
export function worldDemands(entries: readonly ReportEntry[]): WorldDemand[] {
  return entries.map(({ source, subject, receivedAtMs, value }) => {
    const { ratePerSecond, tokenMix } = value as DemandValue;
    return {
      workload: subject,
      source,
      ratePerSecond,
      ...(tokenMix === undefined ? {} : { tokenMix }),
      reportedAtMs: receivedAtMs,
    };
  });
}
