import type { ProfileD3, TokenMix } from "../../snapshot/profile.ts";
import type { ServiceModel } from "./service-times.ts";

/**
 * Dialect D3, after llm-inferno/queue-analysis v0.7.0 pkg/analyzer (used by optimizer-light@77615bd): prefill in chunks.
 * - c(n) = the fewest chunks k with N_k ≥ n, N_k = floor(max(0, (k + out)·(maxNumTokens − in/k)/(in + out)))
 * - prefill work w_p = (β + γ·(c + 1)/2)·in; decode work w_d = β·out + γ·out·(in + (out + 1)/2)
 * - work of one request in an iteration: δ(c) = (w_p + w_d)/(c + out); S(n) = (c + out)·(α + n·δ(c))
 * - prefill = c·max(0, α + (X − 1)·δ) + w_p with c = c(round(X)); ITL = (service time − prefill)/out;
 *   TTFT = wait + prefill + ITL
 */
export function serviceModelD3(profile: ProfileD3, mix: TokenMix): ServiceModel {
  const { alphaMs: alpha, betaMs: beta, gammaMs: gamma, maxBatchSize } = profile;
  const { inputTokens, outputTokens } = mix;
  const chunks = chunkTable(profile, mix);
  const chunksAt = (n: number) => chunks[Math.min(maxBatchSize, Math.max(1, n))] ?? 1;
  const prefillWork = (c: number) => (beta + (gamma * (c + 1)) / 2) * inputTokens;
  const decodeWork = beta * outputTokens + gamma * outputTokens * (inputTokens + (outputTokens + 1) / 2);
  const share = (c: number) => (prefillWork(c) + decodeWork) / (c + outputTokens);
  return {
    serviceMs: (n) => {
      const c = chunksAt(n);
      return (c + outputTokens) * (alpha + n * share(c));
    },
    latencies: (queue) => {
      const c = chunksAt(Math.round(queue.numberInService));
      const prefillMs = c * Math.max(0, alpha + (queue.numberInService - 1) * share(c)) + prefillWork(c);
      const itlMs = (queue.serviceMs - prefillMs) / outputTokens;
      return { prefillMs, itlMs, ttftMs: queue.waitMs + prefillMs + itlMs };
    },
    refusesOverload: false,
  };
}

/** Chunks by number in service, from index 1. `checkQueueInput` bounds the batch, and N_k grows at least linearly in k. */
function chunkTable(profile: ProfileD3, mix: TokenMix): number[] {
  const table = [0];
  const total = mix.inputTokens + mix.outputTokens;
  for (let k = 1; table.length <= profile.maxBatchSize; k++) {
    const fits = ((k + mix.outputTokens) * (profile.maxNumTokens - mix.inputTokens / k)) / total;
    const highest = Math.min(profile.maxBatchSize, Math.floor(Math.max(0, fits)));
    while (table.length <= highest) table.push(k);
  }
  return table;
}
