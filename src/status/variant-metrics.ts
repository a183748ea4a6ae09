import type { WorldVariant } from "../snapshot/world/types.ts";
import type { FleetView, Gauges, MetricSample } from "./metric-types.ts";
import type { VariantStatus } from "./types.ts";

interface Measured {
  variant: WorldVariant;
  status: VariantStatus;
  desired: number;
  labels: Record<string, string>;
}

/** Gauges of single variants, and those that WVA has of them. */
export function variantMetrics(fleet: FleetView, nowMs: number): Gauges {
  const all = fleet.world.variants.flatMap((variant): Measured[] => {
    const status = fleet.statuses.get(variant.key);
    if (status === undefined) return [];
    const workload = variant.workload.slice(variant.workload.indexOf("/") + 1);
    const labels = { namespace: variant.namespace, variant: variant.name, workload, pool: status.pool ?? "" };
    return [{ variant, status, desired: status.desiredReplicas ?? status.currentReplicas, labels }];
  });
  const each = (value: (measured: Measured) => number): MetricSample[] =>
    all.map((measured) => ({ labels: measured.labels, value: value(measured) }));
  return {
    desired: each(({ desired }) => desired),
    current: each(({ status }) => status.currentReplicas),
    ready: each(({ status }) => status.readyReplicas),
    starting: each(({ status }) => status.startingReplicas),
    pending: each(({ status }) => status.pendingReplicas),
    failing: each(({ status }) => status.failingReplicas),
    capacity: each(({ status }) => status.capacityPerSecond ?? 0),
    quarantined: each(({ variant }) => (isQuarantined(fleet, variant, nowMs) ? 1 : 0)),
    condition: all.flatMap(({ labels, status }) =>
      status.conditions.map(({ type, status: value }) => ({
        labels: { ...labels, condition: type },
        value: value === "True" ? 1 : 0,
      })),
    ),
    ...wvaAliases(fleet, all),
  };
}

function isQuarantined({ world }: FleetView, { key }: WorldVariant, nowMs: number): boolean {
  return (world.memory.variants[key]?.quarantine?.untilMs ?? 0) > nowMs;
}

/**
 * The three gauges that HPAs and ScaledObjects of the Workload Variant Autoscaler select: by `variant_name` and
 * `accelerator_type` in its earlier releases, by `target_name` and `target_kind` in later ones.
 */
function wvaAliases({ world }: FleetView, all: readonly Measured[]): Gauges {
  const pools = new Map(world.policy.pools.map((pool) => [pool.name, pool]));
  const aliases = all.map(({ variant, status, desired }) => {
    const [, kind = "", target = ""] = variant.target.split("/");
    const pool = status.pool ?? "";
    const labels = {
      variant_name: variant.name,
      namespace: variant.namespace,
      accelerator_type: pools.get(pool)?.accelerator ?? pool,
      target_name: target,
      target_kind: kind,
    };
    return { labels, desired, current: status.currentReplicas };
  });
  const each = (value: (alias: { desired: number; current: number }) => number): MetricSample[] =>
    aliases.map((alias) => ({ labels: alias.labels, value: value(alias) }));
  return {
    wvaDesired: each(({ desired }) => desired),
    wvaCurrent: each(({ current }) => current),
    wvaRatio: each(({ desired, current }) => (current === 0 ? desired : desired / current)),
  };
}
