import { z } from "zod";
import type { SignalWarning } from "../../../ports/signals.ts";
import { emptyReadings, readingsOf, type SystemReadings } from "../assemble/readings.ts";
import type { AskedSystem } from "../config/plan.ts";
import type { KubernetesMetricsSourceConfig } from "../config/schema.ts";
import { HttpClient } from "../http/client.ts";
import { numberFault } from "../query/read-rows.ts";
import type { ReadSource, SourceReading } from "../source.ts";

const PATH = "/apis/metrics.k8s.io/v1beta1/pods";
const SYSTEM = "kubernetes";

const podMetrics = z.object({
  items: z.array(
    z.object({
      metadata: z.object({ name: z.string(), namespace: z.string() }),
      timestamp: z.string(),
      containers: z.array(z.object({ usage: z.object({ cpu: z.string(), memory: z.string() }) })),
    }),
  ),
});

/** CPU and memory of pods from the metrics API of a cluster, for all namespaces in one question. */
export function kubernetesMetricsSource(
  config: KubernetesMetricsSourceConfig,
  allAsked: readonly AskedSystem[],
): ReadSource {
  const client = new HttpClient(config);
  const asked = allAsked.filter(({ system }) => system.name === SYSTEM);
  return {
    name: config.name,
    async read(): Promise<SourceReading> {
      const readings = asked.map(({ system, queries }) => emptyReadings(system, queries, config.name));
      try {
        await client.refresh();
        const { body } = await client.send({ url: `${config.url.replace(/\/+$/, "")}${PATH}` });
        const { items } = podMetrics.parse(JSON.parse(body));
        const warnings = readings.flatMap((into) => items.flatMap((item) => readPod(into, item)));
        return { readings, warnings };
      } catch (error) {
        const message = error instanceof z.ZodError ? "the answer is no list of PodMetrics" : (error as Error).message;
        return { readings, warnings: [{ source: config.name, code: "SourceFailed", message }] };
      }
    },
    close: () => client.close(),
  };
}

function readPod(into: SystemReadings, item: z.output<typeof podMetrics>["items"][number]): SignalWarning[] {
  const key = `${item.metadata.namespace}/${item.metadata.name}`;
  const subject = readingsOf(into, key, "");
  const atMs = Date.parse(item.timestamp);
  if (Number.isFinite(atMs)) subject.atMs = atMs;
  const sumOf = (resource: "cpu" | "memory") =>
    item.containers.reduce((sum, { usage }) => sum + quantity(usage[resource]), 0);
  return (["cpu", "memory"] as const).flatMap((resource): SignalWarning[] => {
    const value = sumOf(resource);
    const fault = numberFault(value);
    if (fault === undefined) {
      subject.numbers.set(`${SYSTEM}/${resource}`, value);
      return [];
    }
    subject.rejected.set(`${SYSTEM}/${resource}`, fault);
    return [{ source: into.source, subject: key, code: "Rejected", message: `${resource}: ${fault}` }];
  });
}

const SUFFIXES: Record<string, number> = {
  n: 1e-9,
  u: 1e-6,
  m: 1e-3,
  "": 1,
  k: 1e3,
  M: 1e6,
  G: 1e9,
  T: 1e12,
  Ki: 2 ** 10,
  Mi: 2 ** 20,
  Gi: 2 ** 30,
  Ti: 2 ** 40,
};

/** A quantity of Kubernetes as a number; NaN where it is none. */
export function quantity(text: string): number {
  const parts = /^([+-]?[0-9.]+(?:e[+-]?[0-9]+)?)([A-Za-z]*)$/.exec(text);
  const suffix = SUFFIXES[parts?.[2] ?? "?"];
  return suffix === undefined ? Number.NaN : Number(parts?.[1]) * suffix;
}
