import { readFileSync, writeFileSync } from "node:fs";
import { request as httpRequest } from "node:http";
import { createServer } from "node:https";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { connect } from "node:tls";
import { afterAll, beforeAll, expect, test } from "vitest";
import { createSignalSource } from "../../src/adapters/prometheus/collect-signals.ts";
import { type Certificates, makeCertificates } from "./certificates.ts";
import { configOf } from "./config.ts";
import { type Exporter, startExporter, vllmText } from "./exporter.ts";
import { type PrometheusServer, startPrometheus, untilQuery } from "./prometheus-server.ts";

/** bcrypt of `open sesame`. */
const PASSWORD_HASH = "$2a$04$2wXDgVcDKRFO2zncU8cF7esOQd9TWWoxMcoDrFCFRvya4JJBwkv9y";
const PASSWORD = "open sesame";

const LOAD = {
  running: 5,
  waiting: 1,
  kvCacheUtilization: 0.4,
  requestsPerSecond: 10,
  promptTokens: 100,
  outputTokens: 10,
  cacheHitRate: 0.5,
  ttft: [["+Inf", 1]] as [string, number][],
  ttftMeanSeconds: 0.1,
};

let certificates: Certificates;
let exporter: Exporter;
let plain: PrometheusServer;
let secure: PrometheusServer;
let passwordFile: string;

const startedMs = Date.now() - 600_000;

const scraping = (...pods: string[]) => ({
  global: { scrape_interval: "500ms", scrape_timeout: "500ms" },
  scrape_configs: pods.map((pod) => ({
    job_name: pod,
    static_configs: [{ targets: [exporter.address], labels: { namespace: "llm", pod } }],
  })),
});

const isListening = (url: string) =>
  new Promise<boolean>((resolve) => {
    const socket = connect({ port: Number(new URL(url).port), host: "127.0.0.1", rejectUnauthorized: false });
    socket.once("secureConnect", () => resolve(true));
    socket.once("error", () => resolve(false));
    socket.once("secureConnect", () => socket.destroy());
  });

beforeAll(async () => {
  certificates = makeCertificates();
  passwordFile = join(certificates.directory, "password");
  writeFileSync(passwordFile, `${PASSWORD}\n`);
  exporter = await startExporter((nowMs) => vllmText(LOAD, nowMs, startedMs));
  plain = await startPrometheus({ config: scraping("a") });
  secure = await startPrometheus({
    config: scraping("a", "b"),
    webConfig: {
      tls_server_config: {
        cert_file: certificates.server.certFile,
        key_file: certificates.server.keyFile,
        client_ca_file: certificates.authority.certFile,
        client_auth_type: "RequireAndVerifyClientCert",
      },
      basic_auth_users: { collector: PASSWORD_HASH },
    },
    ready: isListening,
  });
  await untilQuery(plain, "count_over_time(vllm:num_requests_running[10s])", ([count = 0]) => count >= 4);
  const until = performance.now() + 60_000;
  while ((await collectFrom([secureSource()], "a", "b")).running.quality !== "fresh" && performance.now() < until) {
    await sleep(200);
  }
}, 600_000);

afterAll(async () => {
  await plain?.stop();
  await secure?.stop();
  await exporter?.stop();
  certificates?.remove();
});

const target = (...pods: string[]) => ({
  key: "llm/Deployment/chat",
  workload: "llm/chat",
  namespace: "llm",
  pods: pods.map((name) => ({ name })),
});

const plainSource = () => ({ name: "plain", type: "prometheus", url: plain.url, timeoutSeconds: 60, retries: 0 });
const secureSource = (tls: object = {}, more: object = {}) => ({
  name: "secure",
  type: "prometheus",
  url: secure.url,
  timeoutSeconds: 60,
  retries: 0,
  basicAuth: { username: "collector", passwordFile },
  tls: {
    caFile: certificates.authority.certFile,
    certFile: certificates.client.certFile,
    keyFile: certificates.client.keyFile,
    ...tls,
  },
  ...more,
});

async function collectFrom(sources: object[], ...pods: string[]) {
  const source = createSignalSource(configOf({ windowSeconds: 10, sources }));
  try {
    const { signals, warnings } = await source.collect([target(...pods)], Date.now());
    return { running: signals[0]!.signals.runningRequests!, warnings, pods: signals[0]!.targets[0]!.pods };
  } finally {
    await source.close();
  }
}

test("TLS with an authority, a client certificate and a password", async () => {
  const { running, warnings } = await collectFrom([secureSource()], "a", "b");
  expect(warnings).toEqual([]);
  expect(running).toMatchObject({ value: 10, quality: "fresh", source: "secure" });
});

test.each([
  ["an authority that nobody told it of", { caFile: undefined }, {}, /certificate/i],
  ["no client certificate", { certFile: undefined, keyFile: undefined }, {}, /certificate|alert|closed|reset|socket/i],
  ["no password", {}, { basicAuth: undefined }, /401/],
  ["a file that is not there", { caFile: "/nowhere/ca.crt" }, {}, /cannot read \/nowhere\/ca.crt: ENOENT/],
])("%s: nothing is read, warnings say why, without the password", async (_, tls, more, message) => {
  const { running, warnings } = await collectFrom([secureSource(tls, more)], "a");
  expect(running.quality).toBe("missing");
  expect(warnings.length).toBeGreaterThan(0);
  for (const warning of warnings) {
    expect(warning).toMatchObject({ source: "secure", code: "SourceFailed", message: expect.stringMatching(message) });
  }
  expect(JSON.stringify(warnings)).not.toContain(PASSWORD);
});

