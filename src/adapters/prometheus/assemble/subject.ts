import { type ScalarSignal, SIGNALS } from "../../../snapshot/signals.ts";
import type { ReadSignal, RecordedQuery } from "../catalog/types.ts";
import type { Histogram } from "../histogram/histogram.ts";
import type { SubjectReadings, SystemReadings } from "./readings.ts";
import type { Scope } from "./scope.ts";
import { claimKey } from "./scope.ts";

/** What is asked for, the same for all subjects of a round. */
export interface Round {
  nowMs: number;
  staleAfterMs: number;
  quantiles: readonly number[];
  /** Readings of each system by source, sources in the order of the configuration. */
  systems: readonly SystemReadings[][];
  ambiguous: ReadonlySet<string>;
}

/** What is known of one signal of one subject. */
export type SubjectValue =
  | { state: "missing"; reason?: string }
  | { state: "rejected"; reason: string; source: string }
  | {
      state: "fresh" | "stale";
      source: string;
      atMs?: number;
      reset: boolean;
      numerator: number;
      denominator?: number;
      histograms: Histogram[];
    };

const RANK: Record<SubjectValue["state"], number> = { fresh: 0, stale: 1, rejected: 2, missing: 3 };

/** Of several sources the one that knows best; among equals the first of the configuration. */
export function subjectValue(
  round: Round,
  sources: readonly SystemReadings[],
  key: string,
  scope: Scope,
  signal: ReadSignal,
): SubjectValue {
  let best: SubjectValue = { state: "missing" };
  for (const readings of sources) {
    const value = valueIn(round, readings, key, scope, signal);
    if (RANK[value.state] < RANK[best.state]) best = value;
    if (best.state === "fresh") break;
  }
  return best;
}

function valueIn(round: Round, readings: SystemReadings, key: string, scope: Scope, signal: ReadSignal): SubjectValue {
  const { system, bySignal, source } = readings;
  const byModel = system.modelLabels !== undefined;
  const claimed = round.ambiguous.has(claimKey(system.subject, key));
  if (claimed && (system.subject !== "pod" || (byModel && scope.models === undefined))) {
    return { state: "missing", reason: `${key} belongs to several workloads` };
  }
  const all = [...(readings.subjects.get(key) ?? [])];
  // Queries of a configuration need not name the model: the subject is then as old as what is known of it otherwise.
  const seenMs = all.map(([, found]) => found.atMs).filter((time) => time !== undefined);
  const usualMs = seenMs.length === 0 ? undefined : Math.max(...seenMs);
  const models = all
    .filter(([model]) => !byModel || model === "" || scope.models === undefined || scope.models.has(model))
    .map(([, found]) => (found.atMs === undefined ? { ...found, atMs: usualMs } : found));
  const rows = bySignal.get(signal) ?? [];
  for (const found of models) {
    const fault = rows.map((query) => found.rejected.get(query.name)).find((text) => text !== undefined);
    if (fault !== undefined) return { state: "rejected", reason: `${fault} from ${key}`, source };
  }
  return signal === "lastActivity"
    ? activityOf(round, models, source)
    : summed(round, models, rows, source, system.delayMs);
}

function activityOf(round: Round, models: readonly SubjectReadings[], source: string): SubjectValue {
  const known = models.filter((found) => found.lastActivityMs !== undefined);
  if (known.length === 0) return { state: "missing", reason: "none within an hour" };
  const value = Math.max(...known.map((found) => found.lastActivityMs ?? 0));
  return { ...ageOf(round, known, 0), source, reset: false, numerator: Math.min(value, round.nowMs), histograms: [] };
}

function summed(
  round: Round,
  models: readonly SubjectReadings[],
  rows: readonly RecordedQuery[],
  source: string,
  delayMs = 0,
): SubjectValue {
  const numerators = rows.filter((query) => query.reading.part !== "denominator");
  const denominators = rows.filter((query) => query.reading.part === "denominator");
  const complete = models.filter(
    (found) => rows.length > 0 && rows.every(({ name }) => found.numbers.has(name) || found.histograms.has(name)),
  );
  if (complete.length === 0) {
    const seen = models.some((found) => found.atMs !== undefined);
    return {
      state: "missing",
      ...(seen && { reason: "seen, but not with this: a single sample so far, or no such metric" }),
    };
  }
  const sum = (queries: readonly RecordedQuery[]) =>
    complete.reduce(
      (total, found) => total + queries.reduce((part, query) => part + (found.numbers.get(query.name) ?? 0), 0),
      0,
    );
  return {
    ...ageOf(round, complete, delayMs),
    source,
    reset: models.some((found) => found.reset),
    // Several models on one server: of shares the mean.
    numerator: sum(numerators) / (isMean(rows[0]?.reading.signal) ? complete.length : 1),
    ...(denominators.length > 0 && { denominator: sum(denominators) }),
    histograms: complete.flatMap((found) => numerators.flatMap((query) => found.histograms.get(query.name) ?? [])),
  };
}

const isMean = (signal: ReadSignal | undefined): boolean =>
  signal !== undefined && signal in SIGNALS && SIGNALS[signal as ScalarSignal].combine === "mean";

/** As old as the oldest; what has no age is not relied on. */
function ageOf(round: Round, found: readonly SubjectReadings[], delayMs: number) {
  const times = found.map((readings) => readings.atMs);
  if (times.some((time) => time === undefined)) return { state: "stale" as const };
  const atMs = Math.min(...times.map((time) => time ?? 0));
  const fresh = round.nowMs - atMs <= round.staleAfterMs + delayMs;
  return { state: fresh ? ("fresh" as const) : ("stale" as const), atMs };
}
