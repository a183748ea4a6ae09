import { MAX_RATE } from "../../snapshot/limits.ts";
import type { Serving } from "../../snapshot/serving.ts";
import type { ServingSignals } from "../../snapshot/serving-signals.ts";
import { batchDemand } from "./batch.ts";
import { requestCapacities } from "./capacities.ts";
import { lagDemand } from "./lag.ts";
import { isKnown, rate } from "./numbers.ts";
import { queueDemand } from "./queue.ts";
import { oneReplica, replicas } from "./sentences.ts";
import { type ServingContext, type ServingDemand, type ServingVariant, unknownDemand } from "./types.ts";
import { utilizationDemand } from "./utilization.ts";

/**
 * Demand of a workload and capacity of its variants, whatever its kind of serving: pure, and never a number that is not one. Variants
 * whose counts or times are not numbers are taken as having none.
 */
export function demandOf(serving: Serving, signals: ServingSignals, context: ServingContext): ServingDemand {
  const demand = demandByKind(serving, signals, { ...context, variants: context.variants.map(cleaned) });
  if (demand.quality === "unknown") return demand;
  if (!isKnown(demand.demandPerSecond)) return unknownDemand(`${demand.reason}: that is no demand`);
  return { ...demand, demandPerSecond: Math.min(MAX_RATE, demand.demandPerSecond) };
}

function demandByKind(serving: Serving, signals: ServingSignals, context: ServingContext): ServingDemand {
  switch (serving.kind) {
    case "llm":
      return requestDemand(signals, context);
    case "utilization":
      return utilizationDemand(serving, signals, context);
    case "queue":
      return queueDemand(serving, signals, context);
    case "lag":
      return lagDemand(serving, signals, context);
    case "batch":
      return batchDemand(serving, signals, context);
    case "fixed":
      return fixedDemand(serving.replicas, context);
  }
}

function cleaned(variant: ServingVariant): ServingVariant {
  const count = (value: number) => (isKnown(value) ? value : 0);
  return {
    ...variant,
    askedReplicas: count(variant.askedReplicas),
    readyReplicas: count(variant.readyReplicas),
    comingInMs: variant.comingInMs.filter((readyInMs) => Number.isFinite(readyInMs)),
    startMs: count(variant.startMs),
  };
}

function requestDemand(signals: ServingSignals, { variants }: ServingContext): ServingDemand {
  const { rateQuantilePerSecond: quantile, ratePerSecond: mean } = signals;
  const perSecond = isKnown(quantile) ? quantile : mean;
  if (!isKnown(perSecond)) return unknownDemand("its request rate is not known");
  const capacities = requestCapacities(variants);
  if (capacities.size === 0) return unknownDemand("no variant has a capacity inside its SLO");
  const what = isKnown(quantile) ? "forecast" : "arriving";
  return {
    quality: "known",
    unit: "requests",
    demandPerSecond: perSecond,
    capacities,
    mayShrink: true,
    reason: `${rate(perSecond)} ${what}; ${oneReplica(capacities)}`,
  };
}

function fixedDemand(count: number, { variants }: ServingContext): ServingDemand {
  if (!isKnown(count)) return unknownDemand("its fixed count is not a number");
  return {
    quality: "known",
    unit: "replicas",
    demandPerSecond: count,
    capacities: new Map(variants.map(({ name }) => [name, 1])),
    mayShrink: true,
    reason: `${replicas(count)} are stated`,
  };
}
