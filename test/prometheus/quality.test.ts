import { afterAll, beforeAll, expect, test } from "vitest";
import { collectSignals, createSignalSource } from "../../src/adapters/prometheus/collect-signals.ts";
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
    ["+Inf", 1],
  ],
  ttftMeanSeconds: 0.1,
};

const startedMs = Date.now() - 600_000;
const steady = (nowMs: number) => vllmText(LOAD, nowMs, startedMs, false);
const exporters = new Map<string, Exporter>();
let server: PrometheusServer;
let source: SignalSource;

const pods = ["steady", "restarting", "stopping", "nan", "infinite", "negative", "full"];

/** Each says one thing that cannot be. */
const BAD: Record<string, (text: string) => string> = {
  nan: (text) => text.replace(/(num_requests_running{.*}) .*/, "$1 NaN"),
  infinite: (text) => text.replace(/(num_requests_running{.*}) .*/, "$1 +Inf"),
  negative: (text) => text.replace(/(num_requests_running{.*}) .*/, "$1 -3"),
  full: (text) => text.replace(/(kv_cache_usage_perc{.*}) .*/, "$1 7.5"),
};

beforeAll(async () => {
  for (const pod of pods) {
    exporters.set(pod, await startExporter((nowMs) => (BAD[pod] ?? ((text) => text))(steady(nowMs))));
  }
  const scrape_configs = [...exporters].map(([pod, { address }]) => ({
    job_name: pod,
    static_configs: [{ targets: [address], labels: { namespace: "llm", pod } }],
  }));
  server = await startPrometheus({
    config: { global: { scrape_interval: "300ms", scrape_timeout: "300ms" }, scrape_configs },
  });
  source = createSignalSource(
    configOf({
      windowSeconds: 5,
      staleAfterSeconds: 4,
      lookbackSeconds: 30,
      sources: [{ name: "main", type: "prometheus", url: server.url, timeoutSeconds: 60 }],
    }),
  );
  await untilQuery(
    server,
    "count_over_time(up[5s])",
    (counts) => counts.length === pods.length && counts.every((n) => n >= 5),
  );
}, 600_000);

afterAll(async () => {
  await source?.close();
  await server?.stop();
  await Promise.all([...exporters.values()].map((exporter) => exporter.stop()));
});

const target = (...names: string[]) => ({
  key: "llm/Deployment/chat",
  workload: "llm/chat",
  namespace: "llm",
  pods: names.map((name) => ({ name })),
});

const collect = async (...names: string[]) => {
  const { signals, warnings } = await source.collect([target(...names)], Date.now());
  return { signals: signals[0]!.signals, warnings };
};

test.each([
  ["nan", "runningRequests", "NaN"],
  ["infinite", "runningRequests", "+Inf"],
  ["negative", "runningRequests", "a negative number"],
  ["full", "kvCacheUtilization", "7.5 is more than 1"],
] as const)("a server that says %s is refused with a reason, and the others count", async (pod, signal, reason) => {
  const alone = await collect(pod);
  expect(alone.signals[signal]).toMatchObject({ quality: "rejected", reason: `${reason} from llm/${pod}` });
  expect(alone.signals[signal]).not.toHaveProperty("value");
  const both = await collect(pod, "steady");
  expect(both.signals[signal]).toMatchObject({
    value: signal === "runningRequests" ? 5 : 0.4,
    quality: "partial",
    reason: "1 rejected",
  });
  // What else it says counts.
  expect(alone.signals.waitingRequests).toMatchObject({ value: 1, quality: "fresh" });
});

test("refused values are said once for each query", async () => {
  const { warnings } = await collect("steady");
  expect(warnings).toContainEqual({
    source: "main",
    subject: "vllm/runningRequests",
    code: "Rejected",
    message: expect.stringMatching(/^3 of 7 values refused, the first: /),
  });
});

test("a counter that begins anew: the rate is not negative and not huge, and the quality says why it may be low", async () => {
  const restartedMs = Date.now();
  exporters.get("restarting")!.set((nowMs) => vllmText(LOAD, nowMs, restartedMs, false));
  const resets = 'sum(resets(vllm:request_success_total{pod="restarting"}[5s]))';
  await untilQuery(server, resets, ([count = 0]) => count > 0);
  const { signals } = await collect("restarting", "steady");
  expect(signals.requestRate!.quality).toBe("reset");
  expect(signals.requestRate!.value).toBeGreaterThan(0);
  expect(signals.requestRate!.value).toBeLessThan(40);
  expect(signals.ttft!.quality).toBe("reset");
  // A gauge has nothing to do with it.
  expect(signals.runningRequests).toMatchObject({ value: 10, quality: "fresh" });
  // Once the window is past it, all is well again.
  await untilQuery(server, resets, ([count = 0]) => count === 0);
  expect((await collect("restarting")).signals.requestRate!.quality).toBe("fresh");
}, 120_000);

test("a server that is gone is stale, then partly missing, and never fresh", async () => {
  expect((await collect("stopping")).signals.runningRequests!.quality).toBe("fresh");
  await exporters.get("stopping")!.stop();
  await untilQuery(server, 'up{pod="stopping"}', ([up]) => up === 0);
  await untilQuery(
    server,
    'time() - max_over_time(timestamp(vllm:num_requests_running{pod="stopping"})[1m:1s])',
    ([age = 0]) => age > 6,
  );
  const alone = await collect("stopping");
  expect(alone.signals.runningRequests).toMatchObject({
    value: 5,
    quality: "stale",
    reason: "the newest sample is too old",
  });
  expect(Date.now() - alone.signals.runningRequests!.atMs!).toBeGreaterThan(4000);
  const both = await collect("stopping", "steady");
  expect(both.signals.runningRequests).toMatchObject({
    value: 5,
    quality: "partial",
    parts: { reporting: 1, expected: 2 },
    reason: "1 stale",
  });
}, 120_000);

test("no Prometheus at all: everything is missing, one warning says why, and nothing throws", async () => {
  const config = configOf({ sources: [{ name: "gone", type: "prometheus", url: "http://127.0.0.1:1", retries: 0 }] });
  const { signals, warnings } = await collectSignals(config, [target("steady")], Date.now());
  expect(new Set(Object.values(signals[0]!.signals).map((value) => value.quality))).toEqual(new Set(["missing"]));
  expect(warnings).toMatchObject([
    { source: "gone", code: "SourceFailed", message: expect.stringMatching(/ECONNREFUSED/) },
  ]);
});

test("no targets: nothing, and no error", async () => {
  expect((await source.collect([], Date.now())).signals).toEqual([]);
});
