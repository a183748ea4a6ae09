import { demandOf } from "../../../src/model/serving/demand-of.ts";
import type { KnownDemand, ServingContext, ServingDemand, ServingVariant } from "../../../src/model/serving/types.ts";
import type { UtilizationServing } from "../../../src/snapshot/serving.ts";
import type { PodMetric, PodSample, ServingSignals } from "../../../src/snapshot/serving-signals.ts";

export const NOW = 1_760_000_000_000;

export function variant(changes: Partial<ServingVariant> = {}): ServingVariant {
  return { name: "v", askedReplicas: 0, readyReplicas: 0, comingInMs: [], startMs: 0, ...changes };
}

export function context(...variants: ServingVariant[]): ServingContext {
  return { nowMs: NOW, variants };
}

export function known(demand: ServingDemand): KnownDemand {
  if (demand.quality === "unknown") throw new Error(`unknown: ${demand.reason}`);
  return demand;
}

export function utilization(changes: Partial<UtilizationServing> = {}): UtilizationServing {
  return {
    kind: "utilization",
    metrics: [],
    scaleUpTolerance: 0.1,
    scaleDownTolerance: 0.1,
    // As in the published tables.
    cpuInitializationMs: 120_000,
    initialReadinessDelayMs: 10_000,
    ...changes,
  };
}

/** One row of a published table of replica counts. Values of pods are in order; one that is not there is missing. */
export interface PublishedCase {
  name: string;
  current: number;
  expected: number;
  /** Thousandths of a core: of each pod (`cpu`, with requests), or of the metric. */
  cpu?: { levels: number[]; requests: number[]; target: number };
  pods?: { levels: number[]; target: number };
  value?: { level: number; target: number };
  averageValue?: { level: number; target: number };
  ready?: boolean[];
  /** Started less than the initialization period ago. */
  hot?: boolean[];
  phase?: PodSample["phase"][];
  terminating?: boolean[];
  up?: number;
  down?: number;
}

/** The count for one row, by the interface that a plan uses. */
export function publishedDemand(row: PublishedCase): ServingDemand {
  const pods = podsOf(row);
  const ready = pods.filter((pod) => pod.phase === "Running" && pod.ready && !pod.terminating).length;
  const replicas = { askedReplicas: row.current, readyReplicas: ready };
  return demandOf(servingOf(row), { ...signalsOf(row), pods }, context(variant(replicas)));
}

function servingOf({ cpu, pods, value, averageValue, up = 0.1, down = 0.1 }: PublishedCase): UtilizationServing {
  const tolerances = { scaleUpTolerance: up, scaleDownTolerance: down };
  if (cpu !== undefined) {
    const target = { type: "Utilization", averageUtilization: cpu.target } as const;
    return utilization({ ...tolerances, metrics: [{ type: "Resource", name: "cpu", target }] });
  }
  if (pods !== undefined) {
    const target = { type: "AverageValue", averageValue: pods.target / 1000 } as const;
    return utilization({ ...tolerances, metrics: [{ type: "Pods", name: "qps", target }] });
  }
  const target =
    value === undefined
      ? ({ type: "AverageValue", averageValue: averageValue!.target / 1000 } as const)
      : ({ type: "Value", value: value.target / 1000 } as const);
  return utilization({ ...tolerances, metrics: [{ type: "External", name: "qps", target }] });
}

function podsOf({ current, cpu, ready, hot, phase, terminating }: PublishedCase): PodSample[] {
  const count = Math.max(current, phase?.length ?? 0, terminating?.length ?? 0);
  return Array.from({ length: count }, (_, i) => ({
    name: `pod-${i}`,
    variant: "v",
    phase: phase?.[i] ?? "Running",
    terminating: terminating?.[i] ?? false,
    ready: ready?.[i] ?? true,
    readyChangedAtMs: 0,
    startedAtMs: hot === undefined ? 0 : NOW - (hot[i] ? 60_000 : 180_000),
    requests: requestsOf(cpu?.requests[i]),
  }));
}

function requestsOf(milliCores: number | undefined): Record<string, number> {
  return milliCores === undefined ? {} : { cpu: milliCores / 1000 };
}

function signalsOf({ cpu, pods, value, averageValue }: PublishedCase): ServingSignals {
  const metric = cpu === undefined ? "qps" : "cpu";
  const levels = (cpu ?? pods)?.levels ?? [];
  const samples = levels.map(
    (level, i): PodMetric => ({
      metric,
      pod: `pod-${i}`,
      value: level / 1000,
      atMs: 0,
      windowMs: cpu === undefined ? 0 : 60_000,
    }),
  );
  const whole = (value ?? averageValue)?.level;
  return { podMetrics: samples, values: new Map(whole === undefined ? [] : [["qps", whole / 1000]]) };
}
