import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { stringify } from "yaml";
import { type Exporter, type ServerLoad, startExporter, vllmText } from "../../prometheus/exporter.ts";
import { type PrometheusServer, startPrometheus } from "../../prometheus/prometheus-server.ts";
import { waitFor } from "../lab/cluster.ts";
import { type Lab, startLab } from "../lab/lab.ts";
import { acceleratorNodes } from "../lab/objects.ts";
import { addVariant, cycles, setUpFleet, untilCondition, untilReplicas } from "./fleet.ts";
import { runCli, startService } from "./service.ts";

/** `serve --signals`: what the servers tell a real Prometheus is the demand, where nobody reports any. */

// The first run on a machine builds Prometheus.
const BUILD_MS = 900_000;
const LOAD: ServerLoad = {
  ...{ running: 4, waiting: 0, kvCacheUtilization: 0.3, requestsPerSecond: 12, promptTokens: 500, outputTokens: 100 },
  ...{ cacheHitRate: 0.25, ttft: [["+Inf", 1]], ttftMeanSeconds: 0.3 },
};

let lab: Lab;
let exporter: Exporter;
let prometheus: PrometheusServer | undefined;

beforeAll(async () => {
  lab = await startLab({ nodes: acceleratorNodes("h100", 2) });
  await setUpFleet(lab);
  const startedMs = Date.now() - 600_000;
  exporter = await startExporter((nowMs) => vllmText(LOAD, nowMs, startedMs));
}, BUILD_MS);

afterAll(async () => {
  await prometheus?.stop();
  await exporter?.stop();
  await lab?.stop();
});

/** Scrapes the exporter as if it were this pod. */
function scrape(pod: string): Promise<PrometheusServer> {
  const target = { targets: [exporter.address], labels: { namespace: "default", pod } };
  const global = { scrape_interval: "1s" };
  return startPrometheus({ config: { global, scrape_configs: [{ job_name: "vllm", static_configs: [target] }] } });
}

function configFile(fields: object): string {
  const file = join(lab.dir, "signals.yaml");
  writeFileSync(file, stringify({ apiVersion: "apportion.dev/v1", kind: "SignalConfig", ...fields }));
  return file;
}

test("the rate that servers tell is planned for; without them nothing shrinks, and the status says so", async () => {
  const chat = await addVariant(lab, "chat", { workload: "chat", replicas: 1 });
  const [pod] = await lab.readyPods("app=chat", 1);
  prometheus = await scrape(pod!.metadata.name);
  const sources = [{ name: "main", type: "prometheus", url: prometheus.url, retries: 0, timeoutSeconds: 2 }];
  const signals = configFile({ windowSeconds: 5, staleAfterSeconds: 5, lookbackSeconds: 60, sources });
  const service = await startService(lab.kubeconfig, { signals });
  try {
    // 12 requests a second, and a replica serves 5.
    await untilReplicas(lab, [[chat, 3]]);
    await prometheus.stop();
    await waitFor("the warning", async () => (await service.status()).warnings.some((each) => /main/.test(each)));
    await untilCondition(lab, "chat", "MetricsAvailable", "False", "DemandUnknown");
    await cycles(service, 2);
    expect(await lab.replicas(chat)).toBe(3);
  } finally {
    await service.stop();
  }
}, 120_000);

test("a configuration that is no good ends the service with what is wrong with it", async () => {
  const file = configFile({ sources: [{ name: "main", type: "prometheus", url: "prometheus:9090" }] });
  const ended = await runCli(["serve", "--kubernetes", "--kubeconfig", lab.kubeconfig, "--signals", file]);
  expect(ended).toMatchObject({ code: 2, stderr: expect.stringContaining("a URL that begins with http://") });
});

test("without a cluster there are no servers to read", async () => {
  const ended = await runCli(["serve", "--signals", "signals.yaml"]);
  expect(ended).toMatchObject({ code: 2, stderr: expect.stringContaining("--signals is of --kubernetes") });
});
