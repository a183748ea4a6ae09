import type { ReplicaStates } from "../../model/replicas/types.ts";
import { demandOf } from "../../model/serving/demand-of.ts";
import type { ServingVariant } from "../../model/serving/types.ts";
import type { Serving } from "../../snapshot/serving.ts";
import type { PodMetric, PodSample, ServingSignals } from "../../snapshot/serving-signals.ts";
import { type ScalarSignal, SIGNALS, type WorkloadSignals } from "../../snapshot/signals.ts";
import type { World, WorldVariant } from "../../snapshot/world/types.ts";
import type { ReportedDemand } from "./reported.ts";
import { usableValue } from "./signalled.ts";
import type { Demand } from "./types.ts";

/** The window that rates of signals are taken over. */
const SIGNAL_WINDOW_MS = 60_000;

/** Demand and capacities of a workload that is served in another way than by tokens. */
export function servedDemand(
  world: World,
  states: ReplicaStates,
  workload: {
    serving: Serving;
    variants: readonly WorldVariant[];
    reported: ReportedDemand;
    signals?: WorkloadSignals;
  },
): Demand {
  const { serving, variants, reported, signals } = workload;
  const context = {
    nowMs: world.takenAtMs,
    variants: variants.map((variant) => servingVariant(world, states, variant)),
  };
  const demand = demandOf(serving, servingSignals(world, variants, reported, signals), context);
  const { staleSources } = reported;
  if (demand.quality === "unknown") {
    return { known: "none", perSecond: 0, nowPerSecond: 0, unit: "replicas", staleSources, basis: demand.reason };
  }
  const { demandPerSecond, unit, capacities, mayShrink, reason } = demand;
  return {
    known: mayShrink ? "all" : "some",
    perSecond: demandPerSecond,
    nowPerSecond: demandPerSecond,
    unit,
    staleSources,
    capacities,
    basis: demand.infeasible === undefined ? reason : `${reason}; ${demand.infeasible}`,
  };
}

function servingVariant({ takenAtMs }: World, states: ReplicaStates, variant: WorldVariant): ServingVariant {
  const state = states.get(variant.key);
  const coming = state?.replicas.flatMap(({ phase, expectedReadyAtMs }) =>
    phase !== "ready" && expectedReadyAtMs !== undefined ? [Math.max(0, expectedReadyAtMs - takenAtMs)] : [],
  );
  return {
    ...variant.work,
    name: variant.key,
    askedReplicas: state?.asked ?? 0,
    readyReplicas: state?.ready ?? 0,
    comingInMs: coming ?? [],
    startMs: state?.startMs ?? variant.startSeconds * 1000,
    ...(variant.capacityPerSecond === undefined ? {} : { capacityPerSecond: variant.capacityPerSecond }),
  };
}

function servingSignals(
  world: World,
  variants: readonly WorldVariant[],
  reported: ReportedDemand,
  all: WorkloadSignals | undefined,
): ServingSignals {
  const told = (name: ScalarSignal) => usableValue(all?.signals[name]);
  const rate = reported.known === "none" ? told("arrivalRate") : reported.perSecond;
  const given = {
    ratePerSecond: rate,
    backlog: told("queueLength"),
    lagMs: lagMs(told("inferenceLag"), told("requestRate")),
    lastActivityAtMs: told("lastActivity"),
    remainingItems: told("queueLength"),
  };
  const values = (Object.keys(SIGNALS) as ScalarSignal[]).flatMap((name) => {
    const value = told(name);
    return value === undefined ? [] : [[name, value] as const];
  });
  return {
    ...(Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined)) as ServingSignals),
    values: new Map<string, number>(values),
    pods: variants.flatMap((variant) => podSamples(world, variant)),
    podMetrics: podMetrics(world, all),
  };
}

/** Requests that came in and are not answered, by how fast they are answered: the time that the newest waits. */
function lagMs(behind: number | undefined, perSecond: number | undefined): number | undefined {
  if (behind === undefined || (behind > 0 && !(perSecond !== undefined && perSecond > 0))) return undefined;
  return behind === 0 ? 0 : (behind / perSecond!) * 1000;
}

function podSamples(world: World, variant: WorldVariant): PodSample[] {
  return world.pods
    .filter(({ target }) => target === variant.target)
    .map((pod) => ({
      name: pod.name,
      variant: variant.key,
      phase: pod.scheduledAtMs === undefined ? "Pending" : pod.failing === undefined ? "Running" : "Failed",
      terminating: pod.terminating,
      ready: pod.ready,
      ...(pod.readyAtMs === undefined ? {} : { readyChangedAtMs: pod.readyAtMs }),
      ...(pod.scheduledAtMs === undefined ? {} : { startedAtMs: pod.scheduledAtMs }),
      // What a replica has of itself is counted in devices: a signal of utilization is a share of them.
      requests: { acceleratorUtilization: 1 },
    }));
}

function podMetrics({ takenAtMs }: World, all: WorkloadSignals | undefined): PodMetric[] {
  const pods = all?.targets.flatMap((target) => target.pods) ?? [];
  return pods.flatMap(({ name: pod, signals }) =>
    (Object.keys(SIGNALS) as ScalarSignal[]).flatMap((metric): PodMetric[] => {
      const value = usableValue(signals[metric]);
      if (value === undefined) return [];
      return [{ metric, pod, value, atMs: signals[metric]?.atMs ?? takenAtMs, windowMs: SIGNAL_WINDOW_MS }];
    }),
  );
}
