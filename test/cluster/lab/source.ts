import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";

/** The Go module that holds every component; see its `main.go`. */
export const MODULE_DIR = join(import.meta.dirname, "../controlplane");

export interface Versions {
  kubernetes: string;
  etcd: string;
  kwok: string;
}

function requiredVersion(goMod: string, module: string): string {
  const line = goMod.split("\n").find((text) => text.trim().startsWith(`${module} v`));
  const version = line?.trim().split(/\s+/)[1];
  if (version === undefined) throw new Error(`go.mod requires no ${module}`);
  return version;
}

/** What `go.mod` pins. */
export function pinnedVersions(): Versions {
  const goMod = readFileSync(join(MODULE_DIR, "go.mod"), "utf8");
  return {
    kubernetes: requiredVersion(goMod, "k8s.io/kubernetes"),
    etcd: requiredVersion(goMod, "go.etcd.io/etcd/server/v3"),
    kwok: requiredVersion(goMod, "sigs.k8s.io/kwok"),
  };
}

/** Versions are linked in: as a module Kubernetes does not know its own, and the API server would call itself v0.0.0. */
function linkerFlags({ kubernetes, kwok }: Versions): string {
  const [major = "", minor = ""] = kubernetes.slice(1).split(".");
  const version: Record<string, string> = {
    "k8s.io/component-base/version.gitVersion": kubernetes,
    "k8s.io/component-base/version.gitMajor": major,
    "k8s.io/component-base/version.gitMinor": minor,
    "k8s.io/component-base/version.gitCommit": "module",
    "k8s.io/component-base/version.gitTreeState": "clean",
    // A date of the build would make every binary another one.
    "k8s.io/component-base/version.buildDate": "1970-01-01T00:00:00Z",
    "sigs.k8s.io/kwok/pkg/consts.Version": kwok,
  };
  return ["-s", "-w", ...Object.entries(version).map(([name, value]) => `-X ${name}=${value}`)].join(" ");
}

/** Arguments of `go build`, but for the output. */
export function buildFlags(): string[] {
  return ["-mod=readonly", "-buildvcs=false", "-trimpath", `-ldflags=${linkerFlags(pinnedVersions())}`];
}

/** Names what comes out of a build: the same sources and flags give the same bytes. */
function buildKey(): string {
  const hash = createHash("sha256");
  const sources = readdirSync(MODULE_DIR).filter((name) => /^go[.](mod|sum)$|[.]go$/.test(name));
  for (const name of sources.sort())
    hash
      .update(`${name}\0`)
      .update(readFileSync(join(MODULE_DIR, name)))
      .update("\0");
  hash.update([process.platform, process.arch, ...buildFlags()].join("\0"));
  return hash.digest("hex").slice(0, 16);
}

/** Where the binaries of this version are kept, whoever made them. */
export function cacheDir(environment: NodeJS.ProcessEnv): string {
  const base = environment.XDG_CACHE_HOME || join(homedir(), ".cache");
  return join(base, "apportion/controlplane", buildKey());
}
