import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { Counter, Gauge, Histogram, Registry } from "prom-client";
import { afterAll, beforeAll, expect, onTestFinished, test } from "vitest";
import { createSignalSource } from "../../src/adapters/prometheus/collect-signals.ts";
import { podAddress } from "../../src/adapters/prometheus/pods/address.ts";
import { quantity } from "../../src/adapters/prometheus/pods/kubernetes-metrics-source.ts";
import type { SignalSource } from "../../src/ports/signals.ts";
import { configOf } from "./config.ts";
import { type Exporter, type ServerLoad, startExporter, vllmText } from "./exporter.ts";
import { type PrometheusServer, startPrometheus, untilQuery } from "./prometheus-server.ts";

const LOAD: ServerLoad = {
  running: 5,
  waiting: 1,
  kvCacheUtilization: 0.4,
  requestsPerSecond: 10,
  promptTokens: 100,
  outputTokens: 10,
  cacheHitRate: 0.5,
  ttft: [
    ["0.1", 0.5],
    ["0.5", 0.9],
    ["+Inf", 1],
  ],
  ttftMeanSeconds: 0.1,
};

const opened: { close(): Promise<void> }[] = [];
afterAll(async () => {
  for (const one of opened) await one.close();
});

function podsSource(more: object = {}): SignalSource {
  const source = createSignalSource(
    configOf({ windowSeconds: 30, sources: [{ name: "pods", type: "pods", retries: 0, timeoutSeconds: 30, ...more }] }),
  );
  opened.push(source);
  return source;
}

const target = (...exporters: Pick<Exporter, "port">[]) => ({
  key: "llm/Deployment/chat",
  workload: "llm/chat",
  namespace: "llm",
  pods: exporters.map(({ port }, index) => ({
    name: `chat-${index}`,
    ip: "127.0.0.1",
    annotations: { "prometheus.io/port": String(port) },
  })),
});

/** An exporter whose clock the test sets: the samples are of the moments that the collector is told. */
async function clocked(load: ServerLoad, startedMs = 0) {
  const clock = { nowMs: 1_000_000, startedMs };
  const exporter = await startExporter(() => vllmText(load, clock.nowMs, clock.startedMs, false));
  opened.push({ close: exporter.stop });
  return { clock, exporter };
}

test("gauges at the first look, rates and percentiles from the second on", async () => {
  const a = await clocked(LOAD);
  const b = await clocked({ ...LOAD, requestsPerSecond: 30, promptTokens: 200 });
  const source = podsSource();
  const collect = async (nowMs: number) => {
    a.clock.nowMs = nowMs;
    b.clock.nowMs = nowMs;
    return (await source.collect([target(a.exporter, b.exporter)], nowMs)).signals[0]!.signals;
  };
  const first = await collect(1_000_000);
  expect(first.runningRequests).toMatchObject({ value: 10, quality: "fresh", source: "pods", system: "vllm" });
  expect(first.requestRate).toMatchObject({ quality: "missing" });
  // A scrape takes some ms, which a window of a million seconds makes up for.
  const far = createSignalSource(configOf({ windowSeconds: 86_400, sources: [{ name: "pods", type: "pods" }] }));
  opened.push(far);
  const look = async (nowMs: number) => {
    a.clock.nowMs = nowMs;
    b.clock.nowMs = nowMs;
    return (await far.collect([target(a.exporter, b.exporter)], nowMs)).signals[0]!.signals;
  };
  await look(1_000_000);
  const second = await look(81_000_000);
  expect(second.requestRate!.value).toBeCloseTo(40, 1);
  expect(second.arrivalRate!.value).toBeCloseTo(40, 1);
  expect(second.inputTokensPerRequest!.value).toBeCloseTo((10 * 100 + 30 * 200) / 40, 1);
  expect(second.prefixCacheHitRate!.value).toBeCloseTo(0.5, 6);
  expect(second.ttft!.quantiles).toEqual([
    { quantile: 0.5, valueMs: expect.closeTo(100, 6) },
    { quantile: 0.9, valueMs: expect.closeTo(500, 6) },
    { quantile: 0.95, valueMs: expect.closeTo(500, 6) },
    { quantile: 0.99, valueMs: expect.closeTo(500, 6) },
  ]);
  expect(second.ttft!.meanMs).toBeCloseTo(100, 6);
  expect(second.lastActivity!.value).toBeGreaterThanOrEqual(81_000_000);
});

