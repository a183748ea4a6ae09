import type { UtilizationServing } from "../../snapshot/serving.ts";
import type { PodMetric, PodSample } from "../../snapshot/serving-signals.ts";
import { isKnown } from "./numbers.ts";

/** A pod that counts with its metric, in thousandths (as the API's quantities do). */
export interface Measured {
  pod: PodSample;
  milliValue: number;
}

/** The pods of one metric, sorted as `autoscaling/v2` sorts them. Failed and terminating pods are in none of the groups. */
export interface PodGroups {
  ready: readonly Measured[];
  /** Not ready, or too young for their CPU sample to say anything. */
  unready: readonly PodSample[];
  /** Without a metric that can be used. */
  missing: readonly PodSample[];
}

type Initialization = Pick<UtilizationServing, "cpuInitializationMs" | "initialReadinessDelayMs">;

/** `metrics` are those of one name; only the metric of the resource `cpu` looks at readiness. */
export function groupPods(
  pods: readonly PodSample[],
  metrics: ReadonlyMap<string, PodMetric>,
  settings: Initialization & { isCpu: boolean; nowMs: number },
): PodGroups {
  const ready: Measured[] = [];
  const unready: PodSample[] = [];
  const missing: PodSample[] = [];
  for (const pod of pods) {
    if (pod.terminating || pod.phase === "Failed") continue;
    const metric = metrics.get(pod.name);
    if (pod.phase === "Pending") unready.push(pod);
    else if (metric === undefined || !isKnown(metric.value)) missing.push(pod);
    else if (settings.isCpu && isUnready(pod, metric, settings)) unready.push(pod);
    else ready.push({ pod, milliValue: toMilli(metric.value) });
  }
  return { ready, unready, missing };
}

function isUnready(pod: PodSample, metric: PodMetric, settings: Initialization & { nowMs: number }): boolean {
  const { ready, startedAtMs, readyChangedAtMs = 0 } = pod;
  if (ready === undefined || startedAtMs === undefined) return true;
  if (startedAtMs + settings.cpuInitializationMs > settings.nowMs) {
    return !ready || metric.atMs < readyChangedAtMs + metric.windowMs;
  }
  return !ready && startedAtMs + settings.initialReadinessDelayMs > readyChangedAtMs;
}

/** Rounded up, as quantities are; what is left of a binary fraction is not a thousandth more. */
export function toMilli(value: number): number {
  return Math.ceil(value * 1000 - 1e-6);
}
