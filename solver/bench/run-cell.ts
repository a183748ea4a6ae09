import { spawn } from "node:child_process";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { idOf } from "./fleets/instance.ts";
import type { CellResult, Job } from "./job.ts";

const SCRIPT = join(import.meta.dirname, "cell.ts");

/** Beyond its limit a cell may take this long to make the problem, load and answer; then it is ended. */
const GRACE_MS = 120_000;

/**
 * Runs a job in a fresh process, so that no cell warms up the next one, peak memory is its own, and an engine that never looks at its
 * clock can be ended.
 */
export async function runCell(job: Job, graceMs = GRACE_MS): Promise<CellResult> {
  const limitMs = "limitMs" in job ? job.limitMs : 0;
  const solves = job.what === "replan" ? 2 : job.what === "scenarios" ? 1 + job.count : 1;
  const child = spawn(process.execPath, [SCRIPT], { stdio: ["pipe", "pipe", "pipe"] });
  const killAfterMs = solves * limitMs + graceMs;
  const timer = setTimeout(() => child.kill("SIGKILL"), killAfterMs);
  const closed = new Promise<number | null>((resolve) => child.on("close", resolve));
  // a child that dies at once breaks the pipe; its exit says more than that error
  child.stdin.on("error", () => undefined);
  child.stdin.end(JSON.stringify(job));
  const [out, complaint, code] = await Promise.all([text(child.stdout), text(child.stderr), closed]);
  clearTimeout(timer);
  if (out !== "") return JSON.parse(out) as CellResult;
  const said = complaint.split("\n").find((line) => line.includes("Error"));
  return { ok: false, why: said ?? `ended with ${code ?? `the kill timer (${killAfterMs} ms)`}` };
}

/** The same with a line on standard error: tables take long, and a silent one looks hung. */
export async function runLoudly(job: Job): Promise<CellResult> {
  const result = await runCell(job);
  const { engine = job.what } = job as { engine?: string };
  const told = result.ok ? `${Math.round(result.outcome.ms)} ms, gap ${result.outcome.gap ?? "none"}` : result.why;
  process.stderr.write(`${job.what} ${idOf(job.instance)} ${engine}: ${told}\n`);
  return result;
}

/** How commands run their jobs: in processes of their own, or in a test as the test likes. */
export type Run = (job: Job) => Promise<CellResult>;
