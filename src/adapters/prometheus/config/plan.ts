import { isLatency } from "../assemble/readings.ts";
import { activityQuery, heartbeatQuery, queriesOf, resetsQuery } from "../catalog/promql.ts";
import { LABEL_NAMES, SYSTEMS } from "../catalog/systems.ts";
import type { LabelNames, RecordedQuery, ServingSystem } from "../catalog/types.ts";
import type { SignalConfig } from "./schema.ts";

/** A system with what is asked of it, after the configuration had its say. */
export interface AskedSystem {
  system: ServingSystem;
  queries: RecordedQuery[];
  /** PromQL for times of subjects; absent where the system has no counter of requests. */
  heartbeat: string;
  resets?: string;
  lastActivity?: string;
}

/** Queries that give times instead of a signal; a configuration may replace them too. */
export const TIME_QUERIES = ["heartbeat", "resets", "lastActivity"] as const;

/** Names of labels: those of the configuration in place of the usual ones. */
export function labelNamesOf({ labels }: Pick<SignalConfig, "labels">): LabelNames {
  return { ...LABEL_NAMES, ...Object.fromEntries(Object.entries(labels).filter(([, names]) => names !== undefined)) };
}

/** The enabled systems in the order of the configuration, with overridden queries in place of the recorded ones. */
export function askedSystems(config: SignalConfig): AskedSystem[] {
  const labels = labelNamesOf(config);
  return config.systems.flatMap((name) => {
    const system = SYSTEMS.find((candidate) => candidate.name === name);
    return system === undefined ? [] : [askedSystem(system, labels, config)];
  });
}

function askedSystem(system: ServingSystem, labels: LabelNames, config: SignalConfig): AskedSystem {
  const mine = (name: string) => config.queries.find((query) => query.name === `${system.name}/${name}`)?.promql;
  const counts = system.activity.length > 0;
  return {
    system,
    queries: overridden(system, labels, config),
    heartbeat: mine("heartbeat") ?? heartbeatQuery(system, labels),
    resets: mine("resets") ?? (counts ? resetsQuery(system, labels) : undefined),
    lastActivity: mine("lastActivity") ?? (counts ? activityQuery(system, labels) : undefined),
  };
}

function overridden(system: ServingSystem, labels: LabelNames, { queries }: SignalConfig): RecordedQuery[] {
  const recorded = queriesOf(system, labels);
  const names = new Set(recorded.map((query) => query.name));
  const changed = recorded.map((query) => {
    const mine = queries.find((candidate) => candidate.name === query.name);
    if (mine === undefined) return query;
    const reading = { ...query.reading, ...(mine.scale !== undefined && { scale: mine.scale }) };
    return { ...query, reading, promql: mine.promql, labels: mine.labels };
  });
  const added = queries.filter((query) => query.system === system.name && !names.has(query.name));
  return [...changed, ...added.flatMap((query) => addedQuery(system, query))];
}

/** A signal that the catalog does not have for this system. */
function addedQuery(system: ServingSystem, query: SignalConfig["queries"][number]): RecordedQuery[] {
  if (query.signal === undefined) return [];
  const signal = query.signal as RecordedQuery["reading"]["signal"];
  const kind = isLatency(query.signal) ? "histogram" : "gauge";
  return [
    {
      name: query.name,
      system: system.name,
      subject: system.subject,
      reading: { signal, kind, scale: query.scale },
      promql: query.promql,
      labels: query.labels,
    },
  ];
}
