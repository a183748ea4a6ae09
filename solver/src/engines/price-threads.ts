import { availableParallelism } from "node:os";
import { Arena } from "../lagrange/parallel/arena.ts";
import { Crew, type Helper } from "../lagrange/parallel/crew.ts";
import type { Workshop } from "../lagrange/parallel/stage-threads.ts";
import { giveBack, takeWorker } from "./worker-pool.ts";

const SCRIPT = new URL("./price-worker.ts", import.meta.url);

/** Threads that prices use at most: beyond, the thread of the solve adds up longer than the others work. */
const MOST_THREADS = 4;
/** Problems of fewer workloads are priced faster than a thread wakes up. */
const LEAST_WORKLOADS = 500;

/** Threads of a solve that has a thread of its own and was not told how many to use. */
export function defaultThreads(): number {
  return Math.min(MOST_THREADS, availableParallelism());
}

/** A thread that helps with prices, kept from solve to solve. */
function helper(): Helper {
  const worker = takeWorker(SCRIPT);
  // the crew sees by itself that a helper does not answer
  worker.on("error", () => undefined);
  // a helper alone is no reason to go on
  worker.unref();
  return {
    post: (message) => worker.postMessage(message),
    leave(well) {
      if (well) giveBack(SCRIPT, worker);
      else void worker.terminate();
    },
  };
}

/** The threads of one solve of so many workloads; end its crew afterwards. A helper that is still starting is not waited for. */
export function workshop(threads: number, workloads: number): Workshop {
  const helpers = workloads < LEAST_WORKLOADS ? 0 : Math.min(MOST_THREADS, threads) - 1;
  const crew = new Crew(Array.from({ length: Math.max(0, helpers) }, helper));
  return { crew, arena: new Arena(crew.helped) };
}
