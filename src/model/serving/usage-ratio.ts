import type { AverageValueTarget, UtilizationTarget } from "../../snapshot/serving.ts";
import type { PodSample } from "../../snapshot/serving-signals.ts";
import { type Measured, toMilli } from "./pod-groups.ts";

/** A metric against its target. */
export interface Usage {
  /** 1: on target. */
  ratio: number;
  /** What the ratio is of, as the metric's unit or percent has it. */
  current: number;
}

/** How a metric of type Resource or Pods is read; `weightOf` is the pod's capacity in replicas of capacity 1. */
export interface UsageReading {
  usageOf(measured: readonly Measured[]): Usage | undefined;
  /** What a pod without a metric is taken to use when the others use less than their target. */
  assumedMilli(pod: PodSample): number;
}

type WeightOf = (pod: PodSample) => number;

/**
 * In percent of the request: all usage over all requests, cut to whole percent as the published algorithm does. A missing pod is taken to
 * use all of its request, or the target where that is above 100 %.
 */
export function utilizationReading(
  target: UtilizationTarget,
  requestOf: (pod: PodSample) => number | undefined,
  weightOf: WeightOf,
): UsageReading {
  return {
    usageOf(measured) {
      let used = 0;
      let requested = 0;
      for (const { pod, milliValue } of measured) {
        used += milliValue * weightOf(pod);
        requested += toMilli(requestOf(pod) ?? 0) * weightOf(pod);
      }
      if (requested <= 0) return undefined;
      const current = Math.trunc((used * 100) / requested);
      return { ratio: current / target.averageUtilization, current };
    },
    assumedMilli: (pod) =>
      Math.trunc((toMilli(requestOf(pod) ?? 0) * Math.max(100, Math.trunc(target.averageUtilization))) / 100),
  };
}

/** Per replica of capacity 1, cut to thousandths. A missing pod is taken to be on target. */
export function averageValueReading(target: AverageValueTarget, weightOf: WeightOf): UsageReading {
  const milliTarget = toMilli(target.averageValue);
  return {
    usageOf(measured) {
      const weight = measured.reduce((sum, { pod }) => sum + weightOf(pod), 0);
      if (weight <= 0) return undefined;
      const current = Math.trunc(measured.reduce((sum, { milliValue }) => sum + milliValue, 0) / weight);
      return { ratio: current / milliTarget, current: current / 1000 };
    },
    assumedMilli: (pod) => milliTarget * weightOf(pod),
  };
}
