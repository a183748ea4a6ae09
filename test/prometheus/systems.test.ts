import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { LABEL_NAMES, SYSTEMS } from "../../src/adapters/prometheus/catalog/systems.ts";
import type { Reading, ServingSystem } from "../../src/adapters/prometheus/catalog/types.ts";
import { createSignalSource } from "../../src/adapters/prometheus/collect-signals.ts";
import type { CollectedSignals, SignalSource, SignalTarget } from "../../src/ports/signals.ts";
import type { SignalValues } from "../../src/snapshot/signals.ts";
import { configOf } from "./config.ts";
import { type Exporter, startExporter } from "./exporter.ts";
import { type PrometheusServer, startPrometheus, untilQuery } from "./prometheus-server.ts";

const startedMs = Date.now() - 600_000;

/** Exposition of a system under one of the names that its metrics have had. */
function textOf(system: ServingSystem, nameOf: (names: readonly string[]) => string, nowMs: number): string {
  const own = system.subject === "pod" ? {} : { [LABEL_NAMES[system.subject][0]!]: system.name };
  const model = system.modelLabels === undefined ? {} : { [system.modelLabels[0]!]: "llama" };
  const lines = new Map<string, string>();
  const add = (name: string, value: number, more: Record<string, string> = {}) => {
    const labels = Object.entries({ ...own, ...model, ...more }).map(([label, text]) => `${label}="${text}"`);
    const series = `${name}{${labels.join(",")}}`;
    if (!lines.has(series)) lines.set(series, `${series} ${value}`);
  };
  const counted = (nowMs - startedMs) / 1000;
  for (const { kind, metrics, where = [] } of system.readings) {
    const name = nameOf(metrics);
    const labels = Object.fromEntries(where.map(([label, , value]) => [label, value || "some"]));
    if (kind === "gauge" || kind === "derivative") add(name, 0.5, labels);
    else if (kind === "counter") add(name, counted, labels);
    else {
      for (const [le, share] of Object.entries({ "0.1": 0.5, "1": 1, "+Inf": 1 })) {
        add(`${name}_bucket`, counted * share, { ...labels, le });
      }
      add(`${name}_sum`, counted * 0.2, labels);
      add(`${name}_count`, counted, labels);
    }
  }
  for (const names of [system.heartbeat, system.activity].filter((list) => list.length > 0))
    add(nameOf(names), counted);
  return `${[...lines.values()].join("\n")}\n`;
}

/** Each system in a namespace of its own: nothing of one is taken for another's. */
const VARIANTS: [string, (names: readonly string[]) => string][] = [
  ["newest", (names) => names[0]!],
  ["oldest", (names) => names.at(-1)!],
];

const DCGM_TEXT = `
DCGM_FI_DEV_GPU_UTIL{gpu="0",UUID="GPU-1",namespace="llm",pod="chat-0"} 90
DCGM_FI_DEV_GPU_UTIL{gpu="1",UUID="GPU-2",namespace="llm",pod="chat-0"} 70
DCGM_FI_DEV_FB_USED{gpu="0",UUID="GPU-1",namespace="llm",pod="chat-0"} 30000
DCGM_FI_DEV_FB_USED{gpu="1",UUID="GPU-2",namespace="llm",pod="chat-0"} 10000
DCGM_FI_DEV_FB_FREE{gpu="0",UUID="GPU-1",namespace="llm",pod="chat-0"} 10000
DCGM_FI_DEV_FB_FREE{gpu="1",UUID="GPU-2",namespace="llm",pod="chat-0"} 30000
`;

const exporters: Exporter[] = [];
let server: PrometheusServer;
let source: SignalSource;

beforeAll(async () => {
  const scrape_configs: object[] = [];
  const job = async (name: string, labels: Record<string, string>, text: (nowMs: number) => string) => {
    const exporter = await startExporter(text);
    exporters.push(exporter);
    scrape_configs.push({ job_name: name, static_configs: [{ targets: [exporter.address], labels }] });
  };
  for (const [variant, nameOf] of VARIANTS) {
    for (const system of SYSTEMS) {
      const labels = { namespace: `${variant}-${system.name}`, pod: "server-0" };
      await job(`${variant}-${system.name}`, labels, (nowMs) => textOf(system, nameOf, nowMs));
    }
  }
  await job("dcgm", { namespace: "gpu-operator", pod: "dcgm-exporter-x" }, () => DCGM_TEXT);
  server = await startPrometheus({
    config: { global: { scrape_interval: "1s", scrape_timeout: "1s" }, scrape_configs },
  });
  source = createSignalSource(
    configOf({
      systems: SYSTEMS.map((system) => system.name),
      windowSeconds: 10,
      sources: [{ name: "main", type: "prometheus", url: server.url, timeoutSeconds: 60 }],
    }),
  );
  await untilQuery(
    server,
    "count_over_time(up[10s])",
    (counts) => counts.length === exporters.length && counts.every((n) => n >= 3),
  );
}, 600_000);

