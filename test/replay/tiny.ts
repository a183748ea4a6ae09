import { parseSimulation } from "../../src/snapshot/simulation/codec.ts";
import type { Simulation } from "../../src/snapshot/simulation/types.ts";

const PROFILE = {
  dialect: "continuous",
  baseMs: 20,
  perSequenceMs: 0.5,
  perPromptTokenMs: 0.05,
  perContextTokenMs: 0,
  maxBatchSize: 16,
  maxBatchedTokens: 2048,
  chunkedPrefill: true,
  kvCacheTokens: 20_000,
};

/** Ten minutes of one workload with two ways to serve it; as a file has it. */
export function tinyFile({
  traffic = {},
  initialReplicas = 0,
}: {
  traffic?: object;
  initialReplicas?: number;
}): object {
  const lengths = { inputTokens: 200, outputTokens: 40, inputVariation: 0.5, outputVariation: 0.5 };
  const start = { startSeconds: 60, startVariation: 0.1 };
  return {
    apiVersion: "apportion.dev/v1",
    kind: "Simulation",
    seed: 3,
    durationSeconds: 600,
    pools: [
      { name: "fast", pricePerDeviceHour: 2, nodes: [{ devices: 8, count: 1 }] },
      { name: "slow", pricePerDeviceHour: 1, nodes: [{ devices: 8, count: 1 }] },
    ],
    classes: [{ name: "gold", priority: 0, demandQuantile: 0.9, slo: { percentile: 0.95, ttftMs: 1000, tpotMs: 60 } }],
    workloads: [
      {
        name: "ml/chat",
        class: "gold",
        traffic: [{ type: "steady", ratePerSecond: 4, ...lengths, ...traffic }],
        variants: [
          { name: "chat-fast", pool: "fast", devicesPerReplica: 1, profile: PROFILE, initialReplicas, ...start },
          { name: "chat-slow", pool: "slow", devicesPerReplica: 1, profile: { ...PROFILE, baseMs: 30 }, ...start },
        ],
      },
    ],
  };
}

export function tiny(changes: Parameters<typeof tinyFile>[0]): Simulation {
  const parsed = parseSimulation(tinyFile(changes));
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.violations));
  return parsed.value;
}
