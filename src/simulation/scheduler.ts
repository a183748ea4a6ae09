import type { ContinuousProfile } from "../snapshot/continuous-profile.ts";
import type { Lane } from "./lane.ts";
import type { Sequence } from "./sequence.ts";
import type { WaitingLine } from "./waiting-line.ts";

/** What the lanes of a replica share. */
export interface SharedState {
  readonly waiting: WaitingLine;
  kvTokens: number;
  running: number;
}

export interface SchedulerLimits {
  /** Sequences in service at once, of the replica and of one lane; never more than tokens in a batch. */
  maxRunning: number;
  maxRunningPerLane: number;
  maxBatchedTokens: number;
  kvCacheTokens: number;
  chunkedPrefill: boolean;
}

export function schedulerLimits(profile: ContinuousProfile): SchedulerLimits {
  const maxRunning = Math.min(profile.maxBatchSize, profile.maxBatchedTokens);
  return {
    maxRunning,
    maxRunningPerLane: Math.ceil(maxRunning / (profile.pipelineParallelSize ?? 1)),
    maxBatchedTokens: profile.maxBatchedTokens,
    kvCacheTokens: profile.kvCacheTokens ?? Number.POSITIVE_INFINITY,
    chunkedPrefill: profile.chunkedPrefill,
  };
}

/**
 * Fills the next iteration of a lane: decode first, then prompts in their order, after the scheduler of vLLM (with chunked prefill its
 * V1, without it the prompts-alone rule of its V0). The KV cache of a whole prompt is reserved when it is admitted; a token of
 * each decoding sequence when its step begins, and where that does not fit, the sequence admitted last is preempted and nobody
 * is admitted in that iteration.
 *
 * @returns prompt tokens of the iteration; whether it decodes, the lane knows. 0 and no decode: nothing can run.
 */
export function fillIteration(
  lane: Lane,
  shared: SharedState,
  limits: SchedulerLimits,
  preempted: (sequence: Sequence) => void,
): number {
  admitTransferred(lane, shared, limits);
  if (!limits.chunkedPrefill) {
    const promptTokens = admitPrompts(lane, shared, limits, limits.maxBatchedTokens);
    if (promptTokens > 0) return promptTokens;
  }
  const room = beginDecode(lane, shared, limits, preempted);
  const budget = limits.maxBatchedTokens - lane.decodedInFlight;
  if (!limits.chunkedPrefill) return 0;
  const chunk = computePartial(lane, budget);
  return room ? chunk + admitPrompts(lane, shared, limits, budget - chunk) : chunk;
}

function hasPlace(lane: Lane, shared: SharedState, limits: SchedulerLimits): boolean {
  return shared.running < limits.maxRunning && lane.running < limits.maxRunningPerLane;
}

/** Sequences whose KV cache came with them have nothing to compute: they decode in this very iteration. */
function admitTransferred(lane: Lane, shared: SharedState, limits: SchedulerLimits): void {
  for (;;) {
    const sequence = shared.waiting.first();
    if (sequence === undefined || sequence.promptTokensLeft > 0 || !hasPlace(lane, shared, limits)) return;
    const kvTokens = sequence.request.inputTokens + sequence.generatedTokens - 1;
    if (shared.kvTokens + lane.decoding + kvTokens + 1 > limits.kvCacheTokens) return;
    admit(lane, shared, sequence, kvTokens);
    lane.enterDecoding(sequence);
  }
}

/** @returns whether all sequences kept their place. */
function beginDecode(
  lane: Lane,
  shared: SharedState,
  limits: SchedulerLimits,
  preempted: (sequence: Sequence) => void,
): boolean {
  let room = true;
  while (lane.decoding > 0 && shared.kvTokens + lane.decoding > limits.kvCacheTokens) {
    const sequence = lane.preemptYoungest();
    shared.kvTokens -= sequence.kvTokens;
    shared.running--;
    shared.waiting.addFirst(sequence);
    preempted(sequence);
    room = false;
  }
  if (lane.decoding === 0) return room;
  shared.kvTokens += lane.decoding;
  lane.beginStep();
  return room;
}

function computePartial(lane: Lane, budget: number): number {
  const sequence = lane.partial;
  if (sequence === undefined) return 0;
  const chunk = Math.min(budget, sequence.promptTokensLeft);
  compute(lane, sequence, chunk);
  return chunk;
}

/** @returns tokens of the prompts that were admitted, within `budget`. */
function admitPrompts(lane: Lane, shared: SharedState, limits: SchedulerLimits, budget: number): number {
  let left = budget;
  while (left > 0 && lane.partial === undefined && hasPlace(lane, shared, limits)) {
    const sequence = shared.waiting.first();
    if (sequence === undefined || sequence.promptTokensLeft === 0) break;
    // Computed again it may have outgrown the batch; nothing but an iteration of its own would ever take it.
    const oversized = !limits.chunkedPrefill && sequence.promptTokensLeft > left;
    if (oversized && !(sequence.preemptions > 0 && left === limits.maxBatchedTokens)) break;
    const kvTokens = sequence.request.inputTokens + sequence.generatedTokens;
    if (shared.kvTokens + kvTokens > limits.kvCacheTokens) break;
    admit(lane, shared, sequence, kvTokens);
    const chunk = limits.chunkedPrefill ? Math.min(left, sequence.promptTokensLeft) : sequence.promptTokensLeft;
    compute(lane, sequence, chunk);
    left -= chunk;
  }
  return budget - left;
}

function admit(lane: Lane, shared: SharedState, sequence: Sequence, kvTokens: number): void {
  shared.waiting.removeFirst();
  shared.kvTokens += kvTokens;
  shared.running++;
  lane.admit(sequence, kvTokens);
}

function compute(lane: Lane, sequence: Sequence, chunk: number): void {
  sequence.promptTokensLeft -= chunk;
  if (sequence.promptTokensLeft > 0) lane.partial = sequence;
  else {
    if (lane.partial === sequence) lane.partial = undefined;
    lane.completing.push(sequence);
  }
}
