/**
 * What a replica with continuous batching can do: the time of one iteration, and the limits of its scheduler. One iteration that
 * computes `p` prompt tokens, decodes `b` sequences and reads `k` tokens of KV cache takes
 * `baseMs + perPromptTokenMs·p + perSequenceMs·b + perContextTokenMs·k` (the linear form of Vidur, MLSys 2024, and of Sarathi-Serve,
 * OSDI 2024, section 4.3). The first output token comes with the iteration that computes the last prompt token.
 */
export interface ContinuousProfile {
  dialect: "continuous";
  /** Time of an iteration whatever it does. */
  baseMs: number;
  /** Per sequence that is decoded. */
  perSequenceMs: number;
  /** Per prompt token that is computed; tokens found in the prefix cache are not. */
  perPromptTokenMs: number;
  /** Per token of context that decoded sequences read from the KV cache. */
  perContextTokenMs: number;
  /** Sequences in service at once (`max_num_seqs`). */
  maxBatchSize: number;
  /** Tokens that one iteration may compute, decoded sequences first (`max_num_batched_tokens`). */
  maxBatchedTokens: number;
  /** Prompts may be cut over iterations; else a prompt waits until an iteration can compute all of it, without decoding beside. */
  chunkedPrefill: boolean;
  /** Tokens of KV cache; beyond it the youngest sequence is preempted and computed again. Absent: no limit. */
  kvCacheTokens?: number;
  /** Requests that may wait; one that arrives beyond batch and queue is turned away. Absent: no limit. */
  maxQueueSize?: number;
  /** Devices that the times above were measured on, and those of the replica they are scaled to; absent: the same. */
  tensorParallelSize?: TensorParallelSize;
  /** Stages of a pipeline, each a part of the layers: so many iterations are on their way at once. Absent: 1. */
  pipelineParallelSize?: number;
  /** Moving the KV cache of a prompt from a prefill to a decode replica: `baseMs + perTokenMs·tokens`. */
  kvTransfer?: { baseMs: number; perTokenMs: number };
}

export interface TensorParallelSize {
  measured: number;
  used: number;
  /** Share of an iteration's time that more devices do not shorten (communication, launches), 0 to 1. */
  serialShare: number;
}

/** Lengths of requests. Means alone mean fixed lengths. */
export interface LengthMix {
  /** Mean tokens of a prompt, those found in the prefix cache included. */
  inputTokens: number;
  /** Mean tokens of an answer, at least 1. */
  outputTokens: number;
  /** Coefficients of variation; log-normal lengths. 0 or absent: fixed. */
  inputVariation?: number;
  outputVariation?: number;
  /** Observed pairs (input, output), equally likely; they take the place of means and variations. */
  samples?: readonly (readonly [inputTokens: number, outputTokens: number])[];
  /** Share of prompt tokens that the prefix cache has, 0 to 1. */
  prefixCacheHitRate?: number;
}

/** Targets for a percentile of requests (TTFT, end-to-end, TPOT) or of tokens (ITL). Absent or 0: no target. */
export interface PercentileTargets {
  /** 0.5 to 0.99. */
  percentile: number;
  /** From arrival to the first output token, waiting included. */
  ttftMs?: number;
  /** Between two output tokens of a request. */
  itlMs?: number;
  /** Mean time between the output tokens of a request: (last − first) / (outputTokens − 1). */
  tpotMs?: number;
  /** From arrival to the last output token. */
  endToEndMs?: number;
}
