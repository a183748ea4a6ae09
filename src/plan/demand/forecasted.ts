import { forecastDemand } from "../../model/forecast/forecast.ts";
import { observeDemand } from "../../model/forecast/observe.ts";
import { parseDemandState } from "../../model/forecast/parse-demand-state.ts";
import type { DemandState } from "../../model/forecast/types.ts";
import type { ReplicaStates } from "../../model/replicas/types.ts";
import type { World, WorldVariant } from "../../snapshot/world/types.ts";
import type { PlannedForecast } from "./types.ts";

const STEP_MS = 30_000;
/** A forecast further ahead than this is not worth a plan, however long a start takes. */
const LONGEST_HORIZON_MS = 600_000;

/** What a workload's demand is forecast for. */
export interface Ahead {
  horizonMs: number;
  quantile: number;
}

/**
 * One start time ahead, that of the slowest variant, in whole steps. Undefined where the service class plans for the demand
 * of now.
 */
export function aheadOf(world: World, states: ReplicaStates, variants: readonly WorldVariant[]): Ahead | undefined {
  const quantile = world.classes.find(({ name }) => name === variants[0]?.serviceClass)?.demandQuantile;
  if (quantile === undefined) return undefined;
  const startMs = Math.max(...variants.map(({ key, startSeconds }) => states.get(key)?.startMs ?? startSeconds * 1000));
  const steps = Math.ceil(Math.min(startMs, LONGEST_HORIZON_MS) / STEP_MS);
  return { horizonMs: Math.max(1, steps) * STEP_MS, quantile };
}

/** The state with the demand of now. */
export function observedDemand(
  state: unknown,
  seen: { atMs: number; ratePerSecond: number },
  ahead: Ahead,
): DemandState {
  return observeDemand(parseDemandState(state), seen, { stepMs: STEP_MS, asks: [ahead] });
}

/** The highest demand until a replica that is asked for now would be ready; undefined while nothing was observed. */
export function plannedForecast(state: unknown, nowMs: number, ahead: Ahead): PlannedForecast | undefined {
  const forecast = forecastDemand(parseDemandState(state), { atMs: nowMs, ...ahead });
  if (forecast === undefined) return undefined;
  const { quantile, median, lower, upper, model, coverage } = forecast.peak;
  return {
    atMs: nowMs + ahead.horizonMs,
    quantile: ahead.quantile,
    plannedPerSecond: quantile,
    medianPerSecond: median,
    lowerPerSecond: lower,
    upperPerSecond: upper,
    model,
    coverage: { measured: coverage.measured, samples: coverage.samples },
  };
}
