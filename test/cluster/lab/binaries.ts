import { existsSync } from "node:fs";
import { join } from "node:path";
import { buildControlPlane, hasGo } from "./build.ts";
import { COMPONENTS, type ComponentName } from "./components.ts";
import { downloadComponent, release } from "./download.ts";
import { cacheDir, pinnedVersions } from "./source.ts";

/** How to start each component: the program and what comes before its flags. */
export type ControlPlane = Record<ComponentName, [string, ...string[]]>;

export interface Binaries {
  commands: ControlPlane;
  /** Where they came from, for people. */
  source: string;
}

type Found = Partial<ControlPlane>;

const missingFrom = (found: Found) => COMPONENTS.filter((name) => found[name] === undefined);

/** The files in a directory that are named like components. */
function componentsIn(dir: string): Found {
  const present = COMPONENTS.filter((name) => existsSync(join(dir, name)));
  return Object.fromEntries(present.map((name) => [name, [join(dir, name)]]));
}

function fromOneBinary(path: string): ControlPlane {
  const commands: Found = {};
  for (const name of COMPONENTS) commands[name] = [path, name];
  return commands as ControlPlane;
}

/** `KUBEBUILDER_ASSETS`: as a rule etcd and kube-apiserver, but every component there is taken. */
function fromAssets(environment: NodeJS.ProcessEnv): Found {
  const dir = environment.KUBEBUILDER_ASSETS;
  return dir ? componentsIn(dir) : {};
}

function asBinaries(found: Found, assets: Found, source: string): Binaries {
  const given = Object.keys(assets);
  const commands = { ...found, ...assets } as ControlPlane;
  return {
    commands,
    source: [...(given.length ? [`KUBEBUILDER_ASSETS (${given.join(", ")})`] : []), source].join(" and "),
  };
}

/** What is on this machine already; undefined where some component would have to be built or downloaded. */
export function presentBinaries(environment: NodeJS.ProcessEnv = process.env): Binaries | undefined {
  const assets = fromAssets(environment);
  const missing = missingFrom(assets);
  if (missing.length === 0) return { commands: assets as ControlPlane, source: `KUBEBUILDER_ASSETS (all)` };
  const dir = cacheDir(environment);
  const built = join(dir, "controlplane");
  if (existsSync(built)) return asBinaries(fromOneBinary(built), assets, `cache ${built}`);
  const downloaded = componentsIn(dir);
  if (missing.some((name) => downloaded[name] === undefined)) return undefined;
  return asBinaries(downloaded, assets, `cache ${dir}`);
}

/** Says what to do on a machine where nothing can be had. */
function nothingFound(missing: ComponentName[], reasons: string[]): Error {
  const { kubernetes, etcd, kwok } = pinnedVersions();
  return new Error(
    [
      `the lab has no ${missing.join(", ")}:`,
      ...reasons.map((reason) => `  - ${reason}`),
      "One of these helps:",
      "  - install Go (go.dev/dl) and run `npm run lab:build`;",
      `  - put the binaries (Kubernetes ${kubernetes}, etcd ${etcd}, KWOK ${kwok}) into a directory and name it in KUBEBUILDER_ASSETS.`,
    ].join("\n"),
  );
}

/**
 * Binaries of all components from, in this order, KUBEBUILDER_ASSETS, the cache, a build with Go, the official downloads.
 * A build takes minutes; `announce` is told before. Fails with a message that says what is missing and what helps.
 */
export async function obtainBinaries(
  announce: (text: string) => void,
  environment: NodeJS.ProcessEnv = process.env,
  download: typeof downloadComponent = downloadComponent,
): Promise<Binaries> {
  const present = presentBinaries(environment);
  if (present) return present;
  const assets = fromAssets(environment);
  const missing = missingFrom(assets);
  const dir = cacheDir(environment);
  const reasons = ["KUBEBUILDER_ASSETS names no directory that has them", `nothing in the cache ${dir}`];
  if (hasGo(environment)) {
    announce(`building the control plane with Go into ${dir}: about 4 minutes, once`);
    const path = join(dir, "controlplane");
    await buildControlPlane(path, environment);
    return asBinaries(fromOneBinary(path), assets, `built with Go into ${path}`);
  }
  reasons.push("no `go` in the PATH to build them with");
  try {
    for (const name of missing) {
      announce(`downloading ${name} into ${dir}`);
      await download(release(name, pinnedVersions()), join(dir, name));
    }
  } catch (error) {
    throw nothingFound(missing, [...reasons, `download failed: ${reasonOf(error)}`]);
  }
  return asBinaries(componentsIn(dir), assets, `downloaded into ${dir}`);
}

/** `fetch` hides what happened in its cause. */
function reasonOf(error: unknown): string {
  const { message, cause } = error as Error;
  return cause instanceof Error ? `${message}: ${cause.message || String(cause)}` : message;
}
