import { setImmediate as nextTurn } from "node:timers/promises";
import type { CollectedSignals, SignalSource, SignalTarget, SignalWarning } from "../../ports/signals.ts";
import type { WorkloadSignals } from "../../snapshot/signals.ts";
import { assemble, byWorkload } from "./assemble/assemble.ts";
import { ambiguousSubjects, scopeOf, unionOf } from "./assemble/scope.ts";
import { type AskedSystem, askedSystems, labelNamesOf } from "./config/plan.ts";
import type { SignalConfig, SourceConfig } from "./config/schema.ts";
import { kubernetesMetricsSource } from "./pods/kubernetes-metrics-source.ts";
import { podsSource } from "./pods/pods-source.ts";
import { prometheusSource } from "./query/prometheus-source.ts";
import type { ReadSource } from "./source.ts";

/** About 40 ms of work. */
const WORKLOADS_AT_A_TIME = 100;

/** A source that keeps its connections, and the last samples of pods that it scrapes itself. */
export function createSignalSource(config: SignalConfig): SignalSource {
  const asked = askedSystems(config);
  const sources = config.sources.map((source) => sourceOf(config, source, asked));

  async function collect(targets: readonly SignalTarget[], nowMs: number): Promise<CollectedSignals> {
    const readings = await Promise.all(sources.map((source) => source.read(targets, nowMs)));
    const groups = byWorkload(targets);
    const scopes = new Map([...groups].map(([workload, own]) => [workload, unionOf(own.map(scopeOf))]));
    const { keys, warnings } = ambiguousSubjects(scopes);
    const round = {
      nowMs,
      staleAfterMs: config.staleAfterSeconds * 1000,
      quantiles: config.quantiles,
      systems: asked.map(({ system }) =>
        readings.flatMap((reading) => reading.readings.filter((found) => found.system === system)),
      ),
      ambiguous: keys,
    };
    const signals: WorkloadSignals[] = [];
    const all = [...groups.values()];
    for (let from = 0; from < all.length; from += WORKLOADS_AT_A_TIME) {
      // Whoever else waits for this thread gets it in between.
      if (from > 0) await nextTurn();
      signals.push(...assemble(round, all.slice(from, from + WORKLOADS_AT_A_TIME).flat()));
    }
    return {
      signals,
      warnings: onceEach([...warnings, ...readings.flatMap((reading) => reading.warnings)]),
    };
  }

  return {
    collect,
    close: async () => {
      await Promise.all(sources.map((source) => source.close()));
    },
  };
}

/**
 * Signals of all targets as of now, in one go. What needs two looks (rates of pods that are scraped without a Prometheus) is missing
 * from it: keep a source for that.
 */
export async function collectSignals(
  config: SignalConfig,
  targets: readonly SignalTarget[],
  nowMs: number,
): Promise<CollectedSignals> {
  const source = createSignalSource(config);
  try {
    return await source.collect(targets, nowMs);
  } finally {
    await source.close();
  }
}

function sourceOf(config: SignalConfig, source: SourceConfig, all: readonly AskedSystem[]): ReadSource {
  const asked = all.filter(({ system }) => source.systems === undefined || source.systems.includes(system.name));
  const times = { windowMs: config.windowSeconds * 1000, lookbackMs: config.lookbackSeconds * 1000 };
  switch (source.type) {
    case "prometheus":
      return prometheusSource(source, asked, labelNamesOf(config), times);
    case "pods":
      return podsSource(source, asked, labelNamesOf(config), times);
    case "kubernetes-metrics":
      return kubernetesMetricsSource(source, asked);
  }
}

/** What a source says of many queries alike is said once. */
function onceEach(warnings: readonly SignalWarning[]): SignalWarning[] {
  const groups = Map.groupBy(warnings, ({ source, code, message }) => JSON.stringify([source, code, message]));
  return [...groups.values()].map((group) => {
    const [first] = group as [SignalWarning];
    if (group.length === 1) return first;
    const subject = `${first.subject ?? first.source} and ${group.length - 1} more`;
    return { ...first, subject };
  });
}
