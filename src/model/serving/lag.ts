import type { LagServing } from "../../snapshot/serving.ts";
import type { ServingSignals } from "../../snapshot/serving-signals.ts";
import { relativeCapacities } from "./capacities.ts";
import { amount, duration, isKnown } from "./numbers.ts";
import { replicas } from "./sentences.ts";
import { type ServingContext, type ServingDemand, unknownDemand } from "./types.ts";

/** Replicas of capacity 1. */
interface Counts {
  asked: number;
  ready: number;
  /** What the smallest variant adds. */
  step: number;
}

interface Wanted {
  replicas: number;
  why: string;
}

/**
 * Lag says that load is above capacity, not by how much load is below it. Above the limit what is ready grows with lag/limit, by one
 * step at least and `maxGrowth` at most; replicas on their way are waited for, so that lag that they will cure is not answered twice.
 * Between the release share and the limit it holds; below it lets go of one step at a time. Idle for long enough: zero.
 */
export function lagDemand(serving: LagServing, signals: ServingSignals, context: ServingContext): ServingDemand {
  const capacities = relativeCapacities(context.variants);
  if (capacities.size === 0) return unknownDemand("no variant can be used: their relative capacities are not above 0");
  const wanted = wantedReplicas(serving, signals, context.nowMs, countsOf(context, capacities));
  if (wanted === undefined) return unknownDemand("its lag is not known");
  return {
    quality: "known",
    unit: "replicas",
    demandPerSecond: wanted.replicas,
    capacities,
    mayShrink: true,
    reason: `${wanted.why} → ${replicas(wanted.replicas)} asked`,
  };
}

function countsOf({ variants }: ServingContext, capacities: ReadonlyMap<string, number>): Counts {
  const sum = (of: "askedReplicas" | "readyReplicas") =>
    variants.reduce((total, variant) => total + (capacities.get(variant.name) ?? 0) * variant[of], 0);
  return { asked: sum("askedReplicas"), ready: sum("readyReplicas"), step: Math.min(...capacities.values()) };
}

function wantedReplicas(
  serving: LagServing,
  { lagMs, lastActivityAtMs }: ServingSignals,
  nowMs: number,
  { asked, ready, step }: Counts,
): Wanted | undefined {
  const idleMs = isKnown(lastActivityAtMs) ? Math.max(0, nowMs - lastActivityAtMs) : undefined;
  const limitMs = serving.idleSeconds === undefined ? Number.POSITIVE_INFINITY : serving.idleSeconds * 1000;
  const isActive = idleMs !== undefined && idleMs < limitMs;
  if (asked === 0) return fromZero(lagMs, isActive ? idleMs : undefined, step);
  if (!isKnown(lagMs)) return undefined;
  if (lagMs === 0 && idleMs !== undefined && !isActive) {
    return { replicas: 0, why: `idle for ${duration(idleMs)}, limit ${duration(limitMs)}` };
  }
  const lag = `lag ${duration(lagMs)}, limit ${duration(serving.limitMs)}, ${amount(ready)} of ${amount(asked)} ready`;
  const ratio = lagMs / serving.limitMs;
  if (ratio > 1) {
    const grown = Math.max(ready * Math.min(ratio, serving.maxGrowth), ready + step);
    return { replicas: Math.max(asked, grown), why: lag };
  }
  if (ratio < serving.releaseShare && ready >= asked) return { replicas: Math.max(step, asked - step), why: lag };
  return { replicas: asked, why: `${lag}: held` };
}

function fromZero(lagMs: number | undefined, activeMs: number | undefined, step: number): Wanted | undefined {
  if (isKnown(lagMs) && lagMs > 0) return { replicas: step, why: `lag ${duration(lagMs)} with nothing running` };
  if (!isKnown(lagMs) && activeMs !== undefined) {
    return { replicas: step, why: `last activity ${duration(activeMs)} ago with nothing running` };
  }
  return isKnown(lagMs) ? { replicas: 0, why: "no lag" } : undefined;
}
