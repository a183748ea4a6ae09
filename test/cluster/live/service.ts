import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createWriteStream } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { type Client, credentials, type ServiceError } from "@grpc/grpc-js";
import { type DemandReport, DemandServiceClient } from "../../../src/gen/apportion/v1/demand.ts";
import type { GetStatusResponse, VariantStatus } from "../../../src/gen/apportion/v1/live.ts";
import { OverrideServiceClient } from "../../../src/gen/apportion/v1/override.ts";
import { PlacementServiceClient } from "../../../src/gen/apportion/v1/placement.ts";
import { ExternalScalerClient } from "../../../src/gen/externalscaler/externalscaler.ts";
import { waitFor } from "../lab/cluster.ts";

const ROOT = fileURLToPath(new URL("../../..", import.meta.url));
const START_TIMEOUT_MS = 60_000;

export interface ServiceOptions {
  /** Of a cycle where nothing changes; default one second. */
  interval?: string;
  /** Of lease and memory; default that of the kubeconfig. */
  namespace?: string;
  /** Directory of its reports. */
  state?: string;
  /** Directory of its worlds. */
  record?: string;
  /** File of a SignalConfig. */
  signals?: string;
  /** A module that is loaded before the service, such as one that shifts its clock. */
  preload?: URL;
  /** Flags of Node. */
  nodeFlags?: string[];
}

export interface Finished {
  code: number | null;
  stdout: string;
  stderr: string;
}

/** A line of the service's log. */
export type LogLine = Record<string, unknown> & { msg: string };

/** The service in a process of its own, as in a cluster. */
export interface LiveService {
  address: string;
  placement: PlacementServiceClient;
  demand: DemandServiceClient;
  override: OverrideServiceClient;
  scaler: ExternalScalerClient;
  /** Runs a command of the command line against it. */
  cli(...args: string[]): Promise<Finished>;
  status(): Promise<GetStatusResponse>;
  /** A variant of namespace `default`. */
  variant(name: string): Promise<VariantStatus>;
  log(): LogLine[];
  alive(): boolean;
  /** As if its machine lost power. */
  kill(): Promise<void>;
  /** SIGTERM; the exit code. */
  stop(): Promise<number | null>;
}

type Callback<Response> = (error: ServiceError | null, response: Response) => void;

/** A call with a callback as a promise. */
export function promised<Response>(call: (callback: Callback<Response>) => unknown): Promise<Response> {
  const { promise, resolve, reject } = Promise.withResolvers<Response>();
  call((error, response) => (error ? reject(error) : resolve(response)));
  return promise;
}

/** Starts `apportion serve --kubernetes` and waits until it listens. */
export async function startService(kubeconfig: string, options: ServiceOptions = {}): Promise<LiveService> {
  const { interval = "1s", namespace, state, record, signals, preload, nodeFlags = [] } = options;
  const child = spawn(
    process.execPath,
    [
      ...nodeFlags,
      ...(preload === undefined ? [] : ["--import", preload.href]),
      "src/bin/apportion.ts",
      ...["serve", "--kubernetes", "--kubeconfig", kubeconfig, "--interval", interval, "--listen", "127.0.0.1:0"],
      ...["--http", "127.0.0.1:0"],
      ...(namespace === undefined ? [] : ["--namespace", namespace]),
      ...(state === undefined ? [] : ["--state", state]),
      ...(record === undefined ? [] : ["--record", record]),
      ...(signals === undefined ? [] : ["--signals", signals]),
    ],
    { cwd: ROOT, stdio: ["ignore", "pipe", "pipe"], env: { ...process.env, FORCE_COLOR: undefined } },
  );
  const output = { stdout: "", stderr: "" };
  for (const name of ["stdout", "stderr"] as const) {
    child[name].setEncoding("utf8").on("data", (chunk: string) => {
      output[name] += chunk;
    });
  }
  const logs = process.env.APPORTION_TEST_LOGS;
  if (logs !== undefined) child.stderr.pipe(createWriteStream(join(logs, `service-${child.pid}.log`)));
  const address = await waitFor(
    "the service to listen",
    async () => {
      return /gRPC listens on (\S+);/.exec(output.stdout)?.[1] ?? (child.exitCode !== null && "nowhere");
    },
    START_TIMEOUT_MS,
  );
  if (address === "nowhere") throw new Error(`the service ended with ${child.exitCode}: ${output.stderr}`);
  return serviceAt(address, child, output);
}

function serviceAt(address: string, child: ChildProcess, output: { stderr: string }): LiveService {
  const channel = credentials.createInsecure();
  const placement = new PlacementServiceClient(address, channel);
  const demand = new DemandServiceClient(address, channel);
  const override = new OverrideServiceClient(address, channel);
  const scaler = new ExternalScalerClient(address, channel);
  const clients: Client[] = [placement, demand, override, scaler];
  const alive = () => child.exitCode === null && child.signalCode === null;
  const status = () => promised<GetStatusResponse>((done) => placement.getStatus({}, done));

  async function end(signal: NodeJS.Signals): Promise<number | null> {
    for (const client of clients) client.close();
    if (alive()) {
      const exited = once(child, "exit");
      child.kill(signal);
      await exited;
    }
    return child.exitCode;
  }

  return {
    address,
    placement,
    demand,
    override,
    scaler,
    cli: (...args) => runCli([...args, "--server", address]),
    status,
    variant: async (name) => {
      const { plan } = await status();
      const found = plan?.variants.find((variant) => variant.name === `default/${name}`);
      if (found === undefined) throw new Error(`there is no variant ${name}`);
      return found;
    },
    log: () => output.stderr.split("\n").flatMap(logLine),
    alive,
    kill: async () => void (await end("SIGKILL")),
    stop: () => end("SIGTERM"),
  };
}

function logLine(line: string): LogLine[] {
  if (!line.startsWith("{") || !line.endsWith("}")) return [];
  return [JSON.parse(line) as LogLine];
}

/** Runs a command line to its end; it is interrupted as soon as `enough` says so of its output. */
export async function runCli(args: string[], enough: (stdout: string) => boolean = () => false): Promise<Finished> {
  const child = spawn(process.execPath, ["src/bin/apportion.ts", ...args], {
    cwd: ROOT,
    stdio: ["ignore", "pipe", "pipe"],
  });
  let [stdout, stderr] = ["", ""];
  child.stdout.setEncoding("utf8").on("data", (chunk: string) => {
    stdout += chunk;
    if (enough(stdout)) child.kill("SIGINT");
  });
  child.stderr.setEncoding("utf8").on("data", (chunk: string) => {
    stderr += chunk;
  });
  const [code] = (await once(child, "close")) as [number | null];
  return { code, stdout, stderr };
}

/** A report of one source about workloads of namespace `default`. */
export function demandReport(source: string, sequence: number, demands: Record<string, number>): DemandReport {
  return {
    header: { source, sequence: BigInt(sequence), reportedAt: undefined },
    demands: Object.entries(demands).map(([workload, requestsPerSecond]) => ({
      workload: `default/${workload}`,
      requestsPerSecond,
      tokenMix: undefined,
    })),
  };
}
