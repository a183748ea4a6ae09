import type { Milp, MilpAnswer, MilpBackend, MilpLimits } from "../milp/model.ts";
import type { EngineRequest, EngineResponse } from "./protocol.ts";
import { giveBack, takeWorker } from "./worker-pool.ts";

/** How long past its limit a solve may take to answer before its thread is ended: engines look at their clock only between steps, or never. */
const KILL_GRACE_MS = 60;
/** Columns beyond which copying a model to its thread would take longer than anyone waits. */
const MOST_COLUMNS = 200_000;
/** The longest wait a timer takes. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;
let nextId = 1;

/** A mixed-integer engine in a thread of its own, ended where it overshoots; the best incumbent that it posted is then the answer. */
export function threadBackend(name: string, script: URL, columnLimit?: number): MilpBackend {
  return {
    name,
    ...(columnLimit === undefined ? {} : { columnLimit }),
    solve: (milp, limits) => new Promise((resolve, reject) => run(script, milp, limits, resolve, reject)),
  };
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
  if (limits.signal?.aborted || limits.timeLimitMs <= 0 || milp.cost.length > MOST_COLUMNS) {
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
  const timer = setTimeout(onAbort, Math.min(LONGEST_TIMER_MS, limits.timeLimitMs));
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
  const { timeLimitMs, gap, nodeLimit, tolerance, start } = limits;
  const request: EngineRequest = { id, milp, timeLimitMs, gap, nodeLimit, tolerance, start, stop };
  worker.postMessage(request);
}
