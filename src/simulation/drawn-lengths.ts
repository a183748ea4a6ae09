import type { LengthMix } from "../snapshot/continuous-profile.ts";
import { normalQuantile } from "./normal-quantile.ts";
import type { Random } from "./random.ts";

/** Tokens of prompts and answers, not yet whole. */
export interface DrawnLengths {
  inputs: Float64Array;
  outputs: Float64Array;
}

export function drawLengths(mix: LengthMix, count: number, random: Random): DrawnLengths {
  const { samples } = mix;
  if (samples !== undefined && samples.length > 0)
    return fromSamples(samples, count, () => Math.floor(random.next() * samples.length));
  return {
    inputs: Float64Array.from({ length: count }, () => random.logNormal(mix.inputTokens, mix.inputVariation ?? 0)),
    outputs: Float64Array.from({ length: count }, () => random.logNormal(mix.outputTokens, mix.outputVariation ?? 0)),
  };
}

/**
 * Stratified: one length of each of `count` equally likely strata, in random order, the mean exact; samples equally often. Quantiles
 * and means of all together are then those of the distribution, whatever the seed.
 */
export function drawBalancedLengths(mix: LengthMix, count: number, random: Random): DrawnLengths {
  const { samples } = mix;
  if (samples !== undefined && samples.length > 0) {
    const order = shuffled(count, random);
    // Who comes once more, where the count is no multiple, must not follow from the order in which the samples stand.
    const turn = shuffled(samples.length, random);
    return fromSamples(samples, count, (i) => turn[order[i]! % samples.length]!);
  }
  return {
    inputs: stratified(mix.inputTokens, mix.inputVariation ?? 0, count, random),
    outputs: stratified(mix.outputTokens, mix.outputVariation ?? 0, count, random),
  };
}

function fromSamples(
  samples: readonly (readonly [number, number])[],
  count: number,
  pick: (index: number) => number,
): DrawnLengths {
  const rows = Array.from({ length: count }, (_, i) => samples[pick(i)]!);
  return {
    inputs: Float64Array.from(rows, ([input]) => input),
    outputs: Float64Array.from(rows, ([, output]) => output),
  };
}

function stratified(mean: number, variation: number, count: number, random: Random): Float64Array {
  const sigma = Math.sqrt(Math.log1p(variation * variation));
  const order = shuffled(count, random);
  const lengths = Float64Array.from(order, (stratum) =>
    sigma === 0 ? mean : mean * Math.exp(sigma * normalQuantile((stratum + random.between(0.01, 0.99)) / count)),
  );
  scaleToMean(lengths, mean);
  return lengths;
}

/** Multiplies all by what makes their mean the one given. */
export function scaleToMean(values: Float64Array, mean: number): void {
  const factor = (mean * values.length) / values.reduce((sum, value) => sum + value, 0);
  for (let i = 0; i < values.length; i++) values[i]! *= factor;
}

/** 0 … size − 1 in random order. */
function shuffled(size: number, random: Random): Int32Array {
  const order = Int32Array.from({ length: size }, (_, i) => i);
  for (let i = size - 1; i > 0; i--) {
    const j = Math.floor(random.next() * (i + 1));
    [order[i], order[j]] = [order[j]!, order[i]!];
  }
  return order;
}
