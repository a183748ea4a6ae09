/**
 * CPU time of a replay: an hour of the Azure trace (8,819 requests) on a fleet of forty replicas, by controller.
 *
 *   node bench/replay.ts [--seconds 3600]
 */
import { readFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { readTraceCsv } from "../src/adapters/sim/trace-csv.ts";
import { CONTROLLERS } from "../src/app/replay/types.ts";
import { runReplayJob } from "../src/bin/replay-run.ts";
import { parseSimulation } from "../src/snapshot/simulation/codec.ts";

const { values } = parseArgs({ options: { seconds: { type: "string", default: "3600" } } });
const file = new URL("../examples/data/azure-llm-2023-code.csv", import.meta.url);
const trace = readTraceCsv(readFileSync(file, "utf8"), file.pathname);

/** llama-13b of examples/models.yaml on the A100, and as fast as an H100 is. */
const profile = (factor: number) => ({
  dialect: "continuous",
  baseMs: 20.13 * factor,
  perSequenceMs: 0.087 * factor,
  perPromptTokenMs: 0.087 * factor,
  perContextTokenMs: 0.00271875 * factor,
  maxBatchSize: 64,
  maxBatchedTokens: 2048,
  chunkedPrefill: true,
  kvCacheTokens: 57_000,
});
const parsed = parseSimulation({
  apiVersion: "apportion.dev/v1",
  kind: "Simulation",
  durationSeconds: Number(values.seconds),
  pools: [
    { name: "a100", pricePerDeviceHour: 3.67, nodes: [{ devices: 8, count: 4 }] },
    { name: "h100", pricePerDeviceHour: 6.5, nodes: [{ devices: 8, count: 2 }] },
  ],
  classes: [{ name: "code", priority: 0, demandQuantile: 0.9, slo: { percentile: 0.95, ttftMs: 2000, tpotMs: 100 } }],
  workloads: Array.from({ length: 4 }, (_, i) => ({
    name: `ide/code-${i}`,
    class: "code",
    traffic: [{ type: "trace", scale: 0.25 }],
    variants: [
      { name: `code-${i}-a100`, pool: "a100", devicesPerReplica: 1, profile: profile(1), initialReplicas: 6 },
      { name: `code-${i}-h100`, pool: "h100", devicesPerReplica: 1, profile: profile(0.6), initialReplicas: 4 },
    ],
  })),
});
if (!parsed.ok) throw new Error(JSON.stringify(parsed.violations));
for (const controller of CONTROLLERS) {
  const before = process.cpuUsage();
  const { classes } = await runReplayJob({ controller, simulation: parsed.value, trace });
  const { user, system } = process.cpuUsage(before);
  const requests = classes.reduce((sum, own) => sum + own.requests, 0);
  console.log(`${controller}: ${((user + system) / 1e6).toFixed(2)} s of CPU for ${requests} requests`);
}
process.exit();
