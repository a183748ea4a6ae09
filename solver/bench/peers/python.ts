import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** Pinned, so that two machines compare with the same solver. */
const PACKAGES = ["highspy==1.16.0", "numpy"];

/** Of development tools: outside the project, and never one of its dependencies. */
export function cacheFolder(): string {
  const folder = join(process.env.XDG_CACHE_HOME || tmpdir(), "apportion-bench");
  mkdirSync(folder, { recursive: true });
  return folder;
}

export type Python = { ok: true; command: string } | { ok: false; why: string };

function runs(command: string, args: string[]): boolean {
  return spawnSync(command, args, { stdio: "ignore" }).status === 0;
}

/** A Python with HiGHS in it: from the cache, or installed into it now; or what is missing, in words for the table. */
export function pythonWithHighs(): Python {
  const venv = join(cacheFolder(), "venv");
  const command = join(venv, "bin/python");
  if (existsSync(command) && runs(command, ["-c", "import highspy, numpy"])) return { ok: true, command };
  if (!runs("python3", ["--version"])) return { ok: false, why: "not measured: python3 is not installed" };
  if (!runs("python3", ["-m", "venv", venv]))
    return { ok: false, why: "not measured: python3 has no venv module (Debian: apt install python3-venv)" };
  process.stderr.write(`installing ${PACKAGES.join(", ")} into ${venv}\n`);
  if (!runs(command, ["-m", "pip", "install", "--quiet", ...PACKAGES]))
    return { ok: false, why: `not measured: pip cannot install ${PACKAGES.join(" and ")}` };
  return { ok: true, command };
}
