import { Worker } from "node:worker_threads";
import type { ConfigAnswer, ConfigQuestion } from "./config-worker.ts";
import type { ConnectionOptions, ConnectionSettings } from "./sdk-config.ts";

/** Connections are made together, at the start: one thread reads for all of them, and ends soon after. */
const IDLE_MS = 2_000;

interface Running {
  worker: Worker;
  waiting: Map<number, PromiseWithResolvers<ConfigAnswer>>;
  timer?: NodeJS.Timeout;
}

let running: Running | undefined;
let lastId = 0;

/**
 * Settings that stand by themselves; undefined where the SDK has to stay with the connection.
 *
 * @throws Error where there is no usable configuration
 */
export async function readSettings(options: ConnectionOptions): Promise<ConnectionSettings | undefined> {
  running ??= start();
  const { worker, waiting, timer } = running;
  clearTimeout(timer);
  lastId += 1;
  const asked = Promise.withResolvers<ConfigAnswer>();
  waiting.set(lastId, asked);
  worker.ref();
  // Of what callers hand over only this: not all of it can cross threads.
  const { kubeconfigFile, context } = options;
  worker.postMessage({ id: lastId, options: { kubeconfigFile, context } } satisfies ConfigQuestion);
  const answer = await asked.promise;
  if ("error" in answer) throw new Error(answer.error);
  return answer.settings;
}

function start(): Running {
  const worker = new Worker(new URL("./config-worker.ts", import.meta.url));
  const started: Running = { worker, waiting: new Map() };
  const end = (error: Error): void => {
    if (running === started) running = undefined;
    for (const { reject } of started.waiting.values()) reject(error);
    started.waiting.clear();
  };
  worker.on("error", end);
  worker.on("exit", () => end(new Error("the thread that reads the kubeconfig has ended")));
  worker.on("message", (answer: ConfigAnswer) => {
    started.waiting.get(answer.id)?.resolve(answer);
    started.waiting.delete(answer.id);
    if (started.waiting.size > 0) return;
    worker.unref();
    started.timer = setTimeout(() => {
      if (running === started) running = undefined;
      void worker.terminate();
    }, IDLE_MS);
    started.timer.unref();
  });
  return started;
}
