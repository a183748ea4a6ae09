import type { ProfileD3 } from "../../src/snapshot/profile.ts";
import type { AcceleratorRow, ModelRow, ModelTable } from "./tables.ts";

/**
 * Profile of a replica of `devices` devices: the published times on the A100, carried over by memory bandwidth and √devices; the batch
 * by memory of the replica and tokens of a request. The rule and its source stand in `examples/models.yaml`.
 */
export function profileOn(
  table: ModelTable,
  model: ModelRow,
  accelerator: AcceleratorRow,
  devices: number,
  tokens: number,
): ProfileD3 {
  const { reference } = table;
  const slower = (reference.memoryBandwidthGBs / accelerator.memoryBandwidthGBs) * Math.sqrt(model.devices / devices);
  const memory = (devices * accelerator.memoryGib) / (model.devices * reference.memoryGib);
  const maxBatchSize = Math.max(1, Math.floor((model.batch * model.atTokens * memory) / tokens));
  return {
    dialect: "D3",
    alphaMs: round(model.alphaMs * slower),
    betaMs: round(model.betaMs * slower),
    gammaMs: round(model.gammaMs * slower),
    maxBatchSize,
    maxQueueSize: maxBatchSize * table.queueToBatch,
    maxNumTokens: table.maxNumTokens,
  };
}

/** Six digits: more than was ever measured, and the same text on every machine. */
export function round(value: number): number {
  return Number(value.toPrecision(6));
}
