import {
  type LatencySignal,
  type ScalarSignal,
  SIGNALS,
  type SignalDefinition,
  type SignalLatency,
  type SignalOrigin,
  type SignalValue,
} from "../../../snapshot/signals.ts";
import type { ReadSignal } from "../catalog/types.ts";
import { meanOf, quantilesOf } from "../histogram/histogram.ts";
import type { SystemReadings } from "./readings.ts";
import type { Scope } from "./scope.ts";
import { type Round, type SubjectValue, subjectValue } from "./subject.ts";

/** Extrapolated rates may make a share a little larger than 1. */
const TOLERANCE = 1.01;

type Known = Extract<SubjectValue, { numerator: number }>;

/** The values that count, and how far they can be relied on together. */
interface Parts {
  known: Known[];
  origin: SignalOrigin;
}

/** A signal of one system over the pods (or queues) of a scope; undefined where the scope has none of its kind. */
function partsOf(
  round: Round,
  sources: readonly SystemReadings[],
  scope: Scope,
  signal: ReadSignal,
  check: (value: Known) => string | undefined,
): Parts | undefined {
  const system = sources[0]?.system;
  const keys = system === undefined ? [] : scope.keys[system.subject];
  if (system === undefined || keys.length === 0) return undefined;
  const values = keys.map((key) => {
    const value = subjectValue(round, sources, key, scope, signal);
    const fault = "numerator" in value ? check(value) : undefined;
    if (fault === undefined || !("numerator" in value)) return value;
    return { state: "rejected" as const, reason: `${fault} from ${key}`, source: value.source };
  });
  const fresh = values.filter((value): value is Known => value.state === "fresh");
  const stale = values.filter((value): value is Known => value.state === "stale");
  const known = fresh.length > 0 ? fresh : stale;
  return { known, origin: originOf(system.name, values, known, keys.length) };
}

function originOf(
  system: string,
  values: readonly SubjectValue[],
  known: readonly Known[],
  expected: number,
): SignalOrigin {
  const count = (state: SubjectValue["state"]) => values.filter((value) => value.state === state).length;
  const fault = values.find((value) => value.state === "rejected");
  const times = known.flatMap((value) => value.atMs ?? []);
  const parts = { reporting: known.length, expected };
  const source = [
    ...new Set((known.length > 0 ? known : values).flatMap((value) => ("source" in value ? value.source : []))),
  ]
    .sort()
    .join("+");
  const base = {
    system,
    parts,
    ...(source !== "" && { source }),
    ...(times.length > 0 && { atMs: Math.min(...times) }),
  };
  if (known.length === 0) {
    if (fault?.state === "rejected") return { quality: "rejected", ...base, reason: fault.reason };
    const missing = values.find((value) => value.state === "missing" && value.reason !== undefined);
    return { quality: "missing", ...base, ...(missing?.state === "missing" && { reason: missing.reason }) };
  }
  if (known[0]?.state === "stale") {
    const reason = times.length === 0 ? "its age is not known" : "the newest sample is too old";
    return { quality: "stale", ...base, reason };
  }
  if (known.length < expected) {
    const others = (["stale", "rejected", "missing"] as const).flatMap((state) => {
      const number = count(state);
      return number === 0 ? [] : [`${number} ${state}`];
    });
    return { quality: "partial", ...base, reason: others.join(", ") };
  }
  if (known.some((value) => value.reset)) return { quality: "reset", ...base, reason: "a counter began anew" };
  return { quality: "fresh", ...base };
}

/** Signals that are no rates say the same before and after a counter began anew. */
const NO_RATES: ReadonlySet<ReadSignal> = new Set<ReadSignal>([
  "runningRequests",
  "waitingRequests",
  "flowControlQueue",
  "kvCacheUtilization",
  "queueLength",
  "acceleratorUtilization",
  "acceleratorMemoryUsed",
  "acceleratorMemoryUtilization",
  "memory",
  "lastActivity",
]);

const SIGNED: SignalDefinition = { unit: "requests/s", combine: "sum", max: 1e12 };

export function scalarOf(
  round: Round,
  sources: readonly SystemReadings[],
  scope: Scope,
  signal: ScalarSignal | "inFlightGrowth",
): SignalValue | undefined {
  const definition = signal === "inFlightGrowth" ? SIGNED : SIGNALS[signal];
  const parts = partsOf(round, sources, scope, signal, (value) =>
    tooLarge(combined(definition, [value]), definition.max),
  );
  if (parts === undefined) return undefined;
  const { known, origin } = parts;
  const kept = NO_RATES.has(signal) && origin.quality === "reset" ? withoutReset(origin) : origin;
  if (known.length === 0) return kept;
  const value = combined(definition, known);
  if (value === undefined) return { ...kept, quality: "missing", reason: "no requests in the window" };
  const fault = tooLarge(value, definition.max);
  if (fault !== undefined) return { ...kept, quality: "rejected", reason: fault };
  return { ...kept, value: Math.min(value, definition.max) };
}

function withoutReset({ reason: _, ...origin }: SignalOrigin): SignalOrigin {
  return { ...origin, quality: "fresh" };
}

function combined({ combine }: SignalDefinition, known: readonly Known[]): number | undefined {
  const numerator = known.reduce((total, value) => total + value.numerator, 0);
  switch (combine) {
    case "sum":
      return numerator;
    case "mean":
      return numerator / known.length;
    case "max":
      return Math.max(...known.map((value) => value.numerator));
    case "ratio": {
      const denominator = known.reduce((total, value) => total + (value.denominator ?? 1), 0);
      return denominator > 0 ? numerator / denominator : undefined;
    }
  }
}

const tooLarge = (value: number | undefined, max: number): string | undefined =>
  value === undefined || value <= max * TOLERANCE ? undefined : `${value} is more than ${max}`;

export function latencyOf(
  round: Round,
  sources: readonly SystemReadings[],
  scope: Scope,
  signal: LatencySignal,
): SignalLatency | undefined {
  const parts = partsOf(round, sources, scope, signal, () => undefined);
  if (parts === undefined) return undefined;
  const { known, origin } = parts;
  if (known.length === 0) return origin;
  const histograms = known.flatMap((value) => value.histograms);
  if (histograms.length === 0) {
    const requests = known.reduce((total, value) => total + (value.denominator ?? 0), 0);
    if (!(requests > 0)) return { ...origin, ratePerSecond: 0 };
    const meanMs = known.reduce((total, value) => total + value.numerator, 0) / requests;
    return { ...origin, ratePerSecond: requests, meanMs };
  }
  const ratePerSecond = histograms.reduce((total, histogram) => total + histogram.count, 0);
  const quantiles = quantilesOf(histograms, round.quantiles);
  const meanMs = meanOf(histograms);
  return {
    ...origin,
    ratePerSecond,
    ...(meanMs !== undefined && { meanMs }),
    ...(quantiles !== undefined && {
      quantiles: quantiles.map(({ quantile, value }) => ({ quantile, valueMs: value })),
    }),
  };
}
