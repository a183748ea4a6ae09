import type { ReportIntake } from "../../ports/ingest.ts";
import type { SimulatedCluster } from "../../simulation/cluster/cluster.ts";
import { gatewayDemands } from "../../simulation/cluster/world-parts.ts";

const GATEWAY_SOURCE = "simulated-gateway";
/** Simulated time between two reports. */
const REPORT_EVERY_MS = 10_000;

/** Reports the demand that a simulated cluster's gateways see, as a gateway of a real one does. */
export class SimulatedGateway {
  readonly #cluster: SimulatedCluster;
  readonly #epochMs: number;
  readonly #intake: ReportIntake;
  readonly #failed: (reason: string) => void;
  #nextMs = 0;
  #reporting = false;

  constructor(cluster: SimulatedCluster, epochMs: number, intake: ReportIntake, failed: (reason: string) => void) {
    this.#cluster = cluster;
    this.#epochMs = epochMs;
    this.#intake = intake;
    this.#failed = failed;
  }

  /** Reports where it is time to. A report is under way at a time: what a slow one holds up is in the next. */
  step(): void {
    if (this.#reporting || this.#cluster.nowMs < this.#nextMs) return;
    this.#nextMs = this.#cluster.nowMs + REPORT_EVERY_MS;
    this.#reporting = true;
    void this.#report().finally(() => {
      this.#reporting = false;
    });
  }

  async #report(): Promise<void> {
    const reportedAtMs = Math.round(this.#epochMs + this.#cluster.nowMs);
    const entries = gatewayDemands(this.#cluster, this.#epochMs, GATEWAY_SOURCE).map(
      ({ workload, ratePerSecond, tokenMix }) => ({
        subject: workload,
        value: { ratePerSecond, ...(tokenMix === undefined ? {} : { tokenMix }) },
      }),
    );
    try {
      await this.#intake.report({ source: GATEWAY_SOURCE, sequence: BigInt(reportedAtMs), reportedAtMs, entries });
    } catch (error) {
      this.#failed(error instanceof Error ? error.message : String(error));
    }
  }
}
