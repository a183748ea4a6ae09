import { emptyLoad, laneLoad, saturationRate } from "./load.ts";
import type { ReplicaConstants } from "./replica-constants.ts";
import { quantile } from "./search.ts";
import { LATENCIES_OF, TAILS } from "./targets.ts";
import type { PredictedLatencies, ReplicaPrediction } from "./types.ts";

const MS_PER_SECOND = 1000;
const load = emptyLoad();

/** Percentiles at a rate of one lane, per ms; Infinity from the saturation on. */
export function predictionAt(constants: ReplicaConstants, perMs: number, percentile: number): ReplicaPrediction {
  const saturation = saturationRate(constants);
  laneLoad(constants, perMs, saturation, load);
  const latencies: PredictedLatencies = {};
  for (const target of LATENCIES_OF[constants.role]) {
    latencies[target] =
      perMs < saturation ? quantile(constants, load, TAILS[target], 1 - percentile) : Number.POSITIVE_INFINITY;
  }
  return {
    ratePerSecond: perMs * constants.lanes * MS_PER_SECOND,
    percentile,
    ...latencies,
    batchSize: load.sequences * constants.lanes,
    iterationMs: load.iterationMs,
    utilization: Math.min(1, perMs / saturation),
    ...(constants.kvPlaces === Number.POSITIVE_INFINITY
      ? {}
      : { kvCacheUse: Math.min(1, load.sequences / constants.kvPlaces) }),
  };
}
