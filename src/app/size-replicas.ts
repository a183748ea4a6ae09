import { InputError } from "../domain/input-error.ts";
import type { Parsed, Violation } from "../domain/violation.ts";
import { sloBeyondMeans } from "../model/capacity.ts";
import { size } from "../model/queueing/size.ts";
import { latencyAt, saturationPerSecond, sizeContinuous } from "../model/sizing/size.ts";
import { DEFAULT_PERCENTILE } from "../model/sizing/targets.ts";
import type { Binding, PredictedLatencies, UnreachableLatency } from "../model/sizing/types.ts";
import type { SloTargets } from "../snapshot/profile.ts";
import { type NamedProfile, parseSizingRequest, type SizingRequest } from "../snapshot/sizing-request.ts";

/** One replica of a request, sized. */
export interface SizedReplica {
  name: string;
  role: NamedProfile["role"];
  dialect: NamedProfile["profile"]["dialect"];
  /** What the latencies are: a percentile, or the mean. */
  statistic: number | "mean";
  /** Absent where a target cannot be met. */
  capacityPerSecond?: number;
  binding?: Binding;
  /** At the capacity. */
  latencies?: PredictedLatencies;
  /** Sequences in service, and the share of the highest rate. */
  batchSize?: number;
  utilization?: number;
  kvCacheUse?: number;
  unreachable?: UnreachableLatency;
  /** Rates up to near saturation; of continuous profiles, where it is asked for. */
  curve?: CurvePoint[];
}

export interface CurvePoint extends PredictedLatencies {
  ratePerSecond: number;
}

export interface SizedReplicas {
  slo: SloTargets;
  replicas: SizedReplica[];
}

/** Highest share of the saturation rate on a curve. */
const CURVE_END = 0.97;

/** A sizing document: read, and every replica in it sized. `points` of a curve; 0: none. */
export function sizeReplicas(value: unknown, points: number): Parsed<SizedReplicas> {
  const request = parseSizingRequest(value);
  if (!request.ok) return request;
  const replicas: SizedReplica[] = [];
  const violations: Violation[] = [];
  for (const [index, entry] of request.value.profiles.entries()) {
    try {
      replicas.push(sized(request.value, entry, points));
    } catch (error) {
      if (!(error instanceof InputError)) throw error;
      const path = request.value.profiles.length === 1 ? "" : `profiles[${index}].`;
      violations.push(...error.violations.map((violation) => ({ ...violation, path: path + violation.path })));
    }
  }
  if (violations.length > 0) return { ok: false, violations };
  return { ok: true, value: { slo: request.value.slo, replicas } };
}

function sized({ tokenMix, slo }: SizingRequest, { name, role, profile }: NamedProfile, points: number): SizedReplica {
  const head = { name, role, dialect: profile.dialect };
  if (profile.dialect !== "continuous") {
    const wrong = sloBeyondMeans(profile, slo, role);
    if (wrong !== undefined) throw new InputError([wrong]);
    const result = size(profile, tokenMix, slo);
    if (!result.ok) return { ...head, statistic: "mean", unreachable: result.unreachable };
    const { capacityPerSecond, metrics, rateForItl, rateForTps, rateForTtft, offeredPerSecond } = result.size;
    const rates = { ttftMs: rateForTtft, itlMs: rateForItl, tps: rateForTps };
    const binding = (["ttftMs", "itlMs", "tps"] as const).find(
      (target) => (slo[target] ?? 0) > 0 && rates[target] <= offeredPerSecond,
    );
    return {
      ...head,
      statistic: "mean",
      capacityPerSecond,
      binding: binding ?? "throughput",
      latencies: { ttftMs: metrics.ttftMs, itlMs: metrics.itlMs },
      batchSize: metrics.numberInService,
      utilization: metrics.utilization,
    };
  }
  const percentile = slo.percentile ?? DEFAULT_PERCENTILE;
  const result = sizeContinuous(profile, tokenMix, slo, role);
  const curve =
    points === 0
      ? {}
      : {
          curve: Array.from({ length: points }, (_, i) => {
            const rate = (saturationPerSecond(profile, tokenMix, role) * CURVE_END * (i + 1)) / points;
            return pointOf(latencyAt(profile, tokenMix, percentile, rate, role));
          }),
        };
  if (!result.ok) return { ...head, statistic: percentile, unreachable: result.unreachable, ...curve };
  const { at, capacityPerSecond, binding } = result;
  const { batchSize, utilization, kvCacheUse } = at;
  const latencies = latenciesOf(at);
  return {
    ...head,
    statistic: percentile,
    capacityPerSecond,
    binding,
    latencies,
    batchSize,
    utilization,
    kvCacheUse,
    ...curve,
  };
}

function latenciesOf({ ttftMs, itlMs, tpotMs, endToEndMs }: PredictedLatencies): PredictedLatencies {
  return { ttftMs, itlMs, tpotMs, endToEndMs };
}

function pointOf(at: PredictedLatencies & { ratePerSecond: number }): CurvePoint {
  return { ratePerSecond: at.ratePerSecond, ...latenciesOf(at) };
}