test("a server that restarts between two looks: counted from zero, and said", async () => {
  const { clock, exporter } = await clocked(LOAD);
  const source = createSignalSource(configOf({ windowSeconds: 86_400, sources: [{ name: "pods", type: "pods" }] }));
  opened.push(source);
  clock.nowMs = 30_000_000;
  await source.collect([target(exporter)], clock.nowMs);
  clock.nowMs = 70_000_000;
  clock.startedMs = 60_000_000;
  const { requestRate } = (await source.collect([target(exporter)], clock.nowMs)).signals[0]!.signals;
  // Of 40,000 s the last 10,000, at 10 a second.
  expect(requestRate).toMatchObject({ value: expect.closeTo(2.5, 1), quality: "reset" });
});

test("pods that do not answer make it partial; what was known becomes stale", async () => {
  const { clock, exporter } = await clocked(LOAD);
  const dying = await clocked(LOAD);
  const source = podsSource();
  const targets = [target(exporter, dying.exporter)];
  expect((await source.collect(targets, clock.nowMs)).signals[0]!.signals.runningRequests!.quality).toBe("fresh");
  await dying.exporter.stop();
  const { signals, warnings } = await source.collect(targets, clock.nowMs + 120_000);
  expect(signals[0]!.signals.runningRequests).toMatchObject({ value: 5, quality: "partial", reason: "1 stale" });
  expect(warnings).toMatchObject([{ source: "pods", subject: "llm/chat-1", code: "SourceFailed" }]);
});

