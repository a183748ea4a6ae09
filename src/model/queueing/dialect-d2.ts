import type { ProfileD2, TokenMix } from "../../snapshot/profile.ts";
import type { ServiceModel } from "./service-times.ts";

/**
 * Dialect D2, after llm-d workload-variant-autoscaler@b08b1c7 pkg/analyzer:
 * - iteration time T(n) = α + n·(β·(in + out)/(out + 1) + γ·(in + out/2))
 * - prefill(n) = T(n) + (β + γ)·in, and 0 where in = 0; decode(n) = T(n) + β + γ·(in + out/2)
 * - S(n) = prefill(n) + out·decode(n)
 * - prefill = prefill(X) at the mean number in service X; ITL = (service time − prefill)/out; TTFT = wait + prefill + ITL
 */
export function serviceModelD2(profile: ProfileD2, mix: TokenMix): ServiceModel {
  const { alphaMs: alpha, betaMs: beta, gammaMs: gamma } = profile;
  const { inputTokens, outputTokens } = mix;
  const cached = inputTokens + outputTokens / 2;
  const perRequest = (beta * (inputTokens + outputTokens)) / (outputTokens + 1) + gamma * cached;
  const iteration = (n: number) => alpha + n * perRequest;
  const prefill = (n: number) => (inputTokens === 0 ? 0 : iteration(n) + (beta + gamma) * inputTokens);
  const decode = (n: number) => iteration(n) + beta + gamma * cached;
  return {
    serviceMs: (n) => prefill(n) + outputTokens * decode(n),
    latencies: (queue) => {
      const prefillMs = prefill(queue.numberInService);
      const itlMs = (queue.serviceMs - prefillMs) / outputTokens;
      return { prefillMs, itlMs, ttftMs: queue.waitMs + prefillMs + itlMs };
    },
    refusesOverload: false,
  };
}
