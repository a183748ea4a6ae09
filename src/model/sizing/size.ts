import type { ContinuousProfile, LengthMix } from "../../snapshot/continuous-profile.ts";
import { checkSizingInput } from "./check-input.ts";
import { correctionFactor, LARGEST_CUT, loadFeatures, replicaFeatures } from "./correction.ts";
import { emptyLoad, laneLoad, saturationRate } from "./load.ts";
import { predictionAt } from "./predict.ts";
import { type ReplicaConstants, replicaConstants } from "./replica-constants.ts";
import { HIGHEST, highestShare, quantile } from "./search.ts";
import { DEFAULT_PERCENTILE, LATENCIES_OF, type SizingTargets, TAILS } from "./targets.ts";
import type { Binding, ContinuousSizing, ReplicaPrediction, ReplicaRole, UnreachableLatency } from "./types.ts";

/** Share of the saturation rate that a replica without any latency target is offered, and one with a token rate target at most. */
const STABLE_SHARE = 0.9;
const MS_PER_SECOND = 1000;

const load = emptyLoad();

export type ReplicaCapacity =
  | { ok: true; capacityPerSecond: number; binding: Binding }
  | { ok: false; unreachable: UnreachableLatency };

/**
 * The highest Poisson rate (requests per second) at which one replica meets every target for its percentile of requests (of tokens:
 * ITL), by the model of `load.ts` and `latency-tails.ts`, corrected for its error (`correction.ts`). Profile and mix must not be changed afterwards: what
 * follows from a mix is remembered by the object.
 * @throws InputError for parameters that cannot be meant.
 */
export function continuousCapacity(
  profile: ContinuousProfile,
  mix: LengthMix,
  targets: SizingTargets,
  role: ReplicaRole = "both",
): ReplicaCapacity {
  checkSizingInput(profile, mix, targets);
  return capacityOf(replicaConstants(profile, mix, role), targets);
}

function capacityOf(constants: ReplicaConstants, targets: SizingTargets): ReplicaCapacity {
  const saturation = saturationRate(constants);
  const percentile = targets.percentile ?? DEFAULT_PERCENTILE;
  const allowed = 1 - percentile;
  const tps = (targets.tps ?? 0) > 0;
  const asks = LATENCIES_OF[constants.role].some((target) => (targets[target] ?? 0) > 0);
  replicaFeatures(constants, percentile);
  let share =
    tps || !asks ? STABLE_SHARE : HIGHEST * Math.min(1, correctionFactor(constants, "throughput", percentile));
  let binding: Binding = tps ? "tps" : "throughput";
  for (const target of LATENCIES_OF[constants.role]) {
    const askedMs = targets[target] ?? 0;
    if (askedMs === 0) continue;
    // A target that is met here would not bind after the largest correction, either.
    const from = Math.min(HIGHEST, share * LARGEST_CUT);
    const found = highestShare(constants, load, saturation, TAILS[target], askedMs, allowed, from);
    if (found < 0) {
      laneLoad(constants, 1e-6 * saturation, saturation, load);
      const bestMs = quantile(constants, load, TAILS[target], allowed);
      return { ok: false, unreachable: { target, askedMs, bestMs } };
    }
    if (found >= from) continue;
    loadFeatures(constants, found * saturation, found, target, askedMs);
    const safe = found * correctionFactor(constants, target, percentile);
    if (safe < share) {
      share = safe;
      binding = target;
    }
  }
  return { ok: true, capacityPerSecond: share * saturation * constants.lanes * MS_PER_SECOND, binding };
}

/**
 * As `continuousCapacity`, with what the model predicts at that rate.
 * @throws InputError for parameters that cannot be meant.
 */
export function sizeContinuous(
  profile: ContinuousProfile,
  mix: LengthMix,
  targets: SizingTargets,
  role: ReplicaRole = "both",
): ContinuousSizing {
  checkSizingInput(profile, mix, targets);
  const constants = replicaConstants(profile, mix, role);
  const capacity = capacityOf(constants, targets);
  if (!capacity.ok) return capacity;
  const perMs = capacity.capacityPerSecond / constants.lanes / MS_PER_SECOND;
  return { ...capacity, at: predictionAt(constants, perMs, targets.percentile ?? DEFAULT_PERCENTILE) };
}

/**
 * Latencies of one replica at a rate of requests per second, Infinity from its saturation on.
 * @throws InputError for parameters that cannot be meant.
 */
export function latencyAt(
  profile: ContinuousProfile,
  mix: LengthMix,
  percentile: number,
  ratePerSecond: number,
  role: ReplicaRole = "both",
): ReplicaPrediction {
  checkSizingInput(profile, mix, { percentile }, ratePerSecond);
  const constants = replicaConstants(profile, mix, role);
  return predictionAt(constants, ratePerSecond / constants.lanes / MS_PER_SECOND, percentile);
}

/**
 * The rate, in requests per second, from which on the queue of one replica grows without end.
 * @throws InputError for parameters that cannot be meant.
 */
export function saturationPerSecond(profile: ContinuousProfile, mix: LengthMix, role: ReplicaRole = "both"): number {
  checkSizingInput(profile, mix);
  const constants = replicaConstants(profile, mix, role);
  return saturationRate(constants) * constants.lanes * MS_PER_SECOND;
}
