import type { DemandValue } from "../../ports/ingest.ts";
import type { SourceKind } from "../../ports/live.ts";
import type { Memory, RememberedReport } from "../../snapshot/world/memory.ts";
import type { WorldDemand } from "../../snapshot/world/types.ts";
import type { Reports } from "../live/fleet-parts.ts";
import { worldDemands } from "./demands.ts";
import type { Ingest } from "./ingest.ts";

/** What sources told this process, and what they told whoever led before: that comes with the memory. */
export class FleetReports implements Reports {
  readonly #intakes: Record<SourceKind, Ingest>;

  constructor(intakes: Record<SourceKind, Ingest>) {
    this.#intakes = intakes;
  }

  demands(): WorldDemand[] {
    return worldDemands(this.#intakes.demand.entries());
  }

  remembered(workloads: ReadonlySet<string>): RememberedReport[] {
    return this.#intakes.demand
      .entries()
      .filter(({ subject }) => workloads.has(subject))
      .map(({ source, subject, sequence, reportedAtMs, receivedAtMs, value }) => ({
        source,
        workload: subject,
        sequence: String(sequence),
        reportedAtMs,
        receivedAtMs,
        ...(value as DemandValue),
      }));
  }

  async adopt({ reports = [], forgotten = [] }: Memory): Promise<void> {
    for (const { kind, source, atMs } of forgotten) {
      const known = this.#intakes[kind].sourceState(source);
      if (known !== undefined && known.receivedAtMs <= atMs) await this.#intakes[kind].forget(source);
    }
    const gone = new Map(forgotten.filter(({ kind }) => kind === "demand").map(({ source, atMs }) => [source, atMs]));
    const present = reports.filter(({ source, receivedAtMs }) => receivedAtMs > (gone.get(source) ?? 0));
    this.#intakes.demand.restore(
      present.map(({ workload, sequence, ratePerSecond, tokenMix, ...rest }) => ({
        ...rest,
        kind: "demand",
        subject: workload,
        sequence: BigInt(sequence),
        value: { ratePerSecond, ...(tokenMix === undefined ? {} : { tokenMix }) },
      })),
    );
  }

  forget(kind: SourceKind, source: string): Promise<boolean> {
    return this.#intakes[kind].forget(source);
  }
}
