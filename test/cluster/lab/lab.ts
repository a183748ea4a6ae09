import { spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { request as plainRequest } from "node:http";
import { request as tlsRequest } from "node:https";
import { join } from "node:path";
import { type Api, connect } from "./api.ts";
import { type Binaries, presentBinaries } from "./binaries.ts";
import { type Cluster, cluster, waitFor } from "./cluster.ts";
import { type Component, component } from "./component.ts";
import {
  COMPONENTS,
  type ComponentName,
  componentArgs,
  type ExtraArgs,
  type LabPorts,
  readinessUrl,
  schedulerConfig,
} from "./components.ts";
import { writeCredentials } from "./credentials.ts";
import { type FaultProxy, startFaultProxy } from "./fault-proxy.ts";
import { type LabFiles, labFiles } from "./files.ts";
import type { NodeSpec } from "./objects.ts";
import { freePorts } from "./ports.ts";
import { logTail } from "./process.ts";
import { kwokConfig, type StageDelays } from "./stages.ts";
import { destroyLab, destroyStaleLabs, ownedDirPrefix, writeState } from "./state.ts";

export interface LabOptions extends Partial<StageDelays> {
  /** Made before the lab is given out; they are ready then. */
  nodes?: NodeSpec[];
  /** More flags for components, such as `{ "kube-controller-manager": ["--node-monitor-grace-period=5s"] }`. */
  args?: ExtraArgs;
  /** Where to run; then the lab stays after this process. Absent: a directory of its own, which ends with the process. */
  dir?: string;
  binaries?: Binaries;
}

/** A running Kubernetes control plane with nodes and pods that KWOK plays. */
export interface Lab extends Cluster {
  dir: string;
  /** Path; its user may do everything. */
  kubeconfig: string;
  server: string;
  component(name: ComponentName): Component;
  /** A new proxy before the API server; stopped with the lab. */
  faultProxy(): Promise<FaultProxy>;
  /** Ends all processes and removes the directory; may be called again. */
  stop(): Promise<void>;
}

const DEFAULT_DELAYS: StageDelays = { readyDelayMs: 200, deleteDelayMs: 50 };

/** True where the URL answers 2xx; certificates are not looked at, since controllers sign their own. */
function answers(url: string): Promise<boolean> {
  const send = url.startsWith("https:") ? tlsRequest : plainRequest;
  return new Promise((resolve) => {
    const call = send(url, { rejectUnauthorized: false, agent: false, timeout: 2000 }, (response) => {
      response.resume();
      resolve((response.statusCode ?? 500) < 300);
    });
    call.on("timeout", () => call.destroy());
    call.on("error", () => resolve(false));
    call.end();
  });
}

/** Starts the process that ends the lab if this one does; the returned function lets it go. */
function startKeeper(dir: string): () => void {
  const keeper = spawn(process.execPath, [join(import.meta.dirname, "keeper.ts"), dir], {
    detached: true,
    stdio: ["pipe", "ignore", "ignore"],
  });
  keeper.unref();
  // The pipe is a socket, whose types do not say so; it must not keep this process alive either.
  (keeper.stdin as unknown as { unref(): void }).unref();
  return () => keeper.stdin.destroy();
}

function binariesOrFail(): Binaries {
  const present = presentBinaries();
  if (!present)
    throw new Error("the lab's control plane is not built yet: run `npm run lab:build` (about 4 minutes, once)");
  return present;
}

function prepareDir(dir: string | undefined): LabFiles {
  if (dir === undefined) destroyStaleLabs();
  else destroyLab(dir);
  const files = labFiles(dir ?? mkdtempSync(ownedDirPrefix()));
  for (const name of ["pki", "log"]) mkdirSync(join(files.dir, name), { recursive: true, mode: 0o700 });
  return files;
}

function componentsOf(
  files: LabFiles,
  ports: LabPorts,
  api: Api,
  binaries: Binaries,
  options: LabOptions,
): Component[] {
  const pids: Partial<Record<ComponentName, number>> = {};
  const owner = options.dir === undefined ? process.pid : undefined;
  writeState(files.dir, { owner, pids });
  return COMPONENTS.map((name) =>
    component({
      name,
      command: [...binaries.commands[name], ...componentArgs(name, files, ports, options.args ?? {})],
      log: files.logOf(name),
      // Nothing of the caller's cluster (KUBECONFIG, KUBERNETES_SERVICE_HOST, proxies) may reach the components.
      environment: { PATH: process.env.PATH, HOME: files.dir, TMPDIR: process.env.TMPDIR },
      isReady: name === "kube-apiserver" ? () => api.answers("/readyz") : () => answers(readinessUrl(name, ports)),
      onStart: (pid) => {
        pids[name] = pid;
        writeState(files.dir, { owner, pids });
      },
    }),
  );
}

/** etcd, then the API server, then those that need it, side by side. */
async function startAll([etcd, apiServer, ...others]: Component[], api: Api): Promise<void> {
  await etcd?.start();
  await apiServer?.start();
  await Promise.all(others.map((entry) => entry.start()));
  // Pods are refused until the service-account controller has made it.
  const account = "/api/v1/namespaces/default/serviceaccounts/default";
  await waitFor("the default service account", () => api.answers(account));
}

/** One whose port was taken meanwhile has ended, while who took it may have answered that it is ready. */
function checkAlive(components: Component[]): void {
  const dead = components.find((entry) => !entry.alive());
  if (dead) throw new Error(`${dead.name} ended:\n${logTail(dead.log)}`);
}

/** Starts a lab: about four seconds. Needs `npm run lab:build` (which `npm test` does) to have run once. */
export async function startLab(options: LabOptions = {}): Promise<Lab> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await startOnce(options);
    } catch (error) {
      // Between finding a port free and using it, another lab may have taken it.
      if (attempt === 3 || !(error as Error).message.includes("address already in use")) throw error;
    }
  }
}

async function startOnce(options: LabOptions): Promise<Lab> {
  const binaries = options.binaries ?? binariesOrFail();
  const files = prepareDir(options.dir);
  const letKeeperGo = options.dir === undefined ? startKeeper(files.dir) : () => {};
  const proxies: FaultProxy[] = [];
  let api: Api | undefined;

  async function stop(): Promise<void> {
    await Promise.all(proxies.splice(0).map((proxy) => proxy.stop()));
    api?.close();
    destroyLab(files.dir);
    letKeeperGo();
  }

  try {
    const ports = await freePorts();
    const server = `https://127.0.0.1:${ports.apiServer}`;
    const token = await writeCredentials(files, server);
    const authority = readFileSync(files.authority, "utf8");
    writeFileSync(files.schedulerConfig, schedulerConfig(files));
    writeFileSync(files.kwokConfig, kwokConfig({ ...DEFAULT_DELAYS, ...options }));
    api = connect({ server, authority, token });
    const components = componentsOf(files, ports, api, binaries, options);
    await startAll(components, api);
    checkAlive(components);
    const inside = cluster(api);
    if (options.nodes?.length) await inside.addNodes(options.nodes);
    return {
      ...inside,
      dir: files.dir,
      kubeconfig: files.kubeconfig,
      server,
      component: (name) => components[COMPONENTS.indexOf(name)] as Component,
      faultProxy: async () => {
        const certificate = readFileSync(files.serverCertificate, "utf8");
        const tls = { certificate, key: readFileSync(files.serverKey, "utf8"), authority };
        const path = join(files.dir, `proxy-${proxies.length}.kubeconfig`);
        const proxy = await startFaultProxy({ target: server, tls, kubeconfig: { path, token } });
        proxies.push(proxy);
        return proxy;
      },
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}
