import { spawnSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { homedir, tmpdir } from "node:os";
import { join } from "node:path";
import type { ComponentName } from "./components.ts";
import { labFiles } from "./files.ts";

/** What a lab's directory says about its processes, so that whoever comes later can end them. */
export interface LabState {
  /** Process that ends the lab when it ends itself; absent: it stays until it is stopped. */
  owner?: number;
  pids: Partial<Record<ComponentName, number>>;
}

/** Directories of labs that tests start. */
const OWNED_PREFIX = "apportion-lab-";
export const ownedDirPrefix = () => join(tmpdir(), OWNED_PREFIX);

/** Directory of the one lab that `npm run lab` starts. */
export function standingDir(environment: NodeJS.ProcessEnv = process.env): string {
  return join(environment.XDG_STATE_HOME || join(homedir(), ".local/state"), "apportion/lab");
}

export function writeState(dir: string, state: LabState): void {
  const path = labFiles(dir).state;
  writeFileSync(`${path}.new`, JSON.stringify(state));
  renameSync(`${path}.new`, path);
}

function readState(dir: string): LabState | undefined {
  const path = labFiles(dir).state;
  return existsSync(path) ? (JSON.parse(readFileSync(path, "utf8")) as LabState) : undefined;
}

/** The command line of a process; empty where there is none. */
function commandLine(pid: number): string {
  if (!existsSync("/proc/self"))
    return spawnSync("ps", ["-o", "args=", "-p", String(pid)], { encoding: "utf8" }).stdout;
  try {
    return readFileSync(`/proc/${pid}/cmdline`, "utf8");
  } catch {
    return "";
  }
}

/** Components of a lab that run. Each has the lab's directory in its flags, so a reused process id is not mistaken for one. */
export function runningPids(dir: string): number[] {
  const pids = Object.values(readState(dir)?.pids ?? {});
  return pids.filter((pid) => commandLine(pid).includes(`${dir}/`));
}

function sleepSync(ms: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);
}

/** Kills what runs of a lab, waits until it is gone, and removes the directory. Synchronous: its caller may be ending. */
export function destroyLab(dir: string): void {
  for (const pid of runningPids(dir)) {
    try {
      process.kill(pid, "SIGKILL");
    } catch {
      // It ended in between.
    }
  }
  for (let waited = 0; runningPids(dir).length > 0 && waited < 5000; waited += 10) sleepSync(10);
  rmSync(dir, { recursive: true, force: true, maxRetries: 5 });
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}

/** Removes labs of owners that no longer live; only a machine that lost power or a killed keeper leaves any. */
export function destroyStaleLabs(): void {
  for (const name of readdirSync(tmpdir()).filter((entry) => entry.startsWith(OWNED_PREFIX))) {
    const dir = join(tmpdir(), name);
    const owner = readState(dir)?.owner;
    if (owner !== undefined && !isAlive(owner)) destroyLab(dir);
  }
}