test("what prom-client exposes, as text and as OpenMetrics, is read", async () => {
  for (const kind of [Registry.PROMETHEUS_CONTENT_TYPE, Registry.OPENMETRICS_CONTENT_TYPE] as const) {
    const registry = new Registry();
    registry.setContentType(kind as typeof Registry.PROMETHEUS_CONTENT_TYPE);
    const registers = [registry];
    const names = { labelNames: ["model_name"], help: "…", registers };
    new Gauge({ name: "vllm:num_requests_running", ...names }).set({ model_name: 'a "b"' }, 7);
    const requests = new Counter({ name: "vllm:request_success_total", ...names });
    const ttft = new Histogram({ name: "vllm:time_to_first_token_seconds", buckets: [1, 2], ...names });
    const server = createServer((_request, response) => {
      response.setHeader("content-type", registry.contentType);
      void registry.metrics().then((text) => response.end(text));
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    onTestFinished(() => void server.close());
    const source = createSignalSource(configOf({ windowSeconds: 86_400, sources: [{ name: "pods", type: "pods" }] }));
    onTestFinished(() => source.close());
    const at = target({ port: (server.address() as AddressInfo).port });
    requests.inc({ model_name: 'a "b"' }, 1);
    ttft.observe({ model_name: 'a "b"' }, 0.5);
    await source.collect([at], 1_000_000);
    requests.inc({ model_name: 'a "b"' }, 20_000);
    for (let index = 0; index < 10; index++) ttft.observe({ model_name: 'a "b"' }, 1.5);
    const { signals } = await source.collect([{ ...at, models: ['a "b"'] }], 11_000_000);
    const all = signals[0]!.signals;
    expect(all.runningRequests, kind).toMatchObject({ value: 7, quality: "fresh" });
    expect(all.requestRate!.value, kind).toBeCloseTo(2, 2);
    expect(all.ttft!.quantiles![0], kind).toEqual({ quantile: 0.5, valueMs: expect.closeTo(1500, 6) });
    expect(all.ttft!.meanMs, kind).toBeCloseTo(1500, 6);
  }
});

test.each([
  [{ name: "p", ip: "10.0.0.1" }, "http://10.0.0.1:8000/metrics"],
  [{ name: "p", ip: "fd00::1" }, "http://[fd00::1]:8000/metrics"],
  [
    { name: "p", ip: "10.0.0.1", annotations: { "prometheus.io/port": "9", "prometheus.io/path": "/m?x=1" } },
    "http://10.0.0.1:9/m?x=1",
  ],
  [{ name: "p", ip: "10.0.0.1", annotations: { "prometheus.io/path": "//evil/m" } }, "http://10.0.0.1:8000/evil/m"],
  [{ name: "p", ip: "10.0.0.1", annotations: { "prometheus.io/path": "@evil/m" } }, /path does not begin with/],
  [{ name: "p", ip: "10.0.0.1", annotations: { "prometheus.io/port": "99999" } }, /no port/],
  [{ name: "p", ip: "10.0.0.1", annotations: { "prometheus.io/scheme": "file" } }, /neither http nor https/],
  [{ name: "p", ip: "10.0.0.1", annotations: { "prometheus.io/scrape": "false" } }, /is false/],
  [{ name: "p", ip: "evil.example" }, /no IP address/],
  [{ name: "p" }, /no address/],
])("the address of %j", (pod, expected) => {
  const config = configOf({ sources: [{ name: "pods", type: "pods", port: 8000 }] }).sources[0]!;
  if (config.type !== "pods") throw new Error("not of pods");
  const address = podAddress(pod, config);
  if (typeof expected === "string") expect(address).toEqual({ url: expected });
  else expect("skipped" in address ? address.skipped : "").toMatch(expected);
});

test("CPU and memory from the metrics API of a cluster", async () => {
  const items = [
    {
      metadata: { name: "chat-0", namespace: "llm" },
      timestamp: new Date(1_000_000).toISOString(),
      window: "15s",
      containers: [
        { name: "server", usage: { cpu: "1500m", memory: "2Gi" } },
        { name: "sidecar", usage: { cpu: "250000000n", memory: "1024Ki" } },
      ],
    },
    {
      metadata: { name: "bad-0", namespace: "llm" },
      timestamp: "?",
      containers: [{ usage: { cpu: "lots", memory: "1" } }],
    },
  ];
  const paths: string[] = [];
  const server = createServer((request, response) => {
    paths.push(request.url ?? "");
    response.end(JSON.stringify({ kind: "PodMetricsList", items }));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => void server.close());
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const source = createSignalSource(
    configOf({ systems: ["kubernetes"], sources: [{ name: "api", type: "kubernetes-metrics", url }] }),
  );
  onTestFinished(() => source.close());
  const pods = (...names: string[]) => ({ ...target(), pods: names.map((name) => ({ name })) });
  const { signals, warnings } = await source.collect([pods("chat-0"), { ...pods("bad-0"), workload: "z" }], 1_010_000);
  expect(paths).toEqual(["/apis/metrics.k8s.io/v1beta1/pods"]);
  expect(signals[0]!.signals.cpu).toMatchObject({ value: 1.75, quality: "fresh", atMs: 1_000_000 });
  expect(signals[0]!.signals.memory).toMatchObject({ value: 2 * 1024 ** 3 + 1024 ** 2, quality: "fresh" });
  expect(signals[1]!.signals.cpu).toMatchObject({ quality: "rejected" });
  expect(warnings).toMatchObject([{ code: "Rejected", subject: "llm/bad-0" }]);
});

test.each([
  ["250m", 0.25],
  ["3", 3],
  ["1Ki", 1024],
  ["12e3", 12_000],
  ["5n", 5e-9],
  ["", Number.NaN],
  ["1Q", Number.NaN],
])("the quantity %s", (text, value) => expect(quantity(text)).toBe(value));

/** Awkward, and still what Prometheus takes. */
const AWKWARD = `# TYPE vllm:num_requests_running gauge
vllm:num_requests_running{model_name="a}b,c=\\"d\\"\\\\",engine="0"} 3
vllm:num_requests_running{model_name="a}b,c=\\"d\\"\\\\",engine="1",} 4.5e0
vllm:num_requests_waiting { model_name = "a}b,c=\\"d\\"\\\\" } 2
vllm:kv_cache_usage_perc{model_name="x\\ny"} .25
vllm:gpu_cache_usage_perc 0.75
`;

let server: PrometheusServer;
let awkward: Exporter;
beforeAll(async () => {
  awkward = await startExporter(() => AWKWARD);
  opened.push({ close: awkward.stop });
  const labels = { namespace: "llm", pod: "chat-0" };
  const scrape_configs = [{ job_name: "x", static_configs: [{ targets: [awkward.address], labels }] }];
  server = await startPrometheus({
    config: { global: { scrape_interval: "500ms", scrape_timeout: "500ms" }, scrape_configs },
  });
  opened.push({ close: server.stop });
  await untilQuery(server, "vllm:num_requests_running", (values) => values.length === 2);
}, 600_000);

test("pods asked directly say the same as through a real Prometheus", async () => {
  const through = createSignalSource(
    configOf({ sources: [{ name: "main", type: "prometheus", url: server.url, timeoutSeconds: 60 }] }),
  );
  opened.push(through);
  const nowMs = Date.now();
  const models = ['a}b,c="d"\\', "x\ny"];
  for (const names of [undefined, models, models.slice(0, 1)]) {
    const targets = [{ ...target(awkward), models: names }];
    const [direct, asked] = await Promise.all([podsSource().collect(targets, nowMs), through.collect(targets, nowMs)]);
    expect(direct.warnings.concat(asked.warnings)).toEqual([]);
    for (const signal of ["runningRequests", "waitingRequests", "kvCacheUtilization"] as const) {
      const value = direct.signals[0]!.signals[signal]?.value;
      expect(value, signal).toBe(asked.signals[0]!.signals[signal]?.value);
    }
    expect(direct.signals[0]!.signals.runningRequests!.value).toBe(7.5);
  }
});
