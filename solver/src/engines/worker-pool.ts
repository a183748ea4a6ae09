import { type ResourceLimits, Worker } from "node:worker_threads";

const EVENTS = ["message", "messageerror", "error", "exit"] as const;

/** Idle threads of one kind that are kept for the next solve. */
const KEPT = 2;

const idle = new Map<string, Worker[]>();

/** A new thread; `limits` bound its heap, so that running out is an error of that thread and not of the process. */
export function startWorker(script: URL, limits?: ResourceLimits): Worker {
  // node -e with --input-type would hand that on, and no file may be loaded under it
  const fromText = process.execArgv.some((a) => a.startsWith("--input-type"));
  return new Worker(script, { ...(fromText && { execArgv: [] }), ...(limits && { resourceLimits: limits }) });
}

/** A kept thread, or a new one. Threads of one script all have the same `limits`. */
export function takeWorker(script: URL, limits?: ResourceLimits): Worker {
  const worker = idle.get(script.href)?.pop() ?? startWorker(script, limits);
  for (const event of EVENTS) worker.removeAllListeners(event);
  worker.ref();
  return worker;
}

/** Keeps a thread that has nothing more to do, or ends it where enough are kept. */
export function giveBack(script: URL, worker: Worker): void {
  for (const event of EVENTS) worker.removeAllListeners(event);
  const own = idle.get(script.href) ?? [];
  idle.set(script.href, own);
  if (own.length >= KEPT) {
    void worker.terminate();
    return;
  }
  const forget = () => {
    const at = own.indexOf(worker);
    if (at >= 0) own.splice(at, 1);
  };
  worker.on("error", forget);
  worker.on("exit", forget);
  // a kept thread must not keep the process alive
  worker.unref();
  own.push(worker);
}

/** Starts a thread ahead of the first solve: loading an engine takes a while. Undefined where one is there already. */
export function warmUp(script: URL, limits?: ResourceLimits): Worker | undefined {
  if (idle.get(script.href)?.length) return undefined;
  const worker = startWorker(script, limits);
  giveBack(script, worker);
  return worker;
}
