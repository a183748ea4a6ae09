import pMap from "p-map";
import type { SignalPod, SignalTarget, SignalWarning } from "../../../ports/signals.ts";
import { emptyReadings, type SystemReadings } from "../assemble/readings.ts";
import type { LabelNames } from "../catalog/types.ts";
import type { AskedSystem } from "../config/plan.ts";
import type { PodsSourceConfig } from "../config/schema.ts";
import { HttpClient } from "../http/client.ts";
import { readRows, subjectOf } from "../query/read-rows.ts";
import type { ReadSource, SourceReading } from "../source.ts";
import { podAddress } from "./address.ts";
import { PodHistory, rateOf, type Series } from "./history.ts";
import { type PodLabels, rowsOf } from "./rows.ts";
import { parseExposition } from "./text-format.ts";

const ACCEPT = "application/openmetrics-text;version=1.0.0;q=0.5,text/plain;version=0.0.4;q=0.4";

/** Asks the pods themselves, where there is no Prometheus. Rates are there from the second look on. */
export function podsSource(
  config: PodsSourceConfig,
  allAsked: readonly AskedSystem[],
  labels: LabelNames,
  { windowMs }: { windowMs: number },
): ReadSource {
  const client = new HttpClient(config);
  const asked = allAsked.filter(({ system }) => system.subject === "pod");
  const wanted = wantedNames(asked);
  const histories = new Map<string, PodHistory>();

  async function scrape(key: string, pod: SignalPod, nowMs: () => number): Promise<SignalWarning[]> {
    const warning = (message: string): SignalWarning[] => {
      return [{ source: config.name, subject: key, code: "SourceFailed", message }];
    };
    const address = podAddress(pod, config);
    if ("skipped" in address) return warning(address.skipped);
    try {
      const { body } = await client.send({ url: address.url, headers: { accept: ACCEPT } });
      const { samples, unreadable } = parseExposition(body, (name) => wanted.has(name));
      const history = histories.get(key) ?? new PodHistory();
      histories.set(key, history);
      history.add(samples, nowMs(), windowMs);
      return unreadable === 0 ? [] : warning(`${unreadable} lines are no metrics`);
    } catch (error) {
      return warning((error as Error).message);
    }
  }

  return {
    name: config.name,
    async read(targets, nowMs): Promise<SourceReading> {
      const pods = podsOf(targets);
      for (const key of histories.keys()) if (!pods.has(key)) histories.delete(key);
      const started = performance.now();
      // The moment of each answer, on the clock of the caller.
      const now = () => Math.round(nowMs + performance.now() - started);
      const readings = asked.map(({ system, queries }) => emptyReadings(system, queries, config.name));
      try {
        await client.refresh();
      } catch (error) {
        return {
          readings,
          warnings: [{ source: config.name, code: "SourceFailed", message: (error as Error).message }],
        };
      }
      const width = { concurrency: config.concurrency };
      const warnings = await pMap(pods, ([key, { pod }]) => scrape(key, pod, now), width);
      const refused = [...pods].flatMap(([key, { namespace, pod }]) => {
        const history = histories.get(key);
        const own = { [labels.namespace[0]!]: namespace, [labels.pod[0]!]: pod.name };
        return history === undefined ? [] : readings.flatMap((into) => readPod(into, history, own, labels));
      });
      return { readings, warnings: [...warnings.flat(), ...refused] };
    },
    close: () => client.close(),
  };
}

/** Pods of several targets are asked once. */
function podsOf(targets: readonly SignalTarget[]): Map<string, { namespace: string; pod: SignalPod }> {
  return new Map(
    targets.flatMap(({ namespace, pods }) =>
      pods.map((pod) => [`${namespace}/${pod.name}`, { namespace, pod }] as const),
    ),
  );
}

/** Names as they stand in an exposition. */
function wantedNames(asked: readonly AskedSystem[]): ReadonlySet<string> {
  return new Set(
    asked.flatMap(({ system }) => [
      ...system.heartbeat,
      ...system.activity,
      ...system.readings.flatMap(({ kind, metrics }) =>
        metrics.flatMap((name) => (kind === "histogram" ? [`${name}_bucket`, `${name}_sum`] : [name])),
      ),
    ]),
  );
}

/** The series of one pod as readings of a system. Queries of the configuration are PromQL and cannot be asked of a pod. */
function readPod(into: SystemReadings, history: PodHistory, pod: PodLabels, labels: LabelNames): SignalWarning[] {
  const { system, queries } = into;
  const series = history.all();
  if (!system.heartbeat.some((name) => series.has(name))) return [];
  const warnings = system.readings.flatMap((reading, index) => {
    const query = queries[index]!;
    return readRows(
      into,
      { ...query, reading: { ...query.reading, scale: reading.scale } },
      rowsOf(reading, system, series, pod),
      labels,
    );
  });
  const counters = system.activity.flatMap((name) => series.get(name) ?? []);
  if (counters.some(grew)) history.lastActivityMs = history.lastScrapeMs;
  for (const { labels: own } of system.heartbeat.flatMap((name) => series.get(name) ?? [])) {
    const subject = subjectOf(into, { ...own, ...pod }, labels)?.readings;
    if (subject === undefined) continue;
    subject.atMs = history.lastScrapeMs;
    subject.reset = counters.some((counter) => (rateOf(counter)?.resets ?? 0) > 0);
    subject.lastActivityMs = history.lastActivityMs;
  }
  return warnings;
}

const grew = ({ points }: Series): boolean => {
  const [before, now] = [points.at(-2)?.value, points.at(-1)?.value];
  return before !== undefined && now !== undefined && before !== now;
};
