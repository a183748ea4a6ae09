/**
 * CPU time of sizing: workloads of different lengths and targets, each on 20 types of replicas.
 *
 *   node bench/sizing-speed.ts [--workloads 10000]
 */
import { parseArgs } from "node:util";
import { capacityInsideSlo } from "../src/model/capacity.ts";
import { SizingCache } from "../src/model/sizing/cache.ts";
import { Random } from "../src/simulation/random.ts";
import type { ContinuousProfile } from "../src/snapshot/continuous-profile.ts";

const { values } = parseArgs({ options: { workloads: { type: "string", default: "10000" } } });
const random = new Random(3);
const types = Array.from(
  { length: 20 },
  (): ContinuousProfile => ({
    dialect: "continuous",
    baseMs: random.logBetween(5, 40),
    perSequenceMs: random.logBetween(0.02, 0.6),
    perPromptTokenMs: random.logBetween(0.02, 0.3),
    perContextTokenMs: random.logBetween(1e-6, 2e-4),
    maxBatchSize: Math.round(random.logBetween(16, 256)),
    maxBatchedTokens: 2048,
    chunkedPrefill: true,
    kvCacheTokens: Math.round(random.logBetween(1e5, 8e5)),
  }),
);
const workloads = Array.from({ length: Number(values.workloads) }, (_, i) => ({
  mix: {
    inputTokens: Math.round(random.logBetween(50, 4000)),
    outputTokens: Math.round(random.logBetween(10, 600)),
    ...(i % 2 === 0 ? {} : { inputVariation: random.between(0.3, 2), outputVariation: random.between(0.3, 2) }),
  },
  slo: { ttftMs: random.logBetween(300, 3000), itlMs: random.logBetween(40, 200), percentile: 0.95 },
}));
const count = workloads.length * types.length;

function measured(what: string, run: () => void): void {
  const before = process.cpuUsage();
  run();
  const { user, system } = process.cpuUsage(before);
  const us = user + system;
  console.log(`${what}: ${(us / 1e6).toFixed(2)} s of CPU for ${count} sizings, ${(us / count).toFixed(2)} µs each`);
}

const all = (size: (type: ContinuousProfile, workload: (typeof workloads)[number]) => void) => () => {
  for (const workload of workloads) for (const type of types) size(type, workload);
};
const plain = all((type, { mix, slo }) => capacityInsideSlo(type, mix, slo));
const cache = new SizingCache(count);
const cached = all((type, { mix, slo }) => cache.capacity(type, mix, slo));
measured("cold", plain);
measured("warm", plain);
measured("cache, empty", cached);
measured("cache, nothing changed", cached);
