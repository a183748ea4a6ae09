import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import { buildFlags, MODULE_DIR } from "./source.ts";

export function hasGo(environment: NodeJS.ProcessEnv): boolean {
  return spawnSync("go", ["version"], { env: environment, stdio: "ignore" }).status === 0;
}

/**
 * Builds the module into `path`: about four minutes of two cores and 3 GB of Go's caches from nothing, two seconds where
 * nothing changed. The file appears complete or not at all, so that several builds do not disturb each other.
 */
export async function buildControlPlane(path: string, environment: NodeJS.ProcessEnv): Promise<void> {
  const parent = join(path, "..");
  mkdirSync(parent, { recursive: true });
  const scratch = mkdtempSync(join(parent, "build-"));
  try {
    const output = join(scratch, "controlplane");
    const env = { ...environment, CGO_ENABLED: "0" };
    // Standard output stays free for what the caller prints there.
    const go = spawn("go", ["build", ...buildFlags(), "-o", output, "."], {
      cwd: MODULE_DIR,
      env,
      stdio: ["ignore", 2, 2],
    });
    const [code, signal] = (await once(go, "exit")) as [number | null, string | null];
    if (code !== 0) throw new Error(`go build in ${MODULE_DIR} failed (${signal ?? `exit code ${code}`})`);
    renameSync(output, path);
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}
