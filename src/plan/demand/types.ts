import type { TokenMix } from "../../snapshot/profile.ts";

/**
 * What is asked of one workload.
 * - `all`: every source has reported in time, or the resource states its demand and no source reports.
 * - `some`: at least one source is stale: the demand is at least `perSecond`.
 * - `none`: nobody knows; `perSecond` is what was last known (0 where nothing was), for people.
 */
export interface Demand {
  known: "all" | "some" | "none";
  /** What is planned for, in `unit` per second: the forecast where there is one. */
  perSecond: number;
  /** What is asked now. */
  nowPerSecond: number;
  unit: "requests" | "items" | "replicas";
  tokenMix?: TokenMix;
  /** Sources that are stale, by name. */
  staleSources: string[];
  forecast?: PlannedForecast;
  /** What one replica of each variant does, where that follows from the kind of serving and not from a profile. */
  capacities?: ReadonlyMap<string, number>;
  /** Replicas of all variants together that stay although nothing is asked. */
  keptReplicas?: number;
  /** Why it is so much: a sentence with its inputs. */
  basis: string;
}

/** The forecast that is planned with, requests per second. */
export interface PlannedForecast {
  /** When a replica that is asked for now would be ready. */
  atMs: number;
  quantile: number;
  plannedPerSecond: number;
  medianPerSecond: number;
  lowerPerSecond: number;
  upperPerSecond: number;
  model: string;
  /** Share of earlier forecasts of this kind that held, and of how many. */
  coverage: { measured: number; samples: number };
}
