import { readFileSync } from "node:fs";
import type { QueueingProfile, SloTargets, TokenMix } from "../../src/snapshot/profile.ts";

interface RawMetrics {
  avgITL_ms: number;
  avgNumInServ: number;
  avgPrefillTime_ms: number;
  avgRespTime_ms: number;
  avgTTFT_ms: number;
  avgWaitTime_ms: number;
  maxRate_rps: number;
  rho: number;
  throughput_rps: number;
}

interface RawPoint {
  id: string;
  dialect: "D1" | "D2" | "D3";
  params: Record<string, number>;
  requestRate_rps: number;
  rateRange_rps: { min: number; max: number };
  targets: { ttft_ms: number; itl_ms: number; tps: number };
  analyze: RawMetrics;
  size?: {
    metricsAtMinRate: RawMetrics;
    rateForITL_rps: number;
    rateForTPS_rps: number;
    rateForTTFT_rps: number;
  };
  size_error?: string;
}

/** A reference point in the words of this project. */
export interface Point extends Omit<RawPoint, "params" | "targets"> {
  profile: QueueingProfile;
  mix: TokenMix;
  slo: SloTargets;
}

export type { RawMetrics };

const FILE = new URL("../fixtures/queueing/points.json", import.meta.url);

export function readPoints(): Point[] {
  const file = JSON.parse(readFileSync(FILE, "utf8")) as { points: RawPoint[] };
  return file.points.map((raw) => {
    const { params, targets, ...rest } = raw;
    return {
      ...rest,
      profile: profileOf(raw.dialect, params),
      mix: { inputTokens: field(params, "avgInTokens"), outputTokens: field(params, "avgOutTokens") },
      slo: { ttftMs: targets.ttft_ms, itlMs: targets.itl_ms, tps: targets.tps },
    };
  });
}

function profileOf(dialect: RawPoint["dialect"], params: Record<string, number>): QueueingProfile {
  const sizes = { maxBatchSize: field(params, "maxBatchSize"), maxQueueSize: field(params, "maxQueueSize") };
  if (dialect === "D1") {
    return {
      dialect,
      decodeAlphaMs: field(params, "decode_alpha_ms"),
      decodeBetaMs: field(params, "decode_beta_ms_per_req"),
      prefillGammaMs: field(params, "prefill_gamma_ms"),
      prefillDeltaMs: field(params, "prefill_delta_ms_per_token_req"),
      ...sizes,
    };
  }
  const times = {
    alphaMs: field(params, "alpha_ms"),
    betaMs: field(params, "beta_ms_per_token"),
    gammaMs: field(params, "gamma_ms_per_token"),
    ...sizes,
  };
  return dialect === "D2" ? { dialect, ...times } : { dialect, ...times, maxNumTokens: field(params, "maxNumTokens") };
}

function field(params: Record<string, number>, name: string): number {
  const value = params[name];
  if (value === undefined) throw new Error(`points.json: no ${name}`);
  return value;
}
