import { spawn, spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { once } from "node:events";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";

/** Programs of others that tests run for real: each directory here is a Go module that pins them by its `tool` lines. */
export type GoModule = "helm" | "prometheus";

/** Their packages, by the name of the binary; the `go.mod` of each module has them as tools. */
const PACKAGES: Record<GoModule, Record<string, string>> = {
  helm: { helm: "helm.sh/helm/v3/cmd/helm" },
  prometheus: {
    prometheus: "github.com/prometheus/prometheus/cmd/prometheus",
    promtool: "github.com/prometheus/prometheus/cmd/promtool",
  },
};

/** Discovery of scrape targets through cloud providers is most of Prometheus, and nothing that tests use. */
const TAGS: Record<GoModule, string[]> = { helm: [], prometheus: ["-tags=remove_all_sd,netgo"] };

const flagsOf = (module: GoModule): string[] => [
  ...["-mod=readonly", "-buildvcs=false", "-trimpath", "-ldflags=-s -w"],
  ...TAGS[module],
];

/** Where the binaries of the pinned version are kept, whoever made them. */
function toolCache(module: GoModule, environment: NodeJS.ProcessEnv): string {
  const base = environment.XDG_CACHE_HOME || join(homedir(), ".cache");
  const hash = createHash("sha256");
  for (const name of ["go.mod", "go.sum"])
    hash.update(readFileSync(join(import.meta.dirname, module, name))).update("\0");
  hash.update([process.platform, process.arch, ...flagsOf(module)].join("\0"));
  return join(base, "apportion", module, hash.digest("hex").slice(0, 16));
}

/**
 * The path of a program of a module: from the cache, or built with Go into it (minutes, once).
 *
 * @throws Error that says what is missing and what helps, where it is in no cache and there is no Go, or the build fails
 */
export async function goTool(
  module: GoModule,
  program: string,
  announce: (text: string) => void = (text) => void process.stderr.write(`${text}\n`),
  environment: NodeJS.ProcessEnv = process.env,
): Promise<string> {
  const dir = toolCache(module, environment);
  const path = join(dir, program);
  if (existsSync(path)) return path;
  if (spawnSync("go", ["version"], { env: environment, stdio: "ignore" }).status !== 0) {
    throw new Error(
      `there is no ${program}: it is not in ${dir}, and no \`go\` is in the PATH to build it with. Install Go (go.dev/dl), or put the binary there (version: test/tools/${module}/go.mod)`,
    );
  }
  announce(`building ${Object.keys(PACKAGES[module]).join(" and ")} with Go into ${dir}: a few minutes, once`);
  await build(module, dir, environment);
  return path;
}

/** The files appear complete or not at all, so that several builds do not disturb each other. */
async function build(module: GoModule, dir: string, environment: NodeJS.ProcessEnv): Promise<void> {
  mkdirSync(dir, { recursive: true });
  const scratch = mkdtempSync(join(dir, "build-"));
  try {
    const packages = Object.entries(PACKAGES[module]);
    const go = spawn("go", ["build", ...flagsOf(module), "-o", `${scratch}/`, ...packages.map(([, path]) => path)], {
      cwd: join(import.meta.dirname, module),
      env: { ...environment, CGO_ENABLED: "0" },
      stdio: ["ignore", 2, 2],
    });
    const [code, signal] = (await once(go, "exit")) as [number | null, string | null];
    if (code !== 0) throw new Error(`go build of ${module} failed (${signal ?? `exit code ${code}`})`);
    for (const [name] of packages) renameSync(join(scratch, name), join(dir, name));
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}
