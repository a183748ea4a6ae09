import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { EngineName } from "../../src/index.ts";
import { type InstanceSpec, idOf, problemOf } from "../fleets/instance.ts";
import type { Job, Point } from "../job.ts";
import type { Run } from "../run-cell.ts";
import { envelope } from "../trajectory.ts";
import { highsNative } from "./highs-native.ts";
import { cacheFolder, pythonWithHighs } from "./python.ts";

export type PeerName = "highs-native-1" | "highs-native-2" | "highs-wasm" | "greedy";
export const PEER_TITLES: Record<PeerName, string> = {
  "highs-native-1": "HiGHS native, 1 thread",
  "highs-native-2": "HiGHS native, 2 threads",
  "highs-wasm": "HiGHS WebAssembly",
  greedy: "predecessors' greedy",
};

export type Trajectory = { ok: true; points: Point[] } | { ok: false; why: string };

const isPeer = (name: EngineName | PeerName): name is PeerName => name in PEER_TITLES;

/**
 * Plan and bound over time of any engine on a penalty instance. Runs of peers take minutes and do not change with this code: they are kept
 * in the cache, and `reuse` reads them. This solver runs every time.
 */
export async function trajectoryOf(
  name: EngineName | PeerName,
  instance: InstanceSpec,
  limitMs: number,
  run: Run,
  reuse: boolean,
): Promise<Trajectory> {
  const folder = join(cacheFolder(), "trajectories");
  const file = join(folder, `${idOf(instance)}.${name}.${limitMs}.json`);
  if (reuse && isPeer(name) && existsSync(file))
    return { ok: true, points: JSON.parse(readFileSync(file, "utf8")) as Point[] };
  const made = await make(name, instance, limitMs, run);
  if (!made.ok) return made;
  mkdirSync(folder, { recursive: true });
  writeFileSync(file, JSON.stringify(made.points));
  return made;
}

async function make(
  name: EngineName | PeerName,
  instance: InstanceSpec,
  limitMs: number,
  run: Run,
): Promise<Trajectory> {
  if (name === "highs-native-1" || name === "highs-native-2") {
    process.stderr.write(`${name} ${idOf(instance)}: up to ${limitMs / 1000} s\n`);
    return await highsNative(pythonWithHighs(), problemOf(instance), limitMs, name === "highs-native-1" ? 1 : 2);
  }
  const result = await run(jobOf(name, instance, limitMs));
  return result.ok ? { ok: true, points: envelope(result.outcome.trajectory) } : result;
}

function jobOf(name: EngineName | PeerName, instance: InstanceSpec, limitMs: number): Job {
  if (!isPeer(name)) return { what: "solve", instance, engine: name, limitMs };
  return name === "greedy" ? { what: "greedy", instance } : { what: "highs-wasm", instance, limitMs };
}
