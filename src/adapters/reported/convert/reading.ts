import type { ClusterReading } from "../../../ports/cluster.ts";
import type { InventoryValue, ReplicaCounts, ReportEntry } from "../../../ports/ingest.ts";
import type { Snapshot } from "../../../snapshot/types.ts";
import type { Policy, WorldOverride } from "../../../snapshot/world/types.ts";
import { classesOf, exclusionsOf, policyOf, targetOf, variantsOf } from "./fleet.ts";
import { heldNodes } from "./nodes.ts";
import { podsOf, replicaCounts } from "./replicas.ts";

/** What the file says that does not change while the service runs. */
export interface ReportedFleet {
  snapshot: Snapshot;
  policy: Policy;
  classes: ClusterReading["classes"];
  variants: ClusterReading["variants"];
  exclusions: WorldOverride[];
}

export function reportedFleet(snapshot: Snapshot, scope: string, timeLimitMs: number): ReportedFleet {
  return {
    snapshot,
    policy: policyOf(snapshot, scope, timeLimitMs),
    classes: classesOf(snapshot),
    variants: variantsOf(snapshot),
    exclusions: exclusionsOf(snapshot),
  };
}

/** What is known at one moment beside the file. */
export interface Reported {
  takenAtMs: number;
  /** The newest inventory report of each source. */
  reports: readonly ReportEntry[];
  /** Pools that any source ever reported: of those the file is not believed any more. */
  reportedPools: ReadonlySet<string>;
  /** By variant: since when replicas of it are reported unschedulable. */
  refusedSinceMs: ReadonlyMap<string, number>;
  overrides: WorldOverride[];
}

export function readingOf(fleet: ReportedFleet, reported: Reported): ClusterReading {
  const { snapshot, policy, classes, variants, exclusions } = fleet;
  const { takenAtMs, reports, reportedPools, refusedSinceMs, overrides } = reported;
  const nodes = heldNodes(snapshot, reports, reportedPools);
  const replicas = snapshot.workloads.flatMap((workload) =>
    workload.variants.map((variant) => ({ variant, counts: replicaCounts(variant, reports, nodes) })),
  );
  const reason = staleness(reports, takenAtMs, policy.demandStaleAfterMs);
  return {
    policy,
    inventory: {
      known: reason === undefined,
      ...(reason === undefined ? {} : { reason }),
      nodes: nodes.map(({ node }) => node),
    },
    pods: replicas.flatMap(({ variant, counts }) => {
      const sinceMs = refusedSinceMs.get(variant.name) ?? takenAtMs;
      return podsOf(variant, counts, nodes, { takenAtMs, refusedSinceMs: sinceMs });
    }),
    targets: replicas.map(({ variant, counts }) => targetOf(variant, total(counts))),
    variants,
    classes,
    overrides: [...exclusions, ...overrides],
    actedRevision: 0,
    unread: reason === undefined ? [] : [{ part: "inventory", reason }],
  };
}

function total({ ready, starting, unschedulable, failing }: ReplicaCounts): number {
  return ready + starting + unschedulable + failing;
}

/** Who has not reported in time, by when reports arrived. A source that said that it has nothing need not say so again. */
function staleness(reports: readonly ReportEntry[], takenAtMs: number, staleAfterMs: number): string | undefined {
  const stale = reports.filter(({ receivedAtMs, value }) => {
    const { nodes, replicas } = value as InventoryValue;
    return nodes.length + replicas.length > 0 && takenAtMs - receivedAtMs > staleAfterMs;
  });
  if (stale.length === 0) return undefined;
  const sources = stale.map(({ source }) => source).join(", ");
  return `no inventory report in ${Math.round(staleAfterMs / 1000)} s from ${sources}`;
}

/** Since when replicas of each variant are reported unschedulable: as before where they were already, else from now on. */
export function refusedSince(
  before: ReadonlyMap<string, number>,
  reports: readonly ReportEntry[],
  nowMs: number,
): Map<string, number> {
  const refused = reports.flatMap(({ value }) =>
    (value as InventoryValue).replicas.filter(({ unschedulable }) => unschedulable > 0),
  );
  return new Map(refused.map(({ variant }) => [variant, before.get(variant) ?? nowMs]));
}
