import { availableParallelism } from "node:os";
import { fileURLToPath } from "node:url";
import { Worker } from "node:worker_threads";
import { readTextFile } from "../adapters/files/read-file.ts";
import { readTraceCsv } from "../adapters/sim/trace-csv.ts";
import type { ReplayJob, ReplayOutcome } from "../app/replay/types.ts";
import type { ReplayOptions } from "../cli/context.ts";
import { BadInputError } from "../cli/exit.ts";
import type { TracedRequest } from "../simulation/cluster/traffic.ts";
import { runReplayJob } from "./replay-run.ts";

const MAX_THREADS = 16;
const TRACE = fileURLToPath(new URL("../../examples/data/azure-llm-2023-code.csv", import.meta.url));

type Answer = { outcome: ReplayOutcome } | { error: string };

/** All jobs, spread over threads; the outcomes stand in the order of the jobs. @throws BadInputError for a trace that cannot be read */
export async function runReplays({ jobs, traceFile, onDone }: ReplayOptions): Promise<ReplayOutcome[]> {
  const trace = await traceOf(jobs, traceFile);
  const threads = Math.min(jobs.length, availableParallelism(), MAX_THREADS);
  const outcomes: ReplayOutcome[] = new Array(jobs.length);
  let next = 0;
  const work = async (run: (job: ReplayJob) => Promise<ReplayOutcome>): Promise<void> => {
    while (next < jobs.length) {
      const index = next++;
      outcomes[index] = await run({ ...jobs[index]!, trace });
      onDone();
    }
  };
  if (threads < 2) await work(runReplayJob);
  else await Promise.all(Array.from({ length: threads }, () => inThread(work)));
  return outcomes;
}

async function traceOf(jobs: ReplayOptions["jobs"], file: string | undefined): Promise<TracedRequest[]> {
  const follows = jobs.some(({ simulation }) =>
    simulation.workloads.some(({ traffic }) => traffic.some(({ type }) => type === "trace")),
  );
  if (!follows && file === undefined) return [];
  try {
    return readTraceCsv(await readTextFile(file ?? TRACE, process.stdin), file ?? TRACE);
  } catch (error) {
    throw new BadInputError([error instanceof Error ? error.message : String(error)]);
  }
}

async function inThread(work: (run: (job: ReplayJob) => Promise<ReplayOutcome>) => Promise<void>): Promise<void> {
  const worker = new Worker(new URL("./replay-thread.ts", import.meta.url));
  try {
    await work((job) => ask(worker, job));
  } finally {
    await worker.terminate();
  }
}

function ask(worker: Worker, job: ReplayJob): Promise<ReplayOutcome> {
  const answer = Promise.withResolvers<ReplayOutcome>();
  const settle = (told: Answer): void => {
    worker.off("error", answer.reject);
    if ("outcome" in told) answer.resolve(told.outcome);
    else answer.reject(new Error(told.error));
  };
  worker.once("message", settle);
  worker.once("error", answer.reject);
  worker.postMessage(job);
  return answer.promise;
}
