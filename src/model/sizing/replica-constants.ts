import type { ContinuousProfile, LengthMix } from "../../snapshot/continuous-profile.ts";
import { CALIBRATION } from "./calibration.ts";
import { type Lengths, lengthsOf } from "./lengths.ts";
import type { ReplicaRole } from "./types.ts";

/**
 * A replica and its requests as the numbers that the analyzer computes with. Times in ms, rates per ms. A pipeline of S stages is S
 * lanes of equal parts: each sees 1/S of the requests, and has 1/S of the places and of the KV cache.
 */
export interface ReplicaConstants {
  role: ReplicaRole;
  lengths: Lengths;
  lanes: number;
  /** Time of an iteration whatever it does. */
  baseMs: number;
  /** Of one sequence in one decode step, its context included. */
  sequenceMs: number;
  /** Of a prompt token that is computed. */
  promptTokenMs: number;
  /** Tokens of an iteration of a lane. */
  budget: number;
  /** Prompts are computed in iterations of their own, before any decoding. */
  alone: boolean;
  /** Decode steps of a request, on average: its output tokens after the first; none in a prefill replica. */
  steps: number;
  /** Sequences that a lane serves at once: by the batch, or by what the KV cache holds of average sequences. */
  places: number;
  /** Sequences that the KV cache of a lane holds on average; Infinity without a limit. */
  kvPlaces: number;
  /** Coefficient of variation of the tokens that a sequence holds, and what that is of a decode step, ms. */
  heldVariation: number;
  contextDeviationMs: number;
  /** Requests that may wait for a lane. */
  maxQueue: number;
  /** Of the KV cache of a prompt, mean and variance over requests; roles apart only. */
  transferMs: number;
  /** Work of a request in a lane: its decode steps, its prompt. */
  decodeMs: number;
  prefillMs: number;
  /** Iterations that a prompt takes, on average. */
  chunks: number;
  /** Share of the prompts of another lane that a lane waits for when all places are taken. */
  crossedFull: number;
}

/** Share of another lane's prompt that a lane waits for. */
const ALONE_CROSSED = 0.7;
const CROSSED = 0.65;

export function replicaConstants(profile: ContinuousProfile, mix: LengthMix, role: ReplicaRole): ReplicaConstants {
  const lengths = lengthsOf(mix);
  const alone = !profile.chunkedPrefill && role !== "decode";
  const factor = parallelFactor(profile);
  const lanes = profile.pipelineParallelSize ?? 1;
  const steps = role === "prefill" ? 0 : lengths.steps;
  const contextMean = lengths.steps > 0 ? lengths.context / lengths.steps : lengths.inputMean;
  const sequenceMs =
    role === "prefill" ? 0 : factor * (profile.perSequenceMs + profile.perContextTokenMs * contextMean);
  const promptTokenMs = role === "decode" ? 0 : factor * profile.perPromptTokenMs;
  const held = role === "prefill" ? lengths.inputMean : contextMean;
  const kvTokens = profile.kvCacheTokens ?? Number.POSITIVE_INFINITY;
  // The prompt at the head of the line does not fit into what is left: about half of it stays empty.
  const unused = Math.min(0.4 * kvTokens, (CALIBRATION.kvUnused * lengths.input2) / lengths.inputMean);
  const kvPlaces = Math.max(1, (kvTokens - unused) / held) / lanes;
  const batchPlaces = Math.min(profile.maxBatchSize, profile.maxBatchedTokens) / lanes;
  const budget = profile.maxBatchedTokens;
  const square = lengths.steps > 0 ? lengths.context2 / lengths.steps / contextMean ** 2 : 1;
  return {
    role,
    lengths,
    lanes,
    baseMs: factor * profile.baseMs,
    sequenceMs,
    promptTokenMs,
    budget,
    alone,
    steps,
    places: Math.min(batchPlaces, kvPlaces),
    kvPlaces,
    heldVariation: Math.sqrt(Math.max(0, square - 1)),
    contextDeviationMs:
      role === "prefill" ? 0 : factor * profile.perContextTokenMs * contextMean * Math.sqrt(Math.max(0, square - 1)),
    maxQueue: (profile.maxQueueSize ?? Number.POSITIVE_INFINITY) / lanes,
    transferMs: transferMs(profile, lengths),
    decodeMs: steps * sequenceMs,
    // Where every iteration is full of prompts, lanes are alike and no one waits.
    crossedFull: CROSSED * Math.max(0, 1 - lengths.computed / budget / 1.5),
    // Lanes do not compute prompts side by side where prompts have iterations of their own: one holds up the others.
    prefillMs: lengths.computed * promptTokenMs * (alone ? 1 + ALONE_CROSSED * (lanes - 1) : 1),
    chunks: role === "decode" ? 0 : profile.chunkedPrefill ? Math.max(1, lengths.computed / budget + 0.5) : 1,
  };
}

/** Time on the replica's devices over the measured one: what is not serial shortens with their number (Amdahl, AFIPS 1967). */
function parallelFactor({ tensorParallelSize: size }: ContinuousProfile): number {
  return size === undefined ? 1 : size.serialShare + ((1 - size.serialShare) * size.measured) / size.used;
}

function transferMs({ kvTransfer }: ContinuousProfile, lengths: Lengths): number {
  return kvTransfer === undefined ? 0 : kvTransfer.baseMs + kvTransfer.perTokenMs * lengths.inputMean;
}
