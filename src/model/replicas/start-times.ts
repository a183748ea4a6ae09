import type { VariantMemory } from "../../snapshot/world/memory.ts";

/** Start times that are kept for each variant. */
const KEPT_SAMPLES = 50;
/** Fewer samples say too little: until then the stated time is a lower bound of what is expected. */
const ENOUGH_SAMPLES = 5;
/** Room above the quantile: a quantile is passed by healthy starts, too, and each would quarantine its variant. */
const SLACK = 1.5;
/** And at least this: times are told in whole seconds, and of quick starts half as much again is nothing. */
const LEAST_SLACK_SECONDS = 10;
/** A longer start is no start: the pod turned ready again after something else. */
const LONGEST_START_SECONDS = 6 * 3600;

/** Expected time from scheduled to ready, and the time after which a start has failed. */
export interface StartTimes {
  startMs: number;
  startLimitMs: number;
}

/** Quantile `q` in [0, 1] of the learned seconds, by linear interpolation between order statistics; `stated` without any. */
export function startTimes(memory: VariantMemory | undefined, statedSeconds: number, q: number): StartTimes {
  const samples = memory?.startSeconds ?? [];
  const learned = quantile(samples, q);
  const seconds = samples.length >= ENOUGH_SAMPLES ? learned : Math.max(statedSeconds, learned);
  return { startMs: seconds * 1000, startLimitMs: Math.max(seconds * SLACK, seconds + LEAST_SLACK_SECONDS) * 1000 };
}

export function quantile(samples: readonly number[], q: number): number {
  if (samples.length === 0) return 0;
  const rising = [...samples].sort((a, b) => a - b);
  const at = Math.min(1, Math.max(0, q)) * (rising.length - 1);
  const low = rising[Math.floor(at)]!;
  const high = rising[Math.ceil(at)]!;
  return low + (high - low) * (at - Math.floor(at));
}

/** The samples with one more, where it is one. */
export function withSample(samples: readonly number[], seconds: number): number[] {
  if (!(seconds >= 0) || seconds > LONGEST_START_SECONDS) return [...samples];
  return [...samples, seconds].slice(-KEPT_SAMPLES);
}
