import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, expect, test } from "vitest";
import { createSignalSource } from "../../src/adapters/prometheus/collect-signals.ts";
import type { SignalSource } from "../../src/ports/signals.ts";
import { configOf } from "./config.ts";
import { type Exporter, type ServerLoad, startExporter, vllmText } from "./exporter.ts";
import { type PrometheusServer, startPrometheus } from "./prometheus-server.ts";

const A: ServerLoad = {
  running: 12,
  waiting: 3,
  kvCacheUtilization: 0.5,
  requestsPerSecond: 2,
  promptTokens: 1000,
  outputTokens: 200,
  cacheHitRate: 0.25,
  ttft: [
    ["0.1", 0.2],
    ["0.5", 0.8],
    ["1.0", 1],
    ["+Inf", 1],
  ],
  ttftMeanSeconds: 0.3,
};
const B: ServerLoad = {
  ...A,
  running: 20,
  waiting: 0,
  kvCacheUtilization: 0.9,
  requestsPerSecond: 6,
  promptTokens: 500,
  outputTokens: 100,
  cacheHitRate: 0.75,
  ttft: [
    ["0.1", 0],
    ["0.5", 0.5],
    ["1.0", 0.9],
    ["+Inf", 1],
  ],
  ttftMeanSeconds: 0.7,
};

const startedMs = Date.now() - 600_000;
const exporters: Exporter[] = [];
let server: PrometheusServer;
let source: SignalSource;
/** The moment of all questions: a Prometheus answers about the past as well. */
let nowMs: number;

const target = (pods: string[], more: object = {}) => ({
  key: "llm/Deployment/chat",
  workload: "llm/chat",
  namespace: "llm",
  pods: pods.map((name) => ({ name })),
  ...more,
});

beforeAll(async () => {
  for (const load of [A, B]) exporters.push(await startExporter((nowMs) => vllmText(load, nowMs, startedMs)));
  // A Prometheus may keep histograms as native ones with the same bounds.
  const native = await startExporter((nowMs) => vllmText(B, nowMs, startedMs));
  exporters.push(native);
  const job = (job_name: string, address: string, pod: string, more: object = {}) => ({
    job_name,
    ...more,
    static_configs: [{ targets: [address], labels: { namespace: "llm", pod } }],
  });
  server = await startPrometheus({
    config: {
      global: { scrape_interval: "300ms", scrape_timeout: "300ms", external_labels: { cluster: "east" } },
      scrape_configs: [
        job("a", exporters[0]!.address, "chat-a"),
        job("b", exporters[1]!.address, "chat-b"),
        job("native", native.address, "native-b", {
          convert_classic_histograms_to_nhcb: true,
          scrape_native_histograms: true,
        }),
      ],
    },
  });
  source = createSignalSource(
    configOf({
      windowSeconds: 3,
      quantiles: [0.5, 0.9],
      sources: [{ name: "main", type: "prometheus", url: `${server.url}/`, timeoutSeconds: 60 }],
    }),
  );
  nowMs = await regularMoment();
}, 600_000);

afterAll(async () => {
  await source?.close();
  await server?.stop();
  await Promise.all(exporters.map((exporter) => exporter.stop()));
});

/** A moment before which scrapes came regularly, so that Prometheus' own extrapolation is exact. */
async function regularMoment(): Promise<number> {
  const expected: Record<string, number> = { "chat-a": 2, "chat-b": 6, "native-b": 6 };
  const until = performance.now() + 60_000;
  while (performance.now() < until) {
    const atMs = Date.now();
    const rows = await server.query("sum by (pod) (rate(vllm:request_success_total[3s]))", atMs);
    const off = rows.map(({ metric, value }) => Math.abs(Number(value![1]) / expected[metric.pod!]! - 1));
    if (rows.length === 3 && off.every((error) => error < 1e-6)) return atMs;
    await sleep(50);
  }
  throw new Error("the machine was too busy for regular scrapes");
}

test("values of two pods, added up to the workload", async () => {
  const { signals, warnings } = await source.collect([target(["chat-a", "chat-b"])], nowMs);
  expect(warnings).toEqual([]);
  const [{ signals: all, targets }] = signals as [(typeof signals)[number]];
  const numberOf = (name: keyof typeof all) => (all[name] as { value?: number } | undefined)?.value;
  expect(numberOf("runningRequests")).toBe(32);
  expect(numberOf("waitingRequests")).toBe(3);
  expect(numberOf("kvCacheUtilization")).toBeCloseTo(0.7, 9);
  expect(numberOf("requestRate")).toBeCloseTo(8, 2);
  // Nothing piles up: what comes in is what goes out.
  expect(numberOf("arrivalRate")).toBeCloseTo(8, 2);
  expect(numberOf("inferenceLag")).toBe(35);
  // Weighted by requests: (2 · 1000 + 6 · 500) / 8.
  expect(numberOf("inputTokensPerRequest")).toBeCloseTo(625, 1);
  expect(numberOf("outputTokensPerRequest")).toBeCloseTo(125, 1);
  expect(numberOf("inputTokenRate")).toBeCloseTo(5000, 0);
  // Weighted by tokens: (2000 · 0.25 + 3000 · 0.75) / 5000.
  expect(numberOf("prefixCacheHitRate")).toBeCloseTo(0.55, 3);
  expect(numberOf("lastActivity")).toBeGreaterThan(nowMs - 2000);
  expect(all.requestRate).toMatchObject({
    quality: "fresh",
    source: "main",
    system: "vllm",
    parts: { reporting: 2, expected: 2 },
  });
  expect(all.requestRate!.atMs).toBeGreaterThan(nowMs - 5000);
  const [pod] = targets[0]!.pods;
  expect(pod).toMatchObject({ name: "chat-a", signals: { runningRequests: { value: 12, quality: "fresh" } } });
});

