import type { ProfileD1, TokenMix } from "../../snapshot/profile.ts";
import type { ServiceModel } from "./service-times.ts";

/**
 * Dialect D1, after llm-inferno/optimizer@8a61a92 pkg/analyzer with queue-analysis v0.1.0:
 * - prefill(n) = γ + δ·in·n, and 0 where in = 0
 * - S(n) = prefill(n) + (out − 1)·(α + β·n)
 * - n_eff = (service time − (γ + α·(out − 1))) / (δ·in + β·(out − 1)), within 0 and the batch size: the batch at which a
 *   request would take the mean service time (γ counts in it even where in = 0, as in the source)
 * - ITL = α + β·n_eff; prefill = γ + δ·in·n_eff; TTFT = wait + prefill
 */
export function serviceModelD1(profile: ProfileD1, mix: TokenMix): ServiceModel {
  const { decodeAlphaMs: alpha, decodeBetaMs: beta, prefillGammaMs: gamma, prefillDeltaMs: delta } = profile;
  const { inputTokens, outputTokens } = mix;
  const decodes = outputTokens - 1;
  const fixed = gamma + alpha * decodes;
  const perRequest = delta * inputTokens + beta * decodes;
  const prefill = (n: number) => (inputTokens === 0 ? 0 : gamma + delta * inputTokens * n);
  return {
    serviceMs: (n) => prefill(n) + decodes * (alpha + beta * n),
    latencies: (queue) => {
      // Without a part that grows with the batch, every batch takes the same time: none is more effective than another.
      const raw = perRequest > 0 ? (queue.serviceMs - fixed) / perRequest : 0;
      const effective = Math.min(profile.maxBatchSize, Math.max(0, raw));
      const prefillMs = prefill(effective);
      return { prefillMs, itlMs: alpha + beta * effective, ttftMs: queue.waitMs + prefillMs };
    },
    refusesOverload: true,
  };
}
