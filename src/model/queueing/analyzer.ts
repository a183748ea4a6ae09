import { InputError } from "../../domain/input-error.ts";
import { shown } from "../../domain/violation.ts";
import type { QueueingProfile, TokenMix } from "../../snapshot/profile.ts";
import { birthDeathMeans } from "./birth-death.ts";
import { checkQueueInput, rateViolations } from "./check-input.ts";
import type { ReplicaMetrics } from "./metrics.ts";
import { serviceModel } from "./service-model.ts";
import type { ServiceModel } from "./service-times.ts";

/** Distance from the two ends of the range of rates that is searched: μ(1)·0.001 to μ(N)·(1 − 0.001). */
const RANGE_MARGIN = 0.001;

/** One replica at one token mix, ready to be asked at many rates. */
export interface Analyzer {
  minRatePerSecond: number;
  /** The highest rate that the predecessors size for: just below what a full batch completes. */
  maxRatePerSecond: number;
  /** Means at an offered rate (requests per second). No check of the rate. */
  at(ratePerSecond: number): ReplicaMetrics;
}

/** @throws InputError for parameters that cannot be meant. */
export function analyzerOf(profile: QueueingProfile, mix: TokenMix): Analyzer {
  checkQueueInput(profile, mix);
  const model = serviceModel(profile, mix);
  const departures = departureRates(model, profile.maxBatchSize);
  const capacity = profile.maxBatchSize + profile.maxQueueSize;
  return {
    minRatePerSecond: (departures[0] ?? 0) * RANGE_MARGIN * 1000,
    maxRatePerSecond: (departures.at(-1) ?? 0) * (1 - RANGE_MARGIN) * 1000,
    at: (ratePerSecond) => {
      const queue = birthDeathMeans(ratePerSecond / 1000, departures, capacity);
      return { ...queue, ...model.latencies(queue) };
    },
  };
}

/**
 * Means of one replica that is offered `ratePerSecond`. Blocked requests (waiting room full) do not count as throughput.
 * @throws InputError for parameters or a rate that cannot be meant; dialect D1 refuses rates above its highest.
 */
export function analyze(profile: QueueingProfile, mix: TokenMix, ratePerSecond: number): ReplicaMetrics {
  const violations = rateViolations(ratePerSecond);
  if (violations.length > 0) throw new InputError(violations);
  const analyzer = analyzerOf(profile, mix);
  if (serviceModel(profile, mix).refusesOverload && ratePerSecond > analyzer.maxRatePerSecond) {
    throw new InputError([
      {
        path: "ratePerSecond",
        value: shown(ratePerSecond),
        rule: `at most ${analyzer.maxRatePerSecond}: dialect ${profile.dialect} has no answer for an overloaded replica`,
        fix: "offer less, or spread it over more replicas",
      },
    ]);
  }
  return analyzer.at(ratePerSecond);
}

/** μ(n) = n/S(n), per ms, for n = 1..N. */
function departureRates(model: ServiceModel, maxBatchSize: number): number[] {
  return Array.from({ length: maxBatchSize }, (_, i) => (i + 1) / model.serviceMs(i + 1));
}
