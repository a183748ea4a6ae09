import { drawRequests } from "../../src/simulation/drawn-requests.ts";
import { iterationTimes } from "../../src/simulation/iteration-time.ts";
import { quantile } from "../../src/simulation/quantile.ts";
import type { ReplicaRole } from "../../src/simulation/simulate-replica.ts";
import type { ContinuousProfile, LengthMix } from "../../src/snapshot/continuous-profile.ts";

export interface Latencies {
  ttftMs: number;
  itlMs: number;
  tpotMs: number;
  endToEndMs: number;
}

/** A request that is alone in the replica, in closed form; its ITL is the one of its last token, the longest. */
function alone(profile: ContinuousProfile, inputTokens: number, outputTokens: number, cachedTokens: number): Latencies {
  const times = iterationTimes(profile);
  const prompt = Math.max(1, inputTokens - cachedTokens);
  const chunks = profile.chunkedPrefill ? Math.ceil(prompt / profile.maxBatchedTokens) : 1;
  const ttftMs = chunks * times.baseMs + prompt * times.perPromptTokenMs;
  const meanContext = inputTokens + outputTokens / 2;
  const tpotMs = times.baseMs + times.perSequenceMs + times.perContextTokenMs * meanContext;
  const itlMs = times.baseMs + times.perSequenceMs + times.perContextTokenMs * (inputTokens + outputTokens - 1);
  return { ttftMs, itlMs, tpotMs, endToEndMs: ttftMs + tpotMs * (outputTokens - 1) };
}

/** Percentile of each latency over requests that are alone. */
export function unloadedPercentiles(
  profile: ContinuousProfile,
  mix: LengthMix,
  percentile: number,
  role: ReplicaRole = "both",
): Latencies {
  const drawn = drawRequests(mix, { count: 2000, seed: 1, balanced: true });
  const each = Array.from(drawn.inputTokens, (input, i) =>
    alone(profile, input, role === "prefill" ? 1 : drawn.outputTokens[i]!, drawn.cachedTokens[i]!),
  );
  const at = (of: (one: Latencies) => number) => quantile(Float64Array.from(each, of), percentile);
  return {
    ttftMs: at((one) => one.ttftMs),
    itlMs: at((one) => one.itlMs),
    tpotMs: at((one) => one.tpotMs),
    endToEndMs: at((one) => one.endToEndMs),
  };
}
