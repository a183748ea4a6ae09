import type { BatchServing } from "../../snapshot/serving.ts";
import type { ServingSignals } from "../../snapshot/serving-signals.ts";
import { itemCapacities } from "./capacities.ts";
import { amount, duration, isKnown, rate } from "./numbers.ts";
import { requiredRate, startTimeMs, supplyOf } from "./required-rate.ts";
import { oneReplica } from "./sentences.ts";
import { type ServingContext, type ServingDemand, unknownDemand } from "./types.ts";

/** New replicas that would have less than this share of their start time to work are too late. */
const LEAST_USEFUL_SHARE = 0.1;

/**
 * Remaining work R until a deadline T away: R/T with replicas that are there; with new ones, ready after S, Σ c + (R − Σ c·T)/(T − S)
 * (`requiredRate`). A deadline that is past, or too near for any start, cannot be met: that is said, and what is left is to be done
 * within `lateSeconds` instead.
 */
export function batchDemand(serving: BatchServing, signals: ServingSignals, context: ServingContext): ServingDemand {
  const { remainingItems: remaining } = signals;
  const deadlineAtMs = isKnown(signals.deadlineAtMs) ? signals.deadlineAtMs : serving.deadlineAtMs;
  if (!isKnown(remaining)) return unknownDemand("it is not known how much of the batch is left");
  if (!isKnown(deadlineAtMs)) return unknownDemand("its deadline is not known");
  const capacities = itemCapacities(context.variants);
  if (capacities.size === 0) return unknownDemand("no variant says how long an item takes");
  const lateMs = serving.lateSeconds * 1000;
  const leftMs = deadlineAtMs - context.nowMs;
  const isPast = leftMs <= 0;
  const startMs = startTimeMs(context.variants, capacities);
  const leastUsefulMs = LEAST_USEFUL_SHARE * startMs;
  const window = { leftMs: isPast ? lateMs : leftMs, lateMs, startMs, leastUsefulMs };
  const required = requiredRate(remaining, window, supplyOf(context.variants, capacities));
  const instead = `what is left is asked for within ${duration(lateMs)}`;
  const infeasible =
    remaining === 0
      ? undefined
      : isPast
        ? `the deadline was ${duration(-leftMs)} ago: ${instead}`
        : required.late
          ? `new replicas need ${duration(startMs)} to start: too long for the deadline; ${instead}`
          : undefined;
  const inputs = `${amount(remaining)} items left, ${isPast ? "its deadline is past" : `${duration(leftMs)} to the deadline`}`;
  const start = required.urgency > 1 && startMs > 0 ? `, ${duration(startMs)} to start` : "";
  return {
    quality: "known",
    unit: "items",
    demandPerSecond: required.perSecond,
    capacities,
    mayShrink: true,
    urgency: required.urgency,
    ...(infeasible === undefined ? {} : { infeasible }),
    reason: [`${inputs}${start} → ${rate(required.perSecond)} asked`, oneReplica(capacities), infeasible]
      .filter((part) => part !== undefined)
      .join("; "),
  };
}
