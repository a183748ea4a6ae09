import type { VariantServing } from "../../snapshot/serving.ts";

/** A variant as it is now. */
export interface ServingVariant extends VariantServing {
  name: string;
  /** `spec.replicas` of its target. */
  askedReplicas: number;
  readyReplicas: number;
  /** Of each replica that is on its way: the time until it is expected to be ready. */
  comingInMs: readonly number[];
  /** Expected time from asking to ready, as a quantile. */
  startMs: number;
  /** Requests per second of one replica inside the SLO (`llm`). */
  capacityPerSecond?: number;
}

export interface ServingContext {
  nowMs: number;
  variants: readonly ServingVariant[];
}

/** What the plan counts in. Attainment is a ratio, so that units of different kinds never meet. */
export type DemandUnit = "requests" | "items" | "replicas";

export type ServingDemand = KnownDemand | UnknownDemand;

export interface KnownDemand {
  /**
   * `partial`: something is missing and was counted on the safe side, or the demand is at least so much (then `mayShrink` is false).
   */
  quality: "known" | "partial";
  unit: DemandUnit;
  /** Requests or items per second; replicas of capacity 1 where the unit is replicas. */
  demandPerSecond: number;
  /** What one ready replica does, by variant, in the same unit. A variant that is not in it cannot be used. */
  capacities: ReadonlyMap<string, number>;
  mayShrink: boolean;
  /** `utilization` with replicas that are all alike: the count that a HorizontalPodAutoscaler would ask for. */
  replicas?: number;
  /** `queue`, `batch`: work over what present replicas do of it in time; from 1 on they are too few. */
  urgency?: number;
  /** Why the target cannot be met in time, where it cannot; what is asked for then is the next best. */
  infeasible?: string;
  /** A sentence with the inputs. */
  reason: string;
}

/** Nobody can tell: the caller holds what there is. */
export interface UnknownDemand {
  quality: "unknown";
  reason: string;
}

export function unknownDemand(reason: string): UnknownDemand {
  return { quality: "unknown", reason };
}
