import type { Worker } from "node:worker_threads";
import { ProblemTooLargeError, type SolveOptions } from "../api.ts";
import type { Plan } from "../plan/types.ts";
import type { PlacementProblem } from "../problem/types.ts";
import { deadlineNet } from "./deadline-net.ts";
import { nextTurn } from "./next-turn.ts";
import { Outbox } from "./outbox.ts";
import { type Outcome, planOf } from "./outcome.ts";
import { Assembly } from "./pieces.ts";
import { type Asked, type SolverRequest, type SolverResponse, sharedNowMs } from "./solver-protocol.ts";
import { giveBack, startWorker, takeWorker, warmUp } from "./worker-pool.ts";

const SCRIPT = new URL("./solver-worker.ts", import.meta.url);

const MIB = 2 ** 20;
/**
 * Heap of a thread that is started ahead, in MiB: room for 100,000 workloads. V8 lets garbage pile up in proportion to what a heap may
 * grow to, so no more than that.
 */
const KEPT_HEAP_MB = 768;
const KEPT_HEAP = { maxOldGenerationSizeMb: KEPT_HEAP_MB, maxYoungGenerationSizeMb: 24 };
/** After a larger problem a thread is ended: a heap that has grown is not given back otherwise. */
const KEPT_UP_TO_BYTES = 256 * MIB;
const LEAST_HEAP_MB = 16;
/** Share of the estimate that is heap; more room than that would only be filled with garbage. */
const HEAP_SHARE = 0.8;
/** Code of the error of a thread whose heap is full. */
export const OUT_OF_MEMORY = "ERR_WORKER_OUT_OF_MEMORY";
/** Pieces of a problem that may wait for the thread. */
export const PIECES_AHEAD = 4;

export interface ThreadLimits {
  /** When `timeLimitMs` began, as `sharedNowMs`. */
  startedMs: number;
  timeLimitMs: number;
  estimateBytes: number;
  memoryLimitBytes: number;
}

/** Starts a solver thread, with its engine, ahead of the first solve, and has its code compiled. */
export function warmUpThread(): void {
  const worker = warmUp(SCRIPT, KEPT_HEAP);
  worker?.postMessage({ kind: "rehearse" } satisfies SolverRequest);
}

/**
 * Solves in a thread of its own; the caller's is free but for a few ms at a time. Problem and plan cross in pieces, progress as it comes.
 * Where the thread overshoots, see `deadlineNet`. The problem must not change before the promise settles.
 */
export async function solveInThread(
  problem: PlacementProblem,
  options: SolveOptions,
  limits: ThreadLimits,
): Promise<Plan> {
  const mostMb = Math.max(LEAST_HEAP_MB, Math.floor(limits.memoryLimitBytes / MIB));
  const neededMb = Math.max(LEAST_HEAP_MB, Math.ceil((HEAP_SHARE * limits.estimateBytes) / MIB));
  const ahead = neededMb <= KEPT_HEAP_MB && KEPT_HEAP_MB <= mostMb;
  const heaps = [ahead ? KEPT_HEAP_MB : Math.min(mostMb, neededMb), mostMb];
  for (const [attempt, heapMb] of heaps.entries()) {
    const first = ahead && attempt === 0;
    const worker = first ? takeWorker(SCRIPT, KEPT_HEAP) : startWorker(SCRIPT, { maxOldGenerationSizeMb: heapMb });
    const kept = first && limits.estimateBytes <= KEPT_UP_TO_BYTES;
    const give = () => (kept ? giveBack(SCRIPT, worker) : void worker.terminate());
    try {
      return await solveWith(worker, give, problem, options, limits);
    } catch (error) {
      if ((error as { code?: string }).code !== OUT_OF_MEMORY) throw error;
      // the estimate was too low for this problem: once more, with all that is allowed
      if (heapMb >= mostMb) break;
    }
  }
  throw new ProblemTooLargeError(limits.estimateBytes, limits.memoryLimitBytes, true);
}

/** One solve by one thread. `give`: what becomes of a thread that has done its work; any other is ended. */
async function solveWith(
  worker: Worker,
  give: () => void,
  problem: PlacementProblem,
  options: SolveOptions,
  limits: ThreadLimits,
): Promise<Plan> {
  const stop = new SharedArrayBuffer(4);
  const ask = (request: SolverRequest) => worker.postMessage(request);
  const onStop = () => {
    Atomics.store(new Int32Array(stop), 0, 1);
    ask({ kind: "stop" });
  };
  const failure = Promise.withResolvers<never>();
  const net = deadlineNet(limits.startedMs + limits.timeLimitMs * (options.cures ? 2 : 1), onStop, failure.reject);
  let outcome: Outcome | undefined;
  try {
    const talk = conversation(worker, options, failure.reject);
    const { signal, onProgress: _, nowMs: __, previous, ...crossing } = options;
    ask({ kind: "begin", options: crossing, startedMs: limits.startedMs, stop });
    if (signal?.aborted) onStop();
    signal?.addEventListener("abort", onStop, { once: true });
    outcome = await Promise.race([failure.promise, talk.send({ problem, previous })]);
    const plan = planOf(outcome);
    plan.elapsedMs = Math.round((sharedNowMs() - limits.startedMs) * 1000) / 1000;
    return plan;
  } finally {
    net.cancel();
    options.signal?.removeEventListener("abort", onStop);
    // a thread that threw something unforeseen, or is still at it, may be in any state
    if (outcome && outcome.kind !== "error") give();
    else void worker.terminate();
  }
}

/** Listens to the thread; `send` hands it the problem and resolves to what it made of it. */
function conversation(worker: Worker, options: SolveOptions, fail: (error: unknown) => void) {
  const answer = Promise.withResolvers<Outcome>();
  const received = new Assembly();
  const outbox = new Outbox(
    (piece) => worker.postMessage({ kind: "piece", piece } satisfies SolverRequest),
    PIECES_AHEAD,
  );
  worker.on("error", fail);
  worker.on("exit", (code) => fail(new Error(`internal error: the solver thread ended with code ${code}`)));
  worker.on("messageerror", fail);
  worker.on("message", (r: SolverResponse) => {
    try {
      if (r.kind === "progress") options.onProgress?.(r.progress);
      else if (r.kind === "piece") {
        received.add(r.piece);
        // others first: the next piece is asked for when they had their turn
        setImmediate(() => worker.postMessage({ kind: "next" } satisfies SolverRequest));
      } else if (r.kind === "last") answer.resolve(received.take() as Outcome);
      else outbox.taken();
    } catch (error) {
      fail(error);
    }
  });
  const send = async (asked: Asked): Promise<Outcome> => {
    await nextTurn();
    await outbox.send(asked);
    worker.postMessage({ kind: "end" } satisfies SolverRequest);
    return answer.promise;
  };
  return { send };
}
