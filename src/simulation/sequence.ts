import type { SimulatedRequest } from "./request.ts";

/** A request inside a replica. While it decodes, its lane keeps count of its tokens for all sequences together. */
export class Sequence {
  readonly request: SimulatedRequest;
  /** Output tokens made when it last entered a batch or left it. */
  generatedTokens: number;
  /** Tokens to compute before the next output token; 0 where the KV cache of all of them is there. */
  promptTokensLeft: number;
  /** KV tokens held when it last entered the decoding sequences; while it computes its prompt, what is reserved. */
  kvTokens = 0;
  /** Steps of its lane when it last entered the decoding sequences. */
  enteredAtStep = 0;
  /** It holds a place in a batch. */
  running = false;
  preemptions = 0;
  /** NaN before the first token. */
  firstTokenMs = Number.NaN;
  lastTokenMs = Number.NaN;

  constructor(request: SimulatedRequest) {
    this.request = request;
    this.generatedTokens = request.generatedTokens ?? 0;
    this.promptTokensLeft = this.generatedTokens > 0 ? 0 : tokensToCompute(request, 0);
    if (this.generatedTokens > 0) {
      this.firstTokenMs = request.arrivalMs;
      this.lastTokenMs = request.arrivalMs;
    }
  }
}

/** Tokens whose KV cache has to be made before the next output token, after `generatedTokens` of the answer. */
export function tokensToCompute(request: SimulatedRequest, generatedTokens: number): number {
  return Math.max(1, request.inputTokens + generatedTokens - request.cachedTokens);
}
