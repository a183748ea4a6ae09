/** A thread of `apportion replay`: runs one job after the other, as they come. */
import { parentPort } from "node:worker_threads";
import type { ReplayJob } from "../app/replay/types.ts";
import { runReplayJob } from "./replay-run.ts";

parentPort?.on("message", async (job: ReplayJob) => {
  try {
    parentPort?.postMessage({ outcome: await runReplayJob(job) });
  } catch (error) {
    parentPort?.postMessage({ error: error instanceof Error ? (error.stack ?? error.message) : String(error) });
  }
});