test("each value comes from the source that has it; where both do, from the first", async () => {
  const both = await collectFrom([plainSource(), secureSource()], "a", "b");
  expect(both.running).toMatchObject({ value: 10, quality: "fresh", source: "plain+secure" });
  expect(both.pods.map((pod) => pod.signals.runningRequests?.source)).toEqual(["plain", "secure"]);
  const turned = await collectFrom([secureSource(), plainSource()], "a", "b");
  expect(turned.running).toMatchObject({ value: 10, source: "secure" });
});

test("a source that fails is made up for by another, and a warning says so", async () => {
  const gone = { ...plainSource(), url: "http://127.0.0.1:1" };
  const { running, warnings } = await collectFrom([gone, secureSource()], "a", "b");
  expect(running).toMatchObject({ value: 10, quality: "fresh", source: "secure" });
  expect(warnings).toMatchObject([{ source: "plain", code: "SourceFailed" }]);
});

test("certificates are read again when they rotate", async () => {
  const other = makeCertificates();
  const caFile = join(other.directory, "ca.crt");
  writeFileSync(caFile, readFileSync(other.authority.certFile));
  const source = createSignalSource(configOf({ windowSeconds: 10, sources: [secureSource({ caFile })] }));
  const quality = async () => {
    const { signals } = await source.collect([target("a")], Date.now());
    return signals[0]!.signals.runningRequests!.quality;
  };
  try {
    expect(await quality()).toBe("missing");
    writeFileSync(caFile, readFileSync(certificates.authority.certFile));
    expect(await quality()).toBe("fresh");
  } finally {
    await source.close();
    other.remove();
  }
});

/** Ends TLS, asks for a bearer token and a tenant, and hands on what is below its path. */
async function startProxy(accepts: () => string) {
  const tls = { cert: readFileSync(certificates.server.certFile), key: readFileSync(certificates.server.keyFile) };
  const seen: { url: string; tenant?: string; form: string }[] = [];
  const proxy = createServer(tls, (request, response) => {
    const told = { url: request.url ?? "", tenant: String(request.headers["x-scope-orgid"]), form: "" };
    seen.push(told);
    request.on("data", (chunk: Buffer) => {
      told.form += chunk.toString();
    });
    if (request.headers.authorization !== `Bearer ${accepts()}`) {
      // As careless servers do: it repeats what it was told.
      response.writeHead(401).end(`not allowed: ${request.headers.authorization}`);
      return;
    }
    const path = (request.url ?? "").replace(/^\/tenant\/prometheus/, "");
    const onward = httpRequest(
      `${plain.url}${path}`,
      { method: request.method, headers: request.headers },
      (answer) => {
        response.writeHead(answer.statusCode ?? 500, answer.headers);
        answer.pipe(response);
      },
    );
    request.pipe(onward);
  });
  await new Promise<void>((resolve) => proxy.listen(0, "127.0.0.1", resolve));
  const { port } = proxy.address() as AddressInfo;
  return {
    url: `https://127.0.0.1:${port}/tenant/prometheus`,
    seen,
    stop: () => {
      proxy.closeAllConnections();
      proxy.close();
    },
  };
}

test("a bearer token is read again when it rotates; path, tenant and parameters are passed on", async () => {
  let accepted = "token-1";
  const proxy = await startProxy(() => accepted);
  const bearerTokenFile = join(certificates.directory, "token");
  writeFileSync(bearerTokenFile, "token-1\n");
  const source = createSignalSource(
    configOf({
      windowSeconds: 10,
      sources: [
        {
          name: "mimir",
          type: "prometheus",
          url: proxy.url,
          timeoutSeconds: 60,
          retries: 0,
          headers: { "X-Scope-OrgID": "team-a" },
          params: { dedup: "true" },
          bearerTokenFile,
          tls: { caFile: certificates.authority.certFile },
        },
      ],
    }),
  );
  const ask = async () => {
    const { signals, warnings } = await source.collect([target("a")], Date.now());
    return { quality: signals[0]!.signals.runningRequests!.quality, warnings };
  };
  try {
    expect(await ask()).toEqual({ quality: "fresh", warnings: [] });
    expect(new Set(proxy.seen.map((request) => request.url))).toEqual(new Set(["/tenant/prometheus/api/v1/query"]));
    expect(new Set(proxy.seen.map((request) => request.tenant))).toEqual(new Set(["team-a"]));
    for (const { form } of proxy.seen) expect(form).toMatch(/^dedup=true&query=/);
    accepted = "token-2";
    const refused = await ask();
    expect(refused.quality).toBe("missing");
    expect(refused.warnings).toMatchObject([{ code: "SourceFailed", message: "status 401: not allowed: Bearer …" }]);
    expect(JSON.stringify(refused)).not.toContain("token-1");
    writeFileSync(bearerTokenFile, "token-2");
    expect(await ask()).toEqual({ quality: "fresh", warnings: [] });
  } finally {
    await source.close();
    proxy.stop();
  }
});
