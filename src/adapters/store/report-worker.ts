/** Holds the store of reports in a thread of its own: a flush of the disk blocks nobody else. */
import { parentPort, workerData } from "node:worker_threads";
import type { ReportAnswer, ReportJob } from "./report-thread.ts";
import { SqliteStore } from "./sqlite-store.ts";

const port = parentPort;
if (port === null) throw new Error("runs as a thread only");
const store = new SqliteStore(String(workerData));
const reports = store.reports();

async function run(job: ReportJob): Promise<ReportAnswer["result"]> {
  if (job.name === "load") return { loaded: await reports.load() };
  if (job.name === "write") await reports.write(job.reports);
  else if (job.name === "forget") await reports.forget(job.kind, job.source);
  else store.close();
  return {};
}

port.on("message", (job: ReportJob & { id: number }) => {
  run(job).then(
    (result) => port.postMessage({ id: job.id, result } satisfies ReportAnswer),
    (error: unknown) => {
      const message = error instanceof Error ? error.message : String(error);
      port.postMessage({ id: job.id, result: { error: message } } satisfies ReportAnswer);
    },
  );
});
