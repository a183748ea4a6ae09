import { iterationEstimate, iterationTime } from "../../src/model/learning/estimate.ts";
import { explainLearning, learningEvent } from "../../src/model/learning/explain.ts";
import { observeIteration } from "../../src/model/learning/iteration.ts";
import { statedTimes } from "../../src/model/learning/stated.ts";
import type { IterationSample, IterationTimes, LearningState } from "../../src/model/learning/types.ts";
import type { ContinuousProfile } from "../../src/snapshot/continuous-profile.ts";
import { simulatedSample } from "./replicas.ts";

export const STATED: ContinuousProfile = {
  dialect: "continuous",
  baseMs: 10,
  perSequenceMs: 0.2,
  perPromptTokenMs: 0.03,
  perContextTokenMs: 0.0001,
  maxBatchSize: 128,
  maxBatchedTokens: 2_048,
  chunkedPrefill: true,
  kvCacheTokens: 400_000,
};
/** What replicas really take, and what they take after a change in the middle. */
const BEFORE: ContinuousProfile = {
  ...STATED,
  baseMs: 14,
  perSequenceMs: 0.3,
  perPromptTokenMs: 0.05,
  perContextTokenMs: 0.00005,
};
const AFTER: ContinuousProfile = { ...BEFORE, baseMs: 17, perSequenceMs: 0.36, perPromptTokenMs: 0.06 };
const MIXES = [
  { inputTokens: 1_000, outputTokens: 200, inputVariation: 1, outputVariation: 1 },
  { inputTokens: 300, outputTokens: 400, inputVariation: 1, outputVariation: 1 },
];
const START_MS = Date.UTC(2026, 0, 5, 8);
const STEP_MS = 15_000;
/** Intervals over which the error of what is expected next is averaged. */
const AVERAGED = 10;

/** Rows of a table: a day's load over two mixes, the truth changing in the middle. */
export function learnTimes(intervals: number): string[][] {
  const rows: string[][] = [];
  const change = Math.floor(intervals / 2);
  const shown = new Set([
    0,
    10,
    20,
    50,
    100,
    change - 1,
    change + 1,
    change + 5,
    change + 10,
    change + 20,
    change + 50,
    intervals - 1,
  ]);
  let state: LearningState | undefined;
  let errors: number[] = [];
  for (let i = 0; i < intervals; i++) {
    const truth = i < change ? BEFORE : AFTER;
    const ratePerSecond = 2 + Math.sin(i / 40);
    const sample = simulatedSample({
      truth,
      mix: MIXES[i % 3 === 0 ? 1 : 0]!,
      ratePerSecond,
      seed: i + 1,
      atMs: START_MS + i * STEP_MS,
    });
    errors = [...errors, errorOf(state, sample)].slice(-AVERAGED);
    const next = observeIteration(state, sample, statedTimes(STATED), STATED);
    const event = learningEvent(state, next);
    if (event !== undefined) console.error(`interval ${i}: ${event}`);
    state = next;
    if (shown.has(i)) rows.push(rowOf(state, i, errors, truth, sample));
  }
  for (const sentence of explainLearning(state!)) console.error(sentence);
  return rows;
}

/** Of the ITL that comes, as what was learned before expects it. */
function errorOf(state: LearningState | undefined, sample: IterationSample): number {
  const expected =
    state === undefined
      ? dot(statedTimes(STATED).times, factorsOf(sample))
      : iterationTime(state, factorsOf(sample)).ms;
  return Math.abs(expected / sample.itlMs - 1);
}

function factorsOf(sample: IterationSample): IterationTimes {
  const seen = (sample.batch + 1) / sample.batch;
  return [
    1,
    sample.batch * seen,
    ((sample.promptTokensPerSecond ?? 0) * sample.itlMs) / 1000,
    sample.contextTokens * seen,
  ];
}

function rowOf(
  state: LearningState,
  i: number,
  errors: number[],
  truth: ContinuousProfile,
  sample: IterationSample,
): string[] {
  const { times } = iterationEstimate(state);
  const true4 = statedTimes(truth).times;
  const { ms, halfWidthMs } = iterationTime(state, factorsOf(sample));
  const mean = errors.reduce((sum, error) => sum + error, 0) / errors.length;
  const off = times.map((time, k) => `${signed(time / true4[k]! - 1)}`);
  return [String(i), String(state.current.number), percent(mean), ...off, `± ${percent(halfWidthMs / ms)}`];
}

function dot(a: readonly number[], b: readonly number[]): number {
  return a.reduce((sum, value, i) => sum + value * b[i]!, 0);
}

export function percent(share: number): string {
  return `${(100 * share).toFixed(1)} %`;
}

export function signed(share: number): string {
  return `${share < 0 ? "−" : "+"}${percent(Math.abs(share))}`;
}
