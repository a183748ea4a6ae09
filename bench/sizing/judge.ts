import { sizeContinuous } from "../../src/model/sizing/size.ts";
import { drawRequests } from "../../src/simulation/drawn-requests.ts";
import { highestRate } from "../../src/simulation/highest-rate.ts";
import { runDrawn } from "../../src/simulation/simulate-replica.ts";
import type { Configuration } from "../../test/simulation/configurations.ts";
import { predecessorRate } from "./predecessors.ts";

/** Who sizes, in the order of the table. */
export const ANALYZERS = ["continuous", "D1", "D2", "D3"] as const;
export type AnalyzerName = (typeof ANALYZERS)[number];

export interface Verdict {
  analyzer: AnalyzerName;
  configuration: string;
  /** Rate sized over the highest that the simulation bears. */
  rateShare: number;
  /**
   * Requests (tokens) outside the target, over what the percentile allows; of the worst target. At most 1: met. NaN at rate 0; Infinity above
   * saturation, where the queue grows for ever though ITL and TPOT may not mind.
   */
  missesOverAllowed: number;
}

export interface JudgeOptions {
  /** Measured requests of each simulation that looks for the highest rate, at least. */
  requests: number;
  seed: number;
}

/** Misses that a percentile allows in each simulation, at least: fewer are noise. */
const LEAST_MISSES = 60;
/** A share of misses near its limit takes more requests than a rate. */
const REQUESTS_JUDGED = 2;

/** What the rates of all analyzers are worth in the simulation. Empty where the simulation bears no rate. */
export function judge(configuration: Configuration, { requests: least, seed }: JudgeOptions): Verdict[] {
  const { profile, mix, targets, name } = configuration;
  const requests = Math.max(least, Math.ceil(LEAST_MISSES / (1 - targets.percentile)));
  const { ratePerSecond: highest, saturatedPerSecond } = highestRate(profile, mix, targets, { requests, seed });
  if (highest === 0) return [];
  const measured = REQUESTS_JUDGED * requests;
  const warmup = Math.ceil(measured / 10);
  const drawn = drawRequests(mix, { count: measured + warmup, seed: seed + 1, balanced: true });
  return ANALYZERS.flatMap((analyzer) => {
    const rate = rateOf(analyzer, configuration);
    if (rate === undefined) return [];
    const misses = rate === 0 ? Number.NaN : missesAt(rate);
    return [{ analyzer, configuration: name, rateShare: rate / highest, missesOverAllowed: misses }];
  });

  function missesAt(rate: number): number {
    if (rate > saturatedPerSecond) return Number.POSITIVE_INFINITY;
    const { met: _met, ...shares } = runDrawn(profile, drawn, rate, { requests: measured, warmup }).attainment(targets);
    const attained = Math.min(...Object.values(shares).filter((share) => share !== undefined));
    return (1 - attained) / (1 - targets.percentile);
  }
}

function rateOf(analyzer: AnalyzerName, configuration: Configuration): number | undefined {
  if (analyzer !== "continuous") return predecessorRate(analyzer, configuration);
  const sized = sizeContinuous(configuration.profile, configuration.mix, configuration.targets);
  return sized.ok ? sized.capacityPerSecond : 0;
}
