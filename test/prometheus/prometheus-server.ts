import { spawnSync } from "node:child_process";
import { randomInt } from "node:crypto";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { stringify } from "yaml";
import { logTail, startProcess } from "../cluster/lab/process.ts";
import { goTool } from "../tools/go-tool.ts";

/** A real Prometheus on this machine. */
export interface PrometheusServer {
  url: string;
  directory: string;
  /** Answers of its API as they are: what a test compares with. */
  query(promql: string, atMs?: number): Promise<{ metric: Record<string, string>; value?: [number, string] }[]>;
  /** Of the process since it started, where the system tells (Linux); else NaN. Scraping is in it. */
  cpuSeconds(): number;
  stop(): Promise<void>;
}

export interface ServerOptions {
  /** `scrape_configs` and more, as in `prometheus.yml`. */
  config: Record<string, unknown>;
  /** `--web.config.file`: TLS, client certificates, users. */
  webConfig?: Record<string, unknown>;
  flags?: string[];
  /** Set where it answers only to those with credentials: it is then ready when its port is. */
  ready?: (url: string) => Promise<boolean>;
}

/** The oldest that has what the tests configure (`scrape_native_histograms`). */
const OLDEST: [major: number, minor: number] = [3, 8];

/** `APPORTION_PROMETHEUS`, then a `prometheus` in the PATH that is new enough, then the cache, then a build with Go. */
export async function prometheusBinary(environment: NodeJS.ProcessEnv = process.env): Promise<string> {
  const given = environment.APPORTION_PROMETHEUS;
  if (given) {
    if (!existsSync(given)) throw new Error(`APPORTION_PROMETHEUS names ${given}, which is not there`);
    return given;
  }
  const found = (environment.PATH ?? "")
    .split(delimiter)
    .map((dir) => join(dir, "prometheus"))
    .find((path) => existsSync(path) && isNewEnough(path));
  return found ?? goTool("prometheus", "prometheus", undefined, environment);
}

function isNewEnough(path: string): boolean {
  const { stdout } = spawnSync(path, ["--version"], { encoding: "utf8" });
  const [, major, minor] = /version (\d+)[.](\d+)/.exec(stdout ?? "") ?? [];
  return Number(major) > OLDEST[0] || (Number(major) === OLDEST[0] && Number(minor) >= OLDEST[1]);
}

const READY_TIMEOUT_MS = 60_000;

async function freePort(): Promise<number> {
  for (;;) {
    // Below the range that the kernel hands out to clients.
    const port = randomInt(18_000, 32_000);
    const server = createServer();
    const free = await new Promise<boolean>((resolve) => {
      server.once("error", () => resolve(false));
      server.listen(port, "127.0.0.1", () => resolve(true));
    });
    await new Promise((resolve) => server.close(resolve));
    if (free) return port;
  }
}

const answers = async (url: string): Promise<boolean> => {
  try {
    return (await fetch(`${url}/-/ready`)).ok;
  } catch {
    return false;
  }
};

export async function startPrometheus(options: ServerOptions): Promise<PrometheusServer> {
  const binary = await prometheusBinary();
  const directory = mkdtempSync(join(tmpdir(), "apportion-prometheus-"));
  const port = await freePort();
  const file = (name: string, content: unknown) => {
    const path = join(directory, name);
    writeFileSync(path, stringify(content));
    return path;
  };
  const log = join(directory, "log");
  const web = options.webConfig && `--web.config.file=${file("web.yml", options.webConfig)}`;
  const process_ = startProcess(
    [
      binary,
      `--config.file=${file("prometheus.yml", options.config)}`,
      `--storage.tsdb.path=${join(directory, "data")}`,
      `--web.listen-address=127.0.0.1:${port}`,
      ...(web === undefined ? [] : [web]),
      ...(options.flags ?? []),
    ],
    log,
    process.env,
  );
  const stop = async () => {
    await process_.kill();
    rmSync(directory, { recursive: true, force: true });
  };
  const url = `${options.webConfig === undefined ? "http" : "https"}://127.0.0.1:${port}`;
  const until = performance.now() + READY_TIMEOUT_MS;
  while (!(await (options.ready ?? answers)(url))) {
    if (!process_.alive() || performance.now() > until) {
      const tail = logTail(log);
      await stop();
      throw new Error(`Prometheus (${binary}) did not get ready:\n${tail}`);
    }
    await sleep(50);
  }
  return {
    url,
    directory,
    stop,
    query: (promql, atMs) => query(url, promql, atMs),
    cpuSeconds: () => cpuSecondsOf(process_.pid),
  };
}

/** User and system time of `/proc`, in ticks of 10 ms. */
function cpuSecondsOf(pid: number): number {
  const file = `/proc/${pid}/stat`;
  if (!existsSync(file)) return Number.NaN;
  const fields = readFileSync(file, "utf8").split(") ").at(-1)!.split(" ");
  return (Number(fields[11]) + Number(fields[12])) / 100;
}

async function query(url: string, promql: string, atMs = Date.now()) {
  const parameters = new URLSearchParams({ query: promql, time: String(atMs / 1000) });
  const answer = (await (await fetch(`${url}/api/v1/query?${parameters}`)).json()) as {
    status: string;
    error?: string;
    data: { result: { metric: Record<string, string>; value?: [number, string] }[] };
  };
  if (answer.status !== "success") throw new Error(`${promql}: ${answer.error}`);
  return answer.data.result;
}

/** Waits until a query has a result that is as wanted. */
export async function untilQuery(
  server: PrometheusServer,
  promql: string,
  wanted: (values: number[]) => boolean,
): Promise<void> {
  const until = performance.now() + READY_TIMEOUT_MS;
  let last: number[] = [];
  while (performance.now() < until) {
    last = (await server.query(promql)).map((row) => Number(row.value?.[1]));
    if (wanted(last)) return;
    await sleep(100);
  }
  throw new Error(`${promql} is ${last.join(", ") || "empty"} after ${READY_TIMEOUT_MS} ms`);
}
