import type { IterationSample, IterationTimes, LearningOptions } from "./types.ts";

/** One linear measurement of the four times: `factors · times = observedMs`. */
export interface Row {
  factors: IterationTimes;
  observedMs: number;
  of: "itl" | "ttft";
}

/** Requests wait for nothing but the running iteration, on average, up to this many in the queue. */
const HARDLY_WAITING = 0.1;
const MOST_MS = 86_400_000;
const MOST_TOKENS = 1e9;

/** What a sample says: its ITL, and its TTFT where prompts did not queue. None where its numbers cannot be. */
export function rowsOf(sample: IterationSample, options: LearningOptions): Row[] {
  const { batch, contextTokens, itlMs } = sample;
  const promptTokens = sample.promptTokensPerIteration ?? ((sample.promptTokensPerSecond ?? 0) * itlMs) / 1000;
  if (!inside(itlMs, MOST_MS) || itlMs === 0 || !inside(batch, MOST_TOKENS) || batch === 0) return [];
  if (!inside(contextTokens, MOST_TOKENS) || !inside(promptTokens, MOST_TOKENS)) return [];
  const seen = seenByOne(batch, options.maxBatchSize ?? Number.POSITIVE_INFINITY);
  const factors: IterationTimes = [1, batch * seen, promptTokens, contextTokens * seen];
  const rows: Row[] = [{ factors, observedMs: itlMs, of: "itl" }];
  const first = firstTokenRow(sample, promptTokens, options.maxBatchedTokens ?? Number.POSITIVE_INFINITY);
  return first === undefined ? rows : [...rows, first];
}

/**
 * How many times the mean batch a sequence in service sees. It sees the mean of the others, as an arrival does, and itself (arrival
 * theorem, Reiser and Lavenberg, JACM 1980; Sevcik and Mitrani, JACM 1981), but never more than the replica takes.
 */
function seenByOne(batch: number, maxBatchSize: number): number {
  return Math.max(1, Math.min(batch + 1, maxBatchSize) / batch);
}

/**
 * A prompt waits for what is left of the running iteration, half of one on average. It is then computed in as many iterations as it has
 * chunks, beside the sequences that are decoded and the prompts that came during the same iteration.
 */
function firstTokenRow(sample: IterationSample, others: number, maxBatchedTokens: number): Row | undefined {
  const { ttftMs, promptTokensPerRequest: tokens, waiting, batch, contextTokens, itlMs } = sample;
  if (ttftMs === undefined || tokens === undefined || waiting === undefined) return undefined;
  if (!inside(ttftMs, MOST_MS) || !inside(tokens, MOST_TOKENS) || tokens === 0 || !(waiting <= HARDLY_WAITING))
    return undefined;
  const room = Math.max(1, maxBatchedTokens - batch);
  const iterations = Math.max(1, Math.ceil(tokens / room));
  const observedMs = ttftMs - 0.5 * itlMs * (1 - Math.exp(-batch));
  if (observedMs <= 0) return undefined;
  const factors: IterationTimes = [iterations, iterations * batch, tokens + others, iterations * contextTokens];
  return { factors, observedMs, of: "ttft" };
}

function inside(value: number, most: number): boolean {
  return value >= 0 && value <= most;
}
