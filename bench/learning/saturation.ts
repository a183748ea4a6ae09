import { observeSaturation, type SaturationSample, type SaturationState } from "../../src/model/learning/saturation.ts";
import { capacityFromSaturation } from "../../src/model/learning/saturation-capacity.ts";
import { simulateReplica } from "../../src/simulation/simulate-replica.ts";
import { percent, STATED, signed } from "./times.ts";

const MIX = { inputTokens: 1_000, outputTokens: 200, inputVariation: 1, outputVariation: 1 };
const KV_CACHE_TOKENS = 60_000;
const PROFILE = { ...STATED, kvCacheTokens: KV_CACHE_TOKENS };
const REQUESTS = 100;

/** Rows of a table: loads up to a share of the capacity, and what is made of them. */
export function learnSaturation(): string[][] {
  const truth = saturatedRate();
  return [0.3, 0.5, 0.7, 0.9, 1.1].flatMap((most) => {
    let state: SaturationState | undefined;
    return Array.from({ length: 120 }, (_, i) => i).flatMap((i) => {
      state = observeSaturation(state, sampleAt(truth * (0.2 + (most - 0.2) * (0.5 + 0.5 * Math.sin(i / 10))), i));
      if (i !== 9 && i !== 119) return [];
      const capacity = capacityFromSaturation(state);
      if (!capacity.ok) return [];
      const { perSecond, confidence } = capacity;
      return [
        [
          String(i + 1),
          percent(most),
          perSecond.toFixed(2),
          truth.toFixed(2),
          signed(perSecond / truth - 1),
          confidence.toFixed(2),
        ],
      ];
    });
  });
}

function sampleAt(ratePerSecond: number, i: number): SaturationSample {
  const { means } = simulateReplica(PROFILE, MIX, { ratePerSecond, seed: i + 1, requests: REQUESTS, warmup: 150 });
  return {
    atMs: Date.UTC(2026, 0, 5) + i * 15_000,
    ratePerSecond,
    kvCacheUtilization: Math.min(1, means.kvTokens / KV_CACHE_TOKENS),
    queueLength: Math.max(0, means.present - means.running),
    running: means.running,
    sinceReadyMs: 3_600_000,
  };
}

/** Rate at which long runs have the cache 80 % in use, or five requests waiting: by bisection. */
function saturatedRate(): number {
  let [low, high] = [0.1, 50];
  for (let i = 0; i < 12; i++) {
    const middle = (low + high) / 2;
    const { means } = simulateReplica(PROFILE, MIX, { ratePerSecond: middle, seed: 1, requests: 1_500 });
    const saturated = means.kvTokens >= 0.8 * KV_CACHE_TOKENS || means.present - means.running >= 5;
    if (saturated) high = middle;
    else low = middle;
  }
  return low;
}
