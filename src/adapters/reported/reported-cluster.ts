import type { Cluster, ClusterReading } from "../../ports/cluster.ts";
import type { ReportEntry } from "../../ports/ingest.ts";
import type { NameStore, OverrideStore } from "../../ports/store.ts";
import type { WorldOverride } from "../../snapshot/world/types.ts";
import { namedPools } from "./convert/nodes.ts";
import { type ReportedFleet, readingOf, refusedSince } from "./convert/reading.ts";

export interface ReportedParts {
  fleet: ReportedFleet;
  /** The newest inventory report of each source. */
  reports: () => ReportEntry[];
  overrides: OverrideStore;
  /** Pools that any source ever reported. */
  pools: NameStore;
}

/** A fleet outside of a cluster: a file says what there is to serve, and sources report what it runs on. */
export class ReportedCluster implements Cluster {
  readonly #parts: ReportedParts;
  #overrides: WorldOverride[] = [];
  #pools: ReadonlySet<string> = new Set();
  #refusedSinceMs: ReadonlyMap<string, number> = new Map();

  constructor(parts: ReportedParts) {
    this.#parts = parts;
  }

  async read(takenAtMs: number): Promise<ClusterReading> {
    const reports = this.#parts.reports();
    this.#refusedSinceMs = refusedSince(this.#refusedSinceMs, reports, takenAtMs);
    this.#pools = new Set([...this.#pools, ...namedPools(reports)]);
    const failure = await this.#readStore().catch((error: unknown) => error);
    const reading = readingOf(this.#parts.fleet, {
      takenAtMs,
      reports,
      reportedPools: this.#pools,
      refusedSinceMs: this.#refusedSinceMs,
      overrides: this.#overrides,
    });
    return failure === undefined ? reading : unreadable(reading, failure);
  }

  async #readStore(): Promise<void> {
    const { overrides, pools } = this.#parts;
    const known = new Set(await pools.list());
    const added = [...this.#pools].filter((pool) => !known.has(pool));
    if (added.length > 0) await pools.add(added);
    this.#pools = new Set([...this.#pools, ...known]);
    this.#overrides = await overrides.list();
  }
}

function unreadable(reading: ClusterReading, failure: unknown): ClusterReading {
  const reason = failure instanceof Error ? failure.message : String(failure);
  return {
    ...reading,
    inventory: { ...reading.inventory, known: false, reason: `the state cannot be read: ${reason}` },
    unread: [...reading.unread, { part: "state", reason }],
  };
}
