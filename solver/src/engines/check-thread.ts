import { Worker } from "node:worker_threads";
import type { VerifyReport } from "../api.ts";
import type { Plan } from "../plan/types.ts";
import type { PlacementProblem } from "../problem/types.ts";
import { nextTurn } from "./next-turn.ts";
import { pieces } from "./pieces.ts";

const SCRIPT = new URL("./check-worker.ts", import.meta.url);

/** Checks a plan in a thread of its own; problem and plan cross in pieces, and must not change before the promise settles. */
export async function checkApart(problem: PlacementProblem, plan: Plan): Promise<VerifyReport> {
  const worker = new Worker(SCRIPT);
  const answer = Promise.withResolvers<VerifyReport>();
  worker.on("message", answer.resolve);
  worker.on("error", answer.reject);
  worker.on("exit", (code) => answer.reject(new Error(`internal error: the check ended with code ${code}`)));
  try {
    for (const piece of pieces({ problem, plan })) {
      worker.postMessage(piece);
      await nextTurn();
    }
    worker.postMessage(null);
    return await answer.promise;
  } finally {
    void worker.terminate();
  }
}
