import type { IterationSample, IterationTimes } from "../../../src/model/learning/types.ts";
import type { ContinuousProfile } from "../../../src/snapshot/continuous-profile.ts";

export const STATED: ContinuousProfile = {
  dialect: "continuous",
  baseMs: 10,
  perSequenceMs: 0.2,
  perPromptTokenMs: 0.03,
  perContextTokenMs: 0.0001,
  maxBatchSize: 256,
  maxBatchedTokens: 8192,
  chunkedPrefill: true,
};

export const START_MS = Date.UTC(2026, 0, 5, 14, 2);
export const STEP_MS = 15_000;

/** Numbers in [0, 1) that are the same in every run (mulberry32). */
export function randomOf(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

/** Exactly what the formula says of a sequence that sees the others and itself, times `factor`. */
export function sampleOf(
  truth: IterationTimes,
  at: { batch: number; promptTokens: number; contextTokens: number },
  i: number,
  factor = 1,
): IterationSample {
  const seen = (at.batch + 1) / at.batch;
  const [base, perSequence, perPrompt, perContext] = truth;
  const itlMs =
    base + perSequence * at.batch * seen + perPrompt * at.promptTokens + perContext * at.contextTokens * seen;
  return {
    atMs: START_MS + i * STEP_MS,
    batch: at.batch,
    promptTokensPerIteration: at.promptTokens,
    contextTokens: at.contextTokens,
    itlMs: itlMs * factor,
    requests: 50,
    sinceReadyMs: 3_600_000,
  };
}

/** Samples at loads that differ in every direction, with relative noise. */
export function* variedSamples(
  truth: IterationTimes,
  count: number,
  options: { seed?: number; noise?: number; from?: number } = {},
): Generator<IterationSample> {
  const { seed = 1, noise = 0.02, from = 0 } = options;
  const random = randomOf(seed);
  for (let i = 0; i < count; i++) {
    const at = { batch: 1 + 60 * random(), promptTokens: 400 * random(), contextTokens: 100_000 * random() };
    const normal = Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
    yield sampleOf(truth, at, from + i, 1 + noise * normal);
  }
}
