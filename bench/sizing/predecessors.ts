import { size } from "../../src/model/queueing/size.ts";
import { iterationTimes } from "../../src/simulation/iteration-time.ts";
import type { QueueingProfile } from "../../src/snapshot/profile.ts";
import type { Configuration } from "../../test/simulation/configurations.ts";

export type Dialect = QueueingProfile["dialect"];

/** Requests that the predecessors let wait for each place in the batch where nothing is said. */
const QUEUE_PER_PLACE = 10;

/** The profile in the parameters of a dialect, as near as they come. Time per decoded sequence has no place in D2 and D3. */
function profileIn(dialect: Dialect, { profile }: Configuration): QueueingProfile {
  const { baseMs, perSequenceMs, perPromptTokenMs, perContextTokenMs } = iterationTimes(profile);
  const { maxBatchSize, maxQueueSize = QUEUE_PER_PLACE * maxBatchSize } = profile;
  if (dialect === "D1")
    return {
      dialect,
      maxBatchSize,
      maxQueueSize,
      decodeAlphaMs: baseMs,
      decodeBetaMs: perSequenceMs,
      prefillGammaMs: baseMs,
      prefillDeltaMs: perPromptTokenMs,
    };
  const times = { alphaMs: baseMs, betaMs: perPromptTokenMs, gammaMs: perContextTokenMs, maxBatchSize, maxQueueSize };
  return dialect === "D2" ? { dialect, ...times } : { dialect, ...times, maxNumTokens: profile.maxBatchedTokens };
}

/**
 * Requests per second that a predecessor sizes, its mean TTFT held to the target of the percentile and its mean ITL to the lower one of ITL
 * and TPOT. 0: it finds no rate; undefined: it has no such target, or no pipelines.
 */
export function predecessorRate(dialect: Dialect, configuration: Configuration): number | undefined {
  const { mix, targets, profile } = configuration;
  const itl = [targets.itlMs, targets.tpotMs].filter((ms) => ms !== undefined);
  if (profile.pipelineParallelSize !== undefined || (targets.ttftMs === undefined && itl.length === 0))
    return undefined;
  const slo = { ttftMs: targets.ttftMs, itlMs: itl.length === 0 ? undefined : Math.min(...itl) };
  const { inputTokens, outputTokens } = mix;
  const sized = size(profileIn(dialect, configuration), { inputTokens, outputTokens }, slo);
  return sized.ok ? sized.size.offeredPerSecond : 0;
}
