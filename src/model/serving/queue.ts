import type { QueueServing } from "../../snapshot/serving.ts";
import type { ServingSignals } from "../../snapshot/serving-signals.ts";
import { itemCapacities } from "./capacities.ts";
import { amount, duration, isKnown, normalQuantile, percent, rate } from "./numbers.ts";
import { type RequiredRate, requiredRate, startTimeMs, supplyOf } from "./required-rate.ts";
import { oneReplica } from "./sentences.ts";
import { type ServingContext, type ServingDemand, unknownDemand } from "./types.ts";

/** New replicas that would have less than this share of the drain or of their start time to work are too late. */
const LEAST_USEFUL_SHARE = 0.1;
const SHORTEST_MS = 1000;

/**
 * Workers of a queue: what waits and what arrives meanwhile is to be done in time. With backlog B, arrivals λ and T left of the drain
 * time for the oldest item, N = B + λT items on average; their work has the variance φλT + N·cv² (in items; φ the dispersion of
 * arrivals, cv the variation of service times), and W = N + z·√variance covers it with the probability asked for (normal approximation).
 * The rate that does W in T is λ + B/T, more while new replicas start (`requiredRate`). Measured from the oldest item, T shrinks as
 * the backlog does, so that the rate stays; from now on each time, a third of the backlog would be left after the drain time.
 */
export function queueDemand(serving: QueueServing, signals: ServingSignals, context: ServingContext): ServingDemand {
  const { backlog, rateQuantilePerSecond: quantile, ratePerSecond: mean } = signals;
  if (!isKnown(backlog)) return unknownDemand("the length of its queue is not known");
  const capacities = itemCapacities(context.variants);
  if (capacities.size === 0) return unknownDemand("no variant says how long an item takes");
  const arriving = isKnown(quantile) ? quantile : isKnown(mean) ? mean : undefined;
  const perSecond = arriving ?? 0;
  const { drainMs, leftMs, lateBy } = timeLeft(serving, signals, backlog);
  const items = backlog + (perSecond * leftMs) / 1000;
  // A forecast quantile has the spread of the arrivals in it.
  const spread = isKnown(quantile) ? 0 : (serving.arrivalDispersion * perSecond * leftMs) / 1000;
  const variance = spread + items * serving.serviceVariation ** 2;
  const work = items + Math.max(0, normalQuantile(serving.quantile)) * Math.sqrt(variance);
  const startMs = startTimeMs(context.variants, capacities);
  const leastUsefulMs = LEAST_USEFUL_SHARE * Math.max(drainMs, startMs);
  const window = { leftMs, lateMs: drainMs, startMs, leastUsefulMs };
  const required = requiredRate(work, window, supplyOf(context.variants, capacities));
  const infeasible = infeasibility(serving, lateBy, required, startMs);
  const inputs = `backlog ${amount(backlog)} at ${arriving === undefined ? "an unknown rate" : rate(perSecond)} arriving`;
  const sure = work > items ? ` (${rate((work * 1000) / leftMs)} to be ${percent(serving.quantile)} sure)` : "";
  const plain = `${rate((items * 1000) / leftMs)}${sure}`;
  const asked =
    required.urgency > 1 && startMs > 0 ? `${plain}, ${rate(required.perSecond)} with the start time` : plain;
  return {
    quality: arriving === undefined ? "partial" : "known",
    unit: "items",
    demandPerSecond: required.perSecond,
    capacities,
    mayShrink: arriving !== undefined,
    urgency: required.urgency,
    ...(infeasible === undefined ? {} : { infeasible }),
    reason: [`${inputs}, drain in ${duration(leftMs)} → ${asked} asked`, oneReplica(capacities), infeasible]
      .filter((part) => part !== undefined)
      .join("; "),
  };
}

/** What is left of the drain time for the oldest item; where it is late, the drain time starts anew. */
function timeLeft({ drainSeconds }: QueueServing, { oldestAgeMs }: ServingSignals, backlog: number) {
  const drainMs = drainSeconds * 1000;
  const ageMs = backlog > 0 && isKnown(oldestAgeMs) ? oldestAgeMs : 0;
  const isLate = ageMs >= drainMs;
  return {
    drainMs,
    leftMs: isLate ? drainMs : Math.max(SHORTEST_MS, drainMs - ageMs),
    lateBy: isLate ? ageMs : undefined,
  };
}

function infeasibility(
  { drainSeconds }: QueueServing,
  lateBy: number | undefined,
  { late }: RequiredRate,
  startMs: number,
): string | undefined {
  const drain = duration(drainSeconds * 1000);
  if (lateBy !== undefined) return `the oldest item has waited ${duration(lateBy)} of its ${drain}: it is late`;
  if (late) return `new replicas need ${duration(startMs)} to start: too long to drain it in ${drain}`;
  return undefined;
}
