import type { ReasonCode } from "../domain/reason-codes.ts";
import type { World } from "../snapshot/world/types.ts";
import { GAUGES, type GaugeName } from "./metric-definitions.ts";
import type { FleetView, Gauges, MetricFamily, MetricSample } from "./metric-types.ts";
import { variantMetrics } from "./variant-metrics.ts";

export interface SourceView {
  kind: "demand" | "inventory";
  source: string;
  receivedAtMs: number;
}

/** The service at one moment. */
export interface ServiceView {
  version: string;
  nowMs: number;
  leader: boolean;
  /** Absent before the first cycle, and where no fleet runs. */
  fleet?: FleetView;
  /** Parts of the cluster that the last cycle could not read. */
  unreadParts: number;
  sources: SourceView[];
  staleAfterMs: number;
}

/** Whoever reports chooses the name of its source: more of them would be a cost that others choose. */
const MAX_SOURCES = 100;

const HOLD_REASONS: readonly ReasonCode[] = [
  "InventoryUnknown",
  "OtherInstallation",
  "ClockJump",
  "ClockSkew",
  "SolverFailed",
  "PlanOutsideBounds",
];
const MODES = ["observe", "recommend", "approve", "act"];
const OVERRIDE_TYPES = ["pin", "floor", "ceiling", "freeze", "exclude", "drain"];

/** All gauges of a service, as a function of what it knows. */
export function serviceMetrics(view: ServiceView): MetricFamily[] {
  const gauges: Gauges = {
    build: [{ labels: { version: view.version }, value: 1 }],
    leader: [plain(view.leader ? 1 : 0)],
    ...sourceMetrics(view),
    ...(view.fleet === undefined ? {} : fleetMetrics(view.fleet, view)),
  };
  return Object.entries(gauges).map(([name, samples]) => ({ definition: GAUGES[name as GaugeName], samples }));
}

function fleetMetrics(fleet: FleetView, { unreadParts, nowMs }: ServiceView): Gauges {
  const { world, revision, decision } = fleet;
  const planAtMs = decision.memory.lastPlan?.atMs;
  return {
    lastCycle: [plain(world.takenAtMs / 1000)],
    readFaults: [plain(unreadParts)],
    revision: [plain(revision)],
    ...(planAtMs === undefined ? {} : { planTime: [plain(planAtMs / 1000)] }),
    held: oneOf("reason", HOLD_REASONS, decision.held?.code),
    mode: oneOf("mode", MODES, world.policy.mode),
    proposed: [plain(decision.act ? 0 : (decision.memory.proposal?.revision ?? 0))],
    overrides: overrideCounts(world, nowMs),
    trustLost: trustMetrics(world),
    ...planMetrics(fleet),
    ...variantMetrics(fleet, nowMs),
  };
}

function planMetrics({ solved, resolved, decision, statuses }: FleetView): Gauges {
  const demand = [...resolved.demands].map(([workload, { nowPerSecond }]) => ofWorkload(workload, nowPerSecond));
  if (solved === undefined) return { demand };
  const { plan, problem } = solved;
  const costs = problem.workloads.flatMap(({ variants }) =>
    variants.map(({ name, costPerHour }) => [name, costPerHour] as const),
  );
  const costOf = (count: (variant: string) => number): number =>
    costs.reduce((sum, [variant, costPerHour]) => sum + costPerHour * count(variant), 0);
  return {
    demand,
    gap: [plain(plan.objective.gap)],
    cost: [
      { labels: { replicas: "desired" }, value: costOf((variant) => decision.counts[variant] ?? 0) },
      { labels: { replicas: "current" }, value: costOf((variant) => statuses.get(variant)?.currentReplicas ?? 0) },
    ],
    attainment: plan.workloads.map(({ name, attainment }) => ofWorkload(name, attainment)),
    classLevel: plan.classes.map(({ priority, level }) => ({ labels: { priority: `${priority}` }, value: level })),
    classBound: plan.classes.map(({ priority, levelBound }) => ({
      labels: { priority: `${priority}` },
      value: levelBound,
    })),
    poolUsed: plan.pools.map(({ name, usedDevices }) => ({ labels: { pool: name }, value: usedDevices })),
    poolFree: plan.pools.map(({ name, freeDevices }) => ({ labels: { pool: name }, value: freeDevices })),
  };
}

function ofWorkload(key: string, value: number): MetricSample {
  const [namespace = "", workload = ""] = key.split("/");
  return { labels: { namespace, workload }, value };
}

function trustMetrics({ memory }: World): MetricSample[] {
  return Object.keys(memory.trust).map((key) => {
    const slash = key.lastIndexOf("/");
    return { labels: { pool: key.slice(0, slash), devices_per_node: key.slice(slash + 1) }, value: 1 };
  });
}

function overrideCounts({ overrides }: World, nowMs: number): MetricSample[] {
  const inForce = overrides.filter(({ expiresAtMs }) => expiresAtMs === undefined || expiresAtMs > nowMs);
  return OVERRIDE_TYPES.map((type) => ({
    labels: { type },
    value: inForce.filter(({ action }) => action.type === type).length,
  }));
}

function sourceMetrics({ sources, nowMs, staleAfterMs }: ServiceView): Gauges {
  const ages = sources.map(({ kind, source, receivedAtMs }) => ({
    kind,
    source,
    ageMs: Math.max(0, nowMs - receivedAtMs),
  }));
  const kinds = ["demand", "inventory"] as const;
  return {
    sources: kinds.flatMap((kind) => {
      const own = ages.filter((entry) => entry.kind === kind);
      const stale = own.filter(({ ageMs }) => ageMs > staleAfterMs).length;
      return [
        { labels: { kind, state: "fresh" }, value: own.length - stale },
        { labels: { kind, state: "stale" }, value: stale },
      ];
    }),
    sourceAge: kinds.flatMap((kind) =>
      ages
        .filter((entry) => entry.kind === kind)
        .sort((a, b) => b.ageMs - a.ageMs || (a.source < b.source ? -1 : 1))
        .slice(0, MAX_SOURCES)
        .map(({ source, ageMs }) => ({ labels: { kind, source }, value: ageMs / 1000 })),
    ),
  };
}

function plain(value: number): MetricSample {
  return { labels: {}, value };
}

/** All values that are known, so that a series never vanishes, and the present one even where it is new. */
function oneOf(label: string, known: readonly string[], present: string | undefined): MetricSample[] {
  const values = present === undefined || known.includes(present) ? known : [...known, present];
  return values.map((value) => ({ labels: { [label]: value }, value: value === present ? 1 : 0 }));
}
