import type { LengthMix } from "../../snapshot/continuous-profile.ts";

export interface WeightedMix {
  /** Share of the requests, in any unit; at least 0. */
  weight: number;
  mix: LengthMix;
}

/**
 * Lengths of the requests of several sources together: means weighted by requests, variations from second moments, the hit rate weighted
 * by prompt tokens. Samples of several sources become means and variations. The first mix where all weights are 0; undefined of none.
 */
export function combinedLengths(parts: readonly WeightedMix[]): LengthMix | undefined {
  const asked = parts.filter(({ weight }) => weight > 0);
  const first = (asked[0] ?? parts[0])?.mix;
  if (first === undefined || asked.length <= 1) return first;
  const total = asked.reduce((sum, { weight }) => sum + weight, 0);
  const mean = (of: (mix: LengthMix) => number) =>
    asked.reduce((sum, { weight, mix }) => sum + weight * of(mix), 0) / total;
  const inputTokens = mean((mix) => mean1(mix, 0));
  const outputTokens = mean((mix) => mean1(mix, 1));
  const inputVariation = variation(
    mean((mix) => mean2(mix, 0)),
    inputTokens,
  );
  const outputVariation = variation(
    mean((mix) => mean2(mix, 1)),
    outputTokens,
  );
  const hits = inputTokens > 0 ? mean((mix) => mean1(mix, 0) * (mix.prefixCacheHitRate ?? 0)) / inputTokens : 0;
  return {
    inputTokens,
    outputTokens,
    ...(asked.some(({ mix }) => varies(mix)) ? { inputVariation, outputVariation } : {}),
    ...(asked.some(({ mix }) => mix.prefixCacheHitRate !== undefined) ? { prefixCacheHitRate: hits } : {}),
  };
}

/**
 * Reported lengths with what the report does not say taken from the stated ones: sources know means, seldom how lengths vary, and
 * fixed lengths would be sized too high.
 */
export function withShapeOf(reported: LengthMix | undefined, stated: LengthMix | undefined): LengthMix | undefined {
  if (reported === undefined || stated === undefined) return reported ?? stated;
  const shape: LengthMix = { ...reported };
  if (!varies(reported) && varies(stated)) {
    shape.inputVariation = variation(mean2(stated, 0), mean1(stated, 0));
    shape.outputVariation = variation(mean2(stated, 1), mean1(stated, 1));
  }
  if (reported.prefixCacheHitRate === undefined && stated.prefixCacheHitRate !== undefined) {
    shape.prefixCacheHitRate = stated.prefixCacheHitRate;
  }
  return shape;
}

function varies(mix: LengthMix): boolean {
  return mix.samples !== undefined || mix.inputVariation !== undefined || mix.outputVariation !== undefined;
}

function mean1(mix: LengthMix, side: 0 | 1): number {
  const { samples } = mix;
  if (samples === undefined || samples.length === 0) return side === 0 ? mix.inputTokens : mix.outputTokens;
  return samples.reduce((sum, pair) => sum + pair[side], 0) / samples.length;
}

function mean2(mix: LengthMix, side: 0 | 1): number {
  const { samples } = mix;
  if (samples !== undefined && samples.length > 0) {
    return samples.reduce((sum, pair) => sum + pair[side] ** 2, 0) / samples.length;
  }
  const deviation = (side === 0 ? mix.inputVariation : mix.outputVariation) ?? 0;
  return mean1(mix, side) ** 2 * (1 + deviation ** 2);
}

/** Coefficient of variation; rounding noise below 1e-6 is none. */
function variation(second: number, mean: number): number {
  if (!(mean > 0)) return 0;
  const squared = second / mean ** 2 - 1;
  return squared > 1e-12 ? Math.sqrt(squared) : 0;
}
