/** One request as a replica sees it. Whole numbers of tokens. */
export interface SimulatedRequest {
  /** The caller's own; nothing is read from it. */
  id: number;
  arrivalMs: number;
  /** Tokens of the prompt, at least 1, those found in the prefix cache included. */
  inputTokens: number;
  /** Tokens of the answer, at least 1. */
  outputTokens: number;
  /** Prompt tokens that the prefix cache has; at least one token is computed all the same. */
  cachedTokens: number;
  /** Output tokens that another replica made, whose KV cache has come with the request. Absent: 0. */
  generatedTokens?: number;
}

/** `queue-full`: batch and queue were full. `too-large`: no state of this replica can ever serve it. */
export type RejectReason = "queue-full" | "too-large";
