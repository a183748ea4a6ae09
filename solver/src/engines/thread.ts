import { Worker } from "node:worker_threads";
import type { Milp, MilpAnswer, MilpBackend, MilpLimits } from "../milp/model.ts";
import type { EngineRequest, EngineResponse } from "./protocol.ts";

/** How long past its limit a solve may take to answer before its thread is ended: engines look at their clock only between steps, or never. */
const KILL_GRACE_MS = 60;
/** Idle threads kept for the next solve. */
const POOL_SIZE = 2;

const idle = new Map<string, Worker[]>();
let nextId = 1;

function takeWorker(script: URL): Worker {
  const worker = idle.get(script.href)?.pop() ?? new Worker(script);
  worker.ref();
  return worker;
}

function giveBack(script: URL, worker: Worker): void {
  worker.removeAllListeners("message");
  worker.removeAllListeners("error");
  const own = idle.get(script.href) ?? [];
  idle.set(script.href, own);
  if (own.length >= POOL_SIZE) {
    void worker.terminate();
    return;
  }
  // a kept thread must not keep the process alive
  worker.unref();
  worker.on("error", () => {
    const at = own.indexOf(worker);
    if (at >= 0) own.splice(at, 1);
  });
  own.push(worker);
}

/** A mixed-integer engine in a thread of its own, ended where it overshoots; the best incumbent that it posted is then the answer. */
export function threadBackend(name: string, script: URL, columnLimit?: number): MilpBackend {
  return {
    name,
    ...(columnLimit === undefined ? {} : { columnLimit }),
    solve: (milp, limits) => new Promise((resolve, reject) => run(script, milp, limits, resolve, reject)),
  };
}

/** Starts a thread ahead of the first solve: loading an engine takes a while. */
export function warmUp(script: URL): void {
  if (!idle.has(script.href)) giveBack(script, new Worker(script));
}

function run(
  script: URL,
  milp: Milp,
  limits: MilpLimits,
  resolve: (a: MilpAnswer) => void,
  reject: (e: Error) => void,
): void {
  const worst = milp.maximise ? Number.POSITIVE_INFINITY : Number.NEGATIVE_INFINITY;
  const best: MilpAnswer = { status: "stopped", objective: -worst, bound: worst };
  if (limits.signal?.aborted || limits.timeLimitMs <= 0) {
    resolve(best);
    return;
  }
  const worker = takeWorker(script);
  const id = nextId++;
  const stop = new SharedArrayBuffer(4);
  let settled = false;
  const onAbort = () => {
    Atomics.store(new Int32Array(stop), 0, 1);
    kill.refresh();
  };
  const settle = (finish: () => void, keep: boolean) => {
    if (settled) return;
    settled = true;
    clearTimeout(timer);
    clearTimeout(kill);
    limits.signal?.removeEventListener("abort", onAbort);
    if (keep) giveBack(script, worker);
    else void worker.terminate();
    finish();
  };
  const kill = setTimeout(() => {
    if (Atomics.load(new Int32Array(stop), 0) !== 0) settle(() => resolve(best), false);
  }, KILL_GRACE_MS);
  const timer = setTimeout(onAbort, limits.timeLimitMs);
  limits.signal?.addEventListener("abort", onAbort, { once: true });
  worker.on("message", (r: EngineResponse) => {
    if (r.id !== id) return;
    if (r.kind === "progress") {
      best.bound = r.bound;
      limits.onProgress?.(r.incumbent, r.bound);
    } else if (r.kind === "incumbent") {
      best.values = r.values;
      best.objective = r.objective;
    } else if (r.kind === "failed") {
      settle(() => reject(new Error(`the engine failed: ${r.message}`)), false);
    } else {
      settle(() => resolve({ ...r, values: r.values ?? best.values } as MilpAnswer), true);
    }
  });
  worker.on("error", (error) => settle(() => reject(error), false));
  const { timeLimitMs, gap, nodeLimit, start } = limits;
  const request: EngineRequest = { id, milp, timeLimitMs, gap, nodeLimit, start, stop };
  worker.postMessage(request);
}
