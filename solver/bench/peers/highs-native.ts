import { spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import type { PlacementProblem } from "../../src/problem/types.ts";
import type { Point } from "../job.ts";
import { envelope } from "../trajectory.ts";
import { penaltyMilp } from "./penalty-milp.ts";
import { cacheFolder, type Python } from "./python.ts";

const SCRIPT = join(import.meta.dirname, "highs-native.py");

/** Reading the model is not counted, but takes a while; a run that is this far past its limit is ended. */
const GRACE_MS = 120_000;

export type NativeResult = { ok: true; points: Point[]; status: string } | { ok: false; why: string };

/** HiGHS native on a penalty problem: its plan and bound over time, without reading the model. */
export async function highsNative(
  python: Python,
  problem: PlacementProblem,
  limitMs: number,
  threads: number,
): Promise<NativeResult> {
  if (!python.ok) return python;
  const folder = mkdtempSync(join(cacheFolder(), "model-"));
  try {
    const path = join(folder, "model.json");
    writeFileSync(path, JSON.stringify(penaltyMilp(problem)));
    const child = spawn(python.command, [SCRIPT, path, String(limitMs / 1000), String(threads)]);
    const timer = setTimeout(() => child.kill("SIGKILL"), limitMs + GRACE_MS);
    const [out, complaint] = await Promise.all([text(child.stdout), text(child.stderr)]);
    clearTimeout(timer);
    const lines = out.split("\n").filter((line) => line.startsWith("{"));
    const points = lines.map((line) => JSON.parse(line) as Point & { status?: string });
    if (points.length === 0) return { ok: false, why: complaint.trim().split("\n").at(-1) ?? "no answer" };
    return { ok: true, points: envelope(points), status: points.at(-1)?.status ?? "ended by the kill timer" };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
