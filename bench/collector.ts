/**
 * Signals of many workloads from a real Prometheus: how long a collection takes, what of it is this process, how much is
 * read.
 *
 *   node bench/collector.ts [--workloads 1000] [--pods 3] [--rounds 3]
 */
import { spawn } from "node:child_process";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { setTimeout as sleep } from "node:timers/promises";
import { parseArgs } from "node:util";
import { createSignalSource } from "../src/adapters/prometheus/collect-signals.ts";
import { parseSignalConfig } from "../src/adapters/prometheus/config/parse.ts";
import { startPrometheus } from "../test/prometheus/prometheus-server.ts";

const { values } = parseArgs({
  options: {
    workloads: { type: "string", default: "1000" },
    pods: { type: "string", default: "3" },
    rounds: { type: "string", default: "3" },
  },
});
const [workloads, podsEach, rounds] = [Number(values.workloads), Number(values.pods), Number(values.rounds)];
const PODS_OF_PAGE = 100;
const SCRAPE_SECONDS = 5;
const SCRAPES = 2;
const pods = workloads * podsEach;
const pages = Math.ceil(pods / PODS_OF_PAGE);

const script = join(import.meta.dirname, "collector-exporters.ts");
const exporters = spawn(process.execPath, [script, String(pages), String(PODS_OF_PAGE)], {
  stdio: ["pipe", "pipe", "inherit"],
});
const port = String((await createInterface({ input: exporters.stdout })[Symbol.asyncIterator]().next()).value);
const server = await startPrometheus({
  config: {
    global: { scrape_interval: `${SCRAPE_SECONDS}s`, scrape_timeout: `${SCRAPE_SECONDS}s` },
    scrape_configs: Array.from({ length: pages }, (_, page) => ({
      job_name: `page-${page}`,
      metrics_path: `/${page}`,
      honor_labels: true,
      static_configs: [{ targets: [`127.0.0.1:${port}`] }],
    })),
  },
});

/** Bytes that the collector reads, counted where its answers come in. */
let bytes = 0;
let queries = 0;
const { parse } = JSON;
JSON.parse = (text: string, ...more: []) => {
  if (text.startsWith('{"status"')) {
    bytes += text.length;
    queries += 1;
  }
  return parse(text, ...more);
};

try {
  for (;;) {
    const [row] = await server.query(
      `min(count_over_time(vllm:num_requests_running[5m])) and (count(vllm:num_requests_running) >= ${pods})`,
    );
    if (Number(row?.value?.[1] ?? 0) >= SCRAPES) break;
    await sleep(1000);
  }
  const [series] = await server.query('count({__name__=~"vllm:.*"})');
  console.error(`${workloads} workloads, ${pods} pods, ${series?.value?.[1]} series`);
  const config = parseSignalConfig({
    apiVersion: "apportion.dev/v1",
    kind: "SignalConfig",
    sources: [
      { name: "main", type: "prometheus", url: server.url, timeoutSeconds: 120, maxAnswerBytes: 1_073_741_824 },
    ],
  });
  if (!config.ok) throw new Error(JSON.stringify(config.violations));
  const source = createSignalSource(config.value);
  const targets = Array.from({ length: workloads }, (_, index) => {
    // Pods of one namespace: their number and the workload's have the same remainder.
    const names = Array.from({ length: podsEach }, (_, pod) => ({ name: `pod-${index + pod * workloads}` }));
    const namespace = `ns-${index % 50}`;
    return { key: `${namespace}/Deployment/w-${index}`, workload: `${namespace}/w-${index}`, namespace, pods: names };
  });
  if (workloads % 50 !== 0) throw new Error("a multiple of 50 workloads, please");

  console.log("| workloads | pods | series | queries | read | collection | CPU here | CPU of Prometheus | fresh |");
  console.log("| --------- | ---- | ------ | ------- | ---- | ---------- | -------- | ----------------- | ----- |");
  for (let round = 0; round < rounds; round++) {
    bytes = 0;
    queries = 0;
    const before = process.cpuUsage();
    const serverBeforeS = server.cpuSeconds();
    const startMs = performance.now();
    const { signals, warnings } = await source.collect(targets, Date.now());
    const tookS = (performance.now() - startMs) / 1000;
    const { user, system } = process.cpuUsage(before);
    const fresh = signals.filter(
      ({ signals: all }) => all.requestRate?.quality === "fresh" && all.ttft?.quantiles !== undefined,
    ).length;
    const cpuS = (user + system) / 1e6;
    const serverS = server.cpuSeconds() - serverBeforeS;
    console.log(
      `| ${workloads} | ${pods} | ${series?.value?.[1]} | ${queries} | ${(bytes / 2 ** 20).toFixed(1)} MiB | ${tookS.toFixed(2)} s | ${cpuS.toFixed(2)} s | ${serverS.toFixed(2)} s | ${fresh} |`,
    );
    for (const warning of warnings.slice(0, 3)) console.error(warning);
  }
  console.error(`memory: ${(process.memoryUsage().rss / 2 ** 20).toFixed(0)} MiB`);
  await source.close();
} finally {
  exporters.stdin.end();
  await server.stop();
}
