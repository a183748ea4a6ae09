import type { UtilizationServing } from "../../snapshot/serving.ts";
import type { PodSample } from "../../snapshot/serving-signals.ts";
import type { PodGroups } from "./pod-groups.ts";
import type { Usage, UsageReading } from "./usage-ratio.ts";

/** Replicas that the API can say. */
const MOST_REPLICAS = 2_147_483_647;

/** What there is now, in replicas of capacity 1. */
export interface Present {
  /** Asked for. */
  asked: number;
  ready: number;
  weightOf(pod: PodSample): number;
  /** All replicas count 1: only then is a count rounded up here; else the plan rounds, by variant. */
  alike: boolean;
}

export interface MetricReplicas {
  /** In replicas of capacity 1, not rounded. */
  wanted: number;
  usage: Usage;
  /** Pods that were counted without a sample of their own. */
  assumed: number;
}

type Tolerances = Pick<UtilizationServing, "scaleUpTolerance" | "scaleDownTolerance">;

/**
 * Replicas for a metric of pods, as `autoscaling/v2` computes them (Kubernetes documentation, Horizontal Pod Autoscaling, algorithm
 * details): ⌈ratio · ready pods⌉ outside the tolerance. With pods that are not ready or have no metric, once more with them in: when it
 * would grow they use nothing, when it would shrink those without a metric use their request (or target); and nothing changes where that
 * turns the direction. Undefined: no pod has a metric.
 */
export function podMetricReplicas(
  { ready, unready, missing }: PodGroups,
  reading: UsageReading,
  tolerances: Tolerances,
  present: Present,
): MetricReplicas | undefined {
  const usage = ready.length === 0 ? undefined : reading.usageOf(ready);
  if (usage === undefined) return undefined;
  const keep = { wanted: present.asked, usage, assumed: 0 };
  const weigh = (pods: readonly PodSample[]) => pods.reduce((sum, pod) => sum + present.weightOf(pod), 0);
  const growsWithUnready = unready.length > 0 && usage.ratio > 1;
  if (!growsWithUnready && missing.length === 0) {
    if (isWithin(usage.ratio, tolerances)) return keep;
    return { wanted: limited(usage.ratio * weigh(ready.map(({ pod }) => pod))), usage, assumed: 0 };
  }
  const filled = [...ready];
  // Exactly on target there is no direction to be careful about: pods without a metric stay out.
  if (usage.ratio !== 1) {
    const milliOf = usage.ratio < 1 ? (pod: PodSample) => reading.assumedMilli(pod) : () => 0;
    filled.push(...missing.map((pod) => ({ pod, milliValue: milliOf(pod) })));
  }
  if (growsWithUnready) filled.push(...unready.map((pod) => ({ pod, milliValue: 0 })));
  const assumed = filled.length - ready.length;
  const again = reading.usageOf(filled)?.ratio ?? 1;
  if (isWithin(again, tolerances) || (usage.ratio < 1 && again > 1) || (usage.ratio > 1 && again < 1)) {
    return { ...keep, assumed };
  }
  const wanted = limited(again * weigh(filled.map(({ pod }) => pod)));
  const count = present.alike ? Math.ceil(wanted) : wanted;
  const turns = (again < 1 && count > present.asked) || (again > 1 && count < present.asked);
  return turns ? { ...keep, assumed } : { wanted, usage, assumed };
}

/** For a `Value` target: ready replicas times the ratio; from zero the ratio itself, without tolerance. */
export function valueReplicas(value: number, target: number, tolerances: Tolerances, present: Present): MetricReplicas {
  const usage = { ratio: value / target, current: value };
  if (present.asked === 0) return { wanted: limited(usage.ratio), usage, assumed: 0 };
  if (isWithin(usage.ratio, tolerances)) return { wanted: present.asked, usage, assumed: 0 };
  return { wanted: limited(usage.ratio * present.ready), usage, assumed: 0 };
}

/** For an `AverageValue` target of a metric that is not of pods. */
export function averageReplicas(
  value: number,
  target: number,
  tolerances: Tolerances,
  present: Present,
): MetricReplicas {
  const usage = { ratio: value / (target * present.asked), current: value / Math.max(1, present.asked) };
  const keeps = present.asked > 0 && isWithin(usage.ratio, tolerances);
  return { wanted: keeps ? present.asked : limited(value / target), usage, assumed: 0 };
}

function isWithin(ratio: number, { scaleUpTolerance, scaleDownTolerance }: Tolerances): boolean {
  return 1 - scaleDownTolerance <= ratio && ratio <= 1 + scaleUpTolerance;
}

function limited(wanted: number): number {
  return Math.min(wanted, MOST_REPLICAS);
}
