import type { LatencySignal } from "../../../snapshot/signals.ts";
import type { RecordedQuery, ServingSystem } from "../catalog/types.ts";
import type { Histogram } from "../histogram/histogram.ts";

/** What one source says of one subject (a pod, a queue) under one name of a model. */
export interface SubjectReadings {
  /** Newest sample, epoch ms; absent: the subject was not seen. */
  atMs?: number;
  reset: boolean;
  lastActivityMs?: number;
  /** By name of the query. */
  numbers: Map<string, number>;
  histograms: Map<string, Histogram>;
  /** Why a value of the query was refused. */
  rejected: Map<string, string>;
}

/** All that one source says of one system. */
export interface SystemReadings {
  system: ServingSystem;
  queries: readonly RecordedQuery[];
  /** The queries by the signal that they are of. */
  bySignal: ReadonlyMap<string, readonly RecordedQuery[]>;
  source: string;
  /** By key of the subject, then by name of the model; "" where the series has none. */
  subjects: Map<string, Map<string, SubjectReadings>>;
}

export function emptyReadings(
  system: ServingSystem,
  queries: readonly RecordedQuery[],
  source: string,
): SystemReadings {
  const bySignal = Map.groupBy(queries, (query) => query.reading.signal);
  return { system, queries, bySignal, source, subjects: new Map() };
}

/** The readings of a subject, made where there were none. */
export function readingsOf(readings: SystemReadings, subject: string, model: string): SubjectReadings {
  let models = readings.subjects.get(subject);
  if (models === undefined) {
    models = new Map();
    readings.subjects.set(subject, models);
  }
  let found = models.get(model);
  if (found === undefined) {
    found = { reset: false, numbers: new Map(), histograms: new Map(), rejected: new Map() };
    models.set(model, found);
  }
  return found;
}

/** The key under which a subject is found. Queues and groups of a broker belong to no namespace. */
export function subjectKey(kind: ServingSystem["subject"], namespace: string, name: string): string {
  return kind === "queue" || kind === "consumerGroup" ? name : `${namespace}/${name}`;
}

const LATENCY_NAMES: ReadonlySet<string> = new Set<LatencySignal>(["ttft", "itl", "tpot", "e2e", "queueTime"]);

export const isLatency = (signal: string): signal is LatencySignal => LATENCY_NAMES.has(signal);