test("percentiles of all pods from their buckets, as Prometheus itself takes them", async () => {
  const { signals } = await source.collect([target(["chat-a", "chat-b"])], nowMs);
  const { ttft, itl, e2e, tpot } = signals[0]!.signals;
  for (const [index, quantile] of [0.5, 0.9].entries()) {
    const promql = `histogram_quantile(${quantile}, sum by (le) (rate(vllm:time_to_first_token_seconds_bucket{pod=~"chat-.*"}[3s])))`;
    const [row] = await server.query(promql, nowMs);
    expect(ttft!.quantiles![index]!.quantile).toBe(quantile);
    expect(ttft!.quantiles![index]!.valueMs / 1000).toBeCloseTo(Number(row!.value![1]), 4);
  }
  // By hand: 0.4 and 0 up to 0.1, 1.6 and 3 up to 0.5, 2 and 5.4 up to 1: the 4th of 8 is in (0.1, 0.5].
  expect(ttft!.quantiles![0]!.valueMs).toBeCloseTo(100 + (400 * (4 - 0.4)) / (4.6 - 0.4), 0);
  expect(ttft!.meanMs).toBeCloseTo((2 * 300 + 6 * 700) / 8, 0);
  expect(ttft!.ratePerSecond).toBeCloseTo(8, 2);
  // The two names of one metric are not added.
  expect(itl!.ratePerSecond).toBeCloseTo(8, 2);
  expect(e2e!.quality).toBe("fresh");
  expect(tpot).toMatchObject({ quality: "missing", parts: { reporting: 0, expected: 2 } });
});

test("native histograms give the same percentiles", async () => {
  const [kept] = await server.query('vllm:time_to_first_token_seconds{pod="native-b"}');
  expect(kept, "it is kept as a native histogram").toBeDefined();
  const { signals, warnings } = await source.collect(
    [target(["native-b"]), target(["chat-b"], { workload: "llm/classic" })],
    nowMs,
  );
  expect(warnings).toEqual([]);
  const [native, classic] = [signals[0]!.signals.ttft!, signals[1]!.signals.ttft!].map((latency) => latency.quantiles!);
  expect(native!.map((entry) => entry.valueMs)).toHaveLength(2);
  for (const [index, { valueMs }] of native!.entries()) expect(valueMs).toBeCloseTo(classic![index]!.valueMs, 0);
});

test("a workload of which nobody knows anything is missing in all it could say", async () => {
  const { signals } = await source.collect([target(["nobody"])], nowMs);
  expect(signals[0]!.signals.requestRate).toEqual({
    quality: "missing",
    system: "vllm",
    parts: { reporting: 0, expected: 1 },
  });
  expect(signals[0]!.targets[0]!.pods).toEqual([{ name: "nobody", signals: {} }]);
});

test("a pod that is not there makes the value partial, and says so", async () => {
  const { signals } = await source.collect([target(["chat-a", "chat-b", "chat-c"])], nowMs);
  expect(signals[0]!.signals.runningRequests).toMatchObject({
    value: 32,
    quality: "partial",
    parts: { reporting: 2, expected: 3 },
    reason: "1 missing",
  });
});

test("models that share servers are told apart by name; without names they count for nobody", async () => {
  const one = target(["chat-a"], { models: ["llama"] });
  const other = target(["chat-a"], { models: ["mistral"], workload: "llm/other", key: "llm/Deployment/other" });
  const told = await source.collect([one, other], nowMs);
  expect(told.signals.map((found) => found.signals.runningRequests)).toMatchObject([
    { value: 12, quality: "fresh" },
    { quality: "missing" },
  ]);
  const claimed = await source.collect([target(["chat-a"]), { ...other, models: undefined }], nowMs);
  expect(claimed.signals.map((found) => found.signals.runningRequests?.quality)).toEqual(["missing", "missing"]);
  expect(claimed.warnings).toMatchObject([{ code: "Ambiguous", subject: "pod llm/chat-a" }]);
});

test("conditions on every series keep other clusters out", async () => {
  const elsewhere = createSignalSource(
    configOf({
      windowSeconds: 3,
      sources: [
        { name: "main", type: "prometheus", url: server.url, timeoutSeconds: 60, matchers: { namespace: "other" } },
      ],
    }),
  );
  const { signals, warnings } = await elsewhere.collect([target(["chat-a"])], nowMs);
  await elsewhere.close();
  expect(warnings).toEqual([]);
  expect(signals[0]!.signals.runningRequests!.quality).toBe("missing");
});

test("a query of one's own, with its own labels, replaces the recorded one", async () => {
  const own = createSignalSource(
    configOf({
      windowSeconds: 3,
      sources: [{ name: "main", type: "prometheus", url: server.url, timeoutSeconds: 60 }],
      queries: [
        {
          name: "vllm/runningRequests",
          promql: 'label_replace(sum by (namespace, pod) (vllm:num_requests_running), "server", "$1", "pod", "(.*)")',
          labels: { pod: ["server"] },
          scale: 10,
        },
        { name: "mine", system: "vllm", signal: "cpu", promql: "sum by (namespace, pod) (vllm:num_requests_waiting)" },
      ],
    }),
  );
  const { signals } = await own.collect([target(["chat-a"])], nowMs);
  await own.close();
  expect(signals[0]!.signals.runningRequests).toMatchObject({ value: 120, quality: "fresh" });
  expect(signals[0]!.signals.cpu).toMatchObject({ value: 3, quality: "fresh" });
});