afterAll(async () => {
  await source?.close();
  await server?.stop();
  await Promise.all(exporters.map((exporter) => exporter.stop()));
});

const targetOf = (variant: string, system: ServingSystem): SignalTarget => {
  const mine = system.subject === "model" ? { models: [system.name] } : {};
  return {
    key: `${variant}-${system.name}/Deployment/it`,
    workload: `${variant}-${system.name}/it`,
    namespace: `${variant}-${system.name}`,
    pods: [{ name: "server-0" }],
    inferencePools: [system.name],
    ...mine,
    ...(system.subject === "queue" && { queues: [system.name] }),
    ...(system.subject === "consumerGroup" && { consumerGroups: [system.name] }),
  };
};

const toldBy = (system: ServingSystem): (keyof SignalValues)[] => [
  ...new Set(system.readings.map((reading: Reading) => reading.signal).filter((signal) => signal !== "inFlightGrowth")),
];

describe.each(VARIANTS)("with the %s names", (variant) => {
  let collected: CollectedSignals;
  beforeAll(async () => {
    collected = await source.collect(
      SYSTEMS.map((system) => targetOf(variant, system)),
      Date.now(),
    );
  }, 120_000);

  test("every query is answered", () => expect(collected.warnings).toEqual([]));

  test.each(SYSTEMS.map((system) => [system.name, system] as const))(
    "%s says all that the catalog promises",
    (_, system) => {
      const { workload } = targetOf(variant, system);
      const all = collected.signals.find((found) => found.workload === workload)!.signals;
      for (const signal of toldBy(system)) {
        expect(all[signal], signal).toMatchObject({ quality: "fresh", system: system.name, source: "main" });
        const value = all[signal] as { value?: number; meanMs?: number };
        expect(value.value ?? value.meanMs, signal).toBeGreaterThan(0);
      }
    },
  );
});

test("devices of a pod by the labels that an exporter gives it, behind those of its own", async () => {
  const target = { key: "llm/Deployment/chat", workload: "llm/chat", namespace: "llm", pods: [{ name: "chat-0" }] };
  const { signals } = await source.collect([target], Date.now());
  const { acceleratorUtilization, acceleratorMemoryUsed, acceleratorMemoryUtilization } = signals[0]!.signals;
  expect(acceleratorUtilization?.value).toBeCloseTo(0.8, 9);
  expect(acceleratorMemoryUsed?.value).toBe(40_000 * 1024 * 1024);
  expect(acceleratorMemoryUtilization?.value).toBeCloseTo(0.5, 9);
});

test("a queue that two workloads work off counts for neither, and a warning says so", async () => {
  const one = targetOf("newest", SYSTEMS.find((system) => system.name === "rabbitmq")!);
  const { signals, warnings } = await source.collect([one, { ...one, workload: "other/it", pods: [] }], Date.now());
  expect(signals.map((found) => found.signals.queueLength?.quality)).toEqual(["missing", "missing"]);
  expect(warnings.map((warning) => warning.code)).toContain("Ambiguous");
});

test("the last activity is now for a counter that grows, and unknown for one that never did", async () => {
  const vllm = SYSTEMS.find((system) => system.name === "vllm")!;
  const nowMs = Date.now();
  const { signals } = await source.collect([targetOf("newest", vllm)], nowMs);
  expect(signals[0]!.signals.lastActivity!.value).toBeGreaterThan(nowMs - 10_000);
  const idle = exporters[SYSTEMS.indexOf(vllm)]!;
  const frozenMs = Date.now();
  idle.set(() => textOf(vllm, (names) => names[0]!, frozenMs).replaceAll(/(num_requests_\w+{[^}]*}) 0.5/g, "$1 0"));
  await untilQuery(
    server,
    'sum by (namespace) (rate(vllm:request_success_total{namespace="newest-vllm"}[10s]))',
    (rates) => rates[0] === 0,
  );
  const later = await source.collect([targetOf("newest", vllm)], Date.now());
  expect(later.signals[0]!.signals.requestRate).toMatchObject({ value: 0, quality: "fresh" });
  // Within the last five minutes it had changed.
  expect(later.signals[0]!.signals.lastActivity!.quality).toBe("fresh");
}, 120_000);
