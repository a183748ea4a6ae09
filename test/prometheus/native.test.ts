import { afterAll, beforeAll, expect, test } from "vitest";
import { createSignalSource } from "../../src/adapters/prometheus/collect-signals.ts";
import { configOf } from "./config.ts";
import { type PrometheusServer, startPrometheus, untilQuery } from "./prometheus-server.ts";

/** Native histograms with exponential buckets, as SDKs of OpenTelemetry push them. */

let server: PrometheusServer;
const lastMs = Date.now() - 1000;

const attributes = (pod: string) =>
  Object.entries({ namespace: "llm", pod, model_name: "llama" }).map(([key, value]) => ({
    key,
    value: { stringValue: value },
  }));

/** Counts of the buckets (2^(i·2^-scale), 2^((i+1)·2^-scale)] s from `offset` on, after each of three steps of two seconds. */
interface Pushed {
  pod: string;
  scale: number;
  offset: number;
  counts: number[];
  meanSeconds: number;
}

const PODS: Pushed[] = [
  { pod: "chat-a", scale: 0, offset: -3, counts: [4, 10, 6, 2], meanSeconds: 0.4 },
  { pod: "chat-b", scale: 1, offset: -4, counts: [1, 0, 8, 12, 3], meanSeconds: 0.6 },
];

function metricsOf({ pod, scale, offset, counts, meanSeconds }: Pushed, step: number) {
  const timeUnixNano = `${lastMs - (2 - step) * 2000}000000`;
  const count = counts.reduce((sum, one) => sum + one, 0) * step;
  const point = {
    attributes: attributes(pod),
    startTimeUnixNano: `${lastMs - 600_000}000000`,
    timeUnixNano,
    count: String(count),
    sum: count * meanSeconds,
    scale,
    zeroCount: "0",
    positive: { offset, bucketCounts: counts.map((one) => String(one * step)) },
    negative: { offset: 0, bucketCounts: [] },
  };
  const running = { attributes: attributes(pod), timeUnixNano, asDouble: 3 };
  return [
    {
      name: "vllm:time_to_first_token_seconds",
      exponentialHistogram: { aggregationTemporality: 2, dataPoints: [point] },
    },
    { name: "vllm:num_requests_running", gauge: { dataPoints: [running] } },
  ];
}

beforeAll(async () => {
  server = await startPrometheus({
    config: { global: { scrape_interval: "1m" }, otlp: { translation_strategy: "NoTranslation" } },
    flags: ["--web.enable-otlp-receiver"],
  });
  for (let step = 0; step < 3; step++) {
    const metrics = PODS.flatMap((pod) => metricsOf(pod, step));
    const response = await fetch(`${server.url}/api/v1/otlp/v1/metrics`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ resourceMetrics: [{ resource: {}, scopeMetrics: [{ scope: {}, metrics }] }] }),
    });
    if (!response.ok) throw new Error(`${response.status} ${await response.text()}`);
  }
  await untilQuery(server, "vllm:num_requests_running", (values) => values.length === 2);
}, 600_000);

afterAll(() => server?.stop());

test.each([[["chat-a"]], [["chat-b"]]])("percentiles of %j are those that Prometheus takes itself", async ([pod]) => {
  const quantiles = [0.1, 0.5, 0.9, 0.99];
  const source = createSignalSource(
    configOf({
      windowSeconds: 10,
      quantiles,
      sources: [{ name: "main", type: "prometheus", url: server.url, timeoutSeconds: 60 }],
    }),
  );
  const target = { key: "llm/Deployment/chat", workload: "llm/chat", namespace: "llm", pods: [{ name: pod! }] };
  const { signals, warnings } = await source.collect([target], lastMs);
  await source.close();
  expect(warnings).toEqual([]);
  const { ttft, runningRequests } = signals[0]!.signals;
  expect(runningRequests).toMatchObject({ value: 3, quality: "fresh" });
  for (const [index, quantile] of quantiles.entries()) {
    const promql = `histogram_quantile(${quantile}, sum(rate(vllm:time_to_first_token_seconds{pod="${pod}"}[10s])))`;
    const [row] = await server.query(promql, lastMs);
    expect(ttft!.quantiles![index]!.valueMs / 1000).toBeCloseTo(Number(row!.value![1]), 9);
  }
  expect(ttft!.meanMs! / 1000).toBeCloseTo(PODS.find((one) => one.pod === pod)!.meanSeconds, 9);
});

test("pods with other resolutions together: as many observations below as the share asks for", async () => {
  const source = createSignalSource(
    configOf({
      windowSeconds: 10,
      quantiles: [0.5],
      sources: [{ name: "main", type: "prometheus", url: server.url, timeoutSeconds: 60 }],
    }),
  );
  const pods = PODS.map(({ pod }) => ({ name: pod }));
  const target = { key: "llm/Deployment/chat", workload: "llm/chat", namespace: "llm", pods };
  const { signals } = await source.collect([target], lastMs);
  await source.close();
  const seconds = signals[0]!.signals.ttft!.quantiles![0]!.valueMs / 1000;
  // By hand: the share of each bucket below a value is that of its logarithm.
  const below = PODS.map(({ scale, offset, counts }) =>
    counts.reduce((sum, count, index) => {
      const from = (offset + index) * 2 ** -scale;
      const share = (Math.log2(seconds) - from) / 2 ** -scale;
      return sum + count * Math.min(1, Math.max(0, share));
    }, 0),
  );
  const all = PODS.flatMap(({ counts }) => counts).reduce((sum, count) => sum + count, 0);
  expect(below.reduce((sum, count) => sum + count, 0)).toBeCloseTo(all / 2, 6);
});
