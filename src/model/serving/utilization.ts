import type {
  ObjectMetricSource,
  PodMetricSource,
  UtilizationMetric,
  UtilizationServing,
} from "../../snapshot/serving.ts";
import type { PodMetric, PodSample, ServingSignals } from "../../snapshot/serving-signals.ts";
import { relativeCapacities } from "./capacities.ts";
import {
  averageReplicas,
  type MetricReplicas,
  type Present,
  podMetricReplicas,
  valueReplicas,
} from "./metric-replicas.ts";
import { amount, isKnown } from "./numbers.ts";
import { groupPods } from "./pod-groups.ts";
import { type ServingContext, type ServingDemand, unknownDemand } from "./types.ts";
import { averageValueReading, type UsageReading, utilizationReading } from "./usage-ratio.ts";

type MetricAnswer = { ok: true; metric: UtilizationMetric; replicas: MetricReplicas } | { ok: false; reason: string };

/**
 * The algorithm of `autoscaling/v2` over all variants together. Several metrics: the largest; where one cannot be read and the others
 * would shrink, nothing is known. Replicas of unlike capacity count by `relativeCapacity`; with all of them 1 it is the published
 * algorithm to the bit. The demand is left unrounded, so that attainment under scarcity says how far from its target the load is.
 */
export function utilizationDemand(
  serving: UtilizationServing,
  signals: ServingSignals,
  context: ServingContext,
): ServingDemand {
  const capacities = relativeCapacities(context.variants);
  if (capacities.size === 0) return unknownDemand("no variant can be used: their relative capacities are not above 0");
  const present = presentOf(context, capacities);
  const answers = serving.metrics.map((metric) => metricAnswer(metric, serving, signals, context.nowMs, present));
  const valid = answers.flatMap((answer) => (answer.ok ? [answer] : []));
  const invalid = answers.flatMap((answer) => (answer.ok ? [] : [answer.reason]));
  if (valid.length === 0) return unknownDemand(invalid.join("; ") || "it has no metric");
  const most = valid.reduce((a, b) => (b.replicas.wanted > a.replicas.wanted ? b : a));
  const { wanted } = most.replicas;
  const count = present.alike ? Math.ceil(wanted) : wanted;
  if (invalid.length > 0 && count < present.asked) {
    return unknownDemand(`${invalid.join("; ")}: it would shrink to ${amount(count)} without that`);
  }
  const partial = invalid.length > 0 || most.replicas.assumed > 0;
  return {
    quality: partial ? "partial" : "known",
    unit: "replicas",
    demandPerSecond: wanted,
    capacities,
    mayShrink: invalid.length === 0,
    ...(present.alike ? { replicas: count } : {}),
    reason: [sentence(most.metric, most.replicas, present), ...invalid].join("; "),
  };
}

function presentOf({ variants }: ServingContext, capacities: ReadonlyMap<string, number>): Present {
  const capacityOf = (variant: string) => capacities.get(variant) ?? 0;
  return {
    asked: variants.reduce((sum, { name, askedReplicas }) => sum + capacityOf(name) * askedReplicas, 0),
    ready: variants.reduce((sum, { name, readyReplicas }) => sum + capacityOf(name) * readyReplicas, 0),
    weightOf: (pod) => capacityOf(pod.variant),
    alike: [...capacities.values()].every((capacity) => capacity === 1),
  };
}

function metricAnswer(
  metric: UtilizationMetric,
  serving: UtilizationServing,
  signals: ServingSignals,
  nowMs: number,
  present: Present,
): MetricAnswer {
  return metric.type === "Resource" || metric.type === "Pods"
    ? podsAnswer(metric, serving, signals, nowMs, present)
    : objectAnswer(metric, serving, signals, present);
}

function objectAnswer(
  metric: ObjectMetricSource,
  serving: UtilizationServing,
  signals: ServingSignals,
  present: Present,
): MetricAnswer {
  const value = signals.values?.get(metric.name);
  if (!isKnown(value)) return { ok: false, reason: `${metric.type} metric ${metric.name} is not known` };
  const { target } = metric;
  const replicas =
    target.type === "Value"
      ? valueReplicas(value, target.value, serving, present)
      : averageReplicas(value, target.averageValue, serving, present);
  return { ok: true, metric, replicas };
}

function podsAnswer(
  metric: PodMetricSource,
  serving: UtilizationServing,
  signals: ServingSignals,
  nowMs: number,
  present: Present,
): MetricAnswer {
  const pods = (signals.pods ?? []).filter((pod) => present.weightOf(pod) > 0);
  if (pods.length === 0) return { ok: false, reason: `there is no pod to read ${metric.name} of` };
  const isCpu = metric.type === "Resource" && metric.name === "cpu";
  const groups = groupPods(pods, samplesOf(metric.name, signals.podMetrics ?? []), { ...serving, isCpu, nowMs });
  const counted = [...groups.ready.map(({ pod }) => pod), ...groups.unready, ...groups.missing];
  const asksRequest = metric.target.type === "Utilization";
  const without = asksRequest ? counted.find((pod) => requestOf(metric.name, pod) === undefined) : undefined;
  if (without !== undefined) return { ok: false, reason: `${without.name} requests no ${metric.name}` };
  const replicas = podMetricReplicas(groups, readingOf(metric, present), serving, present);
  if (replicas === undefined) return { ok: false, reason: `no ready pod has the metric ${metric.name}` };
  return { ok: true, metric, replicas };
}

function readingOf({ name, target }: PodMetricSource, { weightOf }: Present): UsageReading {
  if (target.type === "AverageValue") return averageValueReading(target, weightOf);
  return utilizationReading(target, (pod) => requestOf(name, pod), weightOf);
}

function requestOf(resource: string, { requests }: PodSample): number | undefined {
  const request = Object.hasOwn(requests, resource) ? requests[resource] : undefined;
  return isKnown(request) ? request : undefined;
}

/** The newest sample of each pod. */
function samplesOf(name: string, metrics: readonly PodMetric[]): ReadonlyMap<string, PodMetric> {
  const samples = new Map<string, PodMetric>();
  for (const sample of metrics) {
    if (sample.metric !== name) continue;
    const other = samples.get(sample.pod);
    if (other === undefined || sample.atMs > other.atMs) samples.set(sample.pod, sample);
  }
  return samples;
}

function sentence(metric: UtilizationMetric, { wanted, usage, assumed }: MetricReplicas, present: Present): string {
  const { target } = metric;
  const against =
    target.type === "Utilization"
      ? `${amount(usage.current)} % of its request, target ${amount(target.averageUtilization)} %`
      : target.type === "AverageValue"
        ? `${amount(usage.current)} per replica, target ${amount(target.averageValue)}`
        : `${amount(usage.current)}, target ${amount(target.value)}`;
  const counted = assumed > 0 ? ` (${amount(assumed)} pods without a sample of their own)` : "";
  const asked = `${amount(wanted)} replicas are asked for, ${amount(present.asked)} there are`;
  return `${metric.name} is at ${against}${counted}: ${asked}`;
}
