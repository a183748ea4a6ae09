import { rateMargin } from "./calibration.ts";
import { CORRECTION_TREES, TREE_DEPTH, type Trees } from "./correction-trees.ts";
import type { ReplicaConstants } from "./replica-constants.ts";
import type { Corrected, LatencyTarget } from "./types.ts";

/** What a correction may depend on, without dimension. The first rise, or stay, as a target is loosened; the others do not know the target. */
export const LOAD_FEATURES = ["share", "slack", "batch fill", "prompts", "busy"] as const;
export const REPLICA_FEATURES = [
  "percentile",
  "prompt work",
  "prompt variation",
  "answer variation",
  "decode steps",
  "prompt over budget",
  "prompt time",
  "sequence time",
  "places",
  "KV over batch",
  "held variation",
  "lanes",
  "alone",
  "computed",
  "queue",
] as const;
const LOADS = LOAD_FEATURES.length;
const SPLITS = 2 ** TREE_DEPTH - 1;
const LEAVES = 2 ** TREE_DEPTH;
/** Differences of a logarithm beyond which no correction was seen to be right. */
const LOWEST = -0.8;
const HIGHEST_GAIN = 0.35;
/** A rate that is this many times another stays above it, corrected. */
export const LARGEST_CUT = Math.exp(-LOWEST);

const x = new Float64Array(LOADS + REPLICA_FEATURES.length);

/** Fills in what does not depend on a target, and nothing else; the array is reused. */
export function replicaFeatures(constants: ReplicaConstants, percentile: number): Float64Array {
  const { lengths, prefillMs, decodeMs, baseMs, steps, budget, places, kvPlaces, lanes } = constants;
  x.fill(0, 0, LOADS);
  x[LOADS] = percentile;
  x[LOADS + 1] = prefillMs / (prefillMs + decodeMs + 1e-9);
  x[LOADS + 2] = lengths.computed2 / lengths.computed ** 2;
  x[LOADS + 3] = lengths.steps > 0 ? lengths.steps2 / lengths.steps ** 2 : 1;
  x[LOADS + 4] = steps;
  x[LOADS + 5] = lengths.computed / budget;
  x[LOADS + 6] = prefillMs / baseMs;
  x[LOADS + 7] = constants.sequenceMs / baseMs;
  x[LOADS + 8] = places;
  x[LOADS + 9] = Math.min(10, kvPlaces / places);
  x[LOADS + 10] = constants.heldVariation;
  x[LOADS + 11] = lanes;
  x[LOADS + 12] = constants.alone ? 1 : 0;
  x[LOADS + 13] = lengths.computed / lengths.inputMean;
  x[LOADS + 14] = Math.min(1e3, constants.maxQueue);
  return x;
}

/** Fills in what the rate that was found tells: per ms and lane, and as a share of saturation. */
export function loadFeatures(
  constants: ReplicaConstants,
  ratePerMs: number,
  share: number,
  target: LatencyTarget,
  askedMs: number,
): Float64Array {
  const { baseMs, sequenceMs, prefillMs, chunks, steps, places } = constants;
  const promptMs = chunks * baseMs + prefillMs;
  const stepMs = baseMs + sequenceMs;
  const leastMs = target === "ttftMs" ? promptMs : target === "endToEndMs" ? promptMs + steps * stepMs : stepMs;
  x[0] = share;
  x[1] = askedMs / leastMs;
  x[2] = (ratePerMs * steps * stepMs) / places;
  x[3] = ratePerMs * prefillMs;
  x[4] = ratePerMs * (prefillMs + steps * sequenceMs);
  return x;
}

/**
 * What a rate is multiplied by that the features filled in belong to. Its logarithm is the sum of a few dozen regression trees (Friedman,
 * Annals of Statistics 29, 2001), learned from the simulation by `bench/sizing-fit.ts`; of roles apart, which are not simulated there, a
 * constant.
 */
export function correctionFactor(constants: ReplicaConstants, binding: Corrected, percentile: number): number {
  if (constants.role !== "both") return Math.exp(-rateMargin(binding, percentile, x[0]!));
  const sum = sumOfTrees(CORRECTION_TREES[binding], x);
  return Math.exp(Math.min(HIGHEST_GAIN, Math.max(LOWEST, sum)));
}

function sumOfTrees({ features, thresholds, leaves, base }: Trees, at: Float64Array): number {
  let sum = base;
  const count = leaves.length;
  for (let split = 0, leaf = 0; leaf < count; split += SPLITS, leaf += LEAVES) {
    let i = 0;
    for (let d = 0; d < TREE_DEPTH; d++) i = 2 * i + (at[features[split + i]!]! > thresholds[split + i]! ? 2 : 1);
    sum += leaves[leaf + i - SPLITS]!;
  }
  return sum;
}
