import type { PercentileTargets } from "../snapshot/continuous-profile.ts";
import { quantile, quantileOfSorted } from "./quantile.ts";
import type { RunCounts, RunRecord } from "./run-record.ts";
import { withinTarget } from "./within-target.ts";

/** Exact, of the sample: pXX is the smallest value that XX % of the sample do not exceed. NaN of an empty sample. */
export interface LatencyDistribution {
  meanMs: number;
  p50Ms: number;
  p90Ms: number;
  p95Ms: number;
  p99Ms: number;
}

/** Means over the measured time. */
export interface RunMeans {
  spanMs: number;
  /** Sequences in a batch. */
  running: number;
  /** Requests waiting or running. */
  present: number;
  kvTokens: number;
  /** Share of time with an iteration on its way. */
  busyShare: number;
}

export interface RunMetrics extends RunCounts, RunMeans {
  ttftMs: LatencyDistribution;
  /** Over tokens. */
  itlMs: LatencyDistribution;
  tpotMs: LatencyDistribution;
  endToEndMs: LatencyDistribution;
  requestsPerSecond: number;
  outputTokensPerSecond: number;
  peakKvTokens: number;
}

/** Shares within each target that is set; turned away because of a full queue counts as missed, too large for the replica not at all. */
export interface Attainment {
  ttft?: number;
  itl?: number;
  tpot?: number;
  endToEnd?: number;
  /** Whether every share reaches the percentile. */
  met: boolean;
}

/** What was seen of the measured requests of a run. */
export class RunResult {
  readonly record: RunRecord;
  readonly means: RunMeans;
  readonly peakKvTokens: number;

  constructor(record: RunRecord, means: RunMeans, peakKvTokens: number) {
    this.record = record;
    this.means = means;
    this.peakKvTokens = peakKvTokens;
  }

  metrics(): RunMetrics {
    const { record, means } = this;
    const { gaps, counts } = record;
    const seconds = means.spanMs / 1000;
    const gapMs = (p: number) => gaps.quantileMs(p);
    return {
      ...counts,
      ...means,
      ttftMs: distribution(record.ttftMs),
      itlMs: { meanMs: gaps.meanMs, p50Ms: gapMs(0.5), p90Ms: gapMs(0.9), p95Ms: gapMs(0.95), p99Ms: gapMs(0.99) },
      tpotMs: distribution(record.tpotMs),
      endToEndMs: distribution(record.endToEndMs),
      requestsPerSecond: counts.finished / seconds,
      outputTokensPerSecond: counts.outputTokens / seconds,
      peakKvTokens: this.peakKvTokens,
    };
  }

  attainment(targets: PercentileTargets): Attainment {
    const { record } = this;
    const shares = {
      ttft: share(record.ttftMs, targets.ttftMs),
      itl: isSet(targets.itlMs) ? record.gaps.shareWithin(targets.itlMs) : undefined,
      tpot: share(record.tpotMs, targets.tpotMs),
      endToEnd: share(record.endToEndMs, targets.endToEndMs),
    };
    const met = Object.values(shares).every((value) => value === undefined || value >= targets.percentile - 1e-12);
    return { ...shares, met };
  }

  /** The largest ratio of a percentile to its target: at most 1 where all are met, 0 without targets. */
  worstRatio(targets: PercentileTargets): number {
    const { record } = this;
    const { percentile } = targets;
    const ratio = (column: Float64Array, targetMs: number | undefined) =>
      isSet(targetMs) ? quantile(column.filter(isValue), percentile) / targetMs : 0;
    const ratios = [
      ratio(record.ttftMs, targets.ttftMs),
      ratio(record.tpotMs, targets.tpotMs),
      ratio(record.endToEndMs, targets.endToEndMs),
      isSet(targets.itlMs) ? record.gaps.quantileMs(percentile) / targets.itlMs : 0,
    ];
    return Math.max(...ratios.map((value) => (Number.isNaN(value) ? 0 : value)));
  }
}

function isSet(targetMs: number | undefined): targetMs is number {
  return targetMs !== undefined && targetMs > 0;
}

function isValue(value: number): boolean {
  return !Number.isNaN(value);
}

/** 1 where no request has such a value. */
function share(column: Float64Array, targetMs: number | undefined): number | undefined {
  if (!isSet(targetMs)) return undefined;
  let within = 0;
  let all = 0;
  for (const value of column) {
    if (Number.isNaN(value)) continue;
    all++;
    if (withinTarget(value, targetMs)) within++;
  }
  return all === 0 ? 1 : within / all;
}

function distribution(column: Float64Array): LatencyDistribution {
  const sorted = column.filter(isValue).sort();
  const at = (p: number) => quantileOfSorted(sorted, p);
  return {
    meanMs: sorted.reduce((sum, value) => sum + value, 0) / sorted.length,
    p50Ms: at(0.5),
    p90Ms: at(0.9),
    p95Ms: at(0.95),
    p99Ms: at(0.99),
  };
}
