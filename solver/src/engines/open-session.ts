import { ProblemTooLargeError } from "../api.ts";
import { DEFAULT_MEMORY_LIMIT_BYTES, estimateMemoryBytes } from "../memory.ts";
import type { Plan } from "../plan/types.ts";
import type { PlacementProblem } from "../problem/types.ts";
import { SessionInThread } from "./session-in-thread.ts";
import type { ThreadSession } from "./thread-session.ts";
import { startWorker } from "./worker-pool.ts";

const SCRIPT = new URL("./session-worker.ts", import.meta.url);
const MIB = 2 ** 20;
const LEAST_HEAP_MB = 16;

export interface SessionOptions {
  /** Bytes that the heap of the thread may grow to; a problem whose solve alone would take more is refused. Default 4 GiB. */
  memoryLimitBytes?: number;
}

/**
 * Opens a session in a thread of its own. `plan`: one of this very problem that runs already. Neither may change before the promise settles.
 * A session that no call waits for does not keep the process alive. Its calls also reject with `EngineError` once its thread has died, and
 * with `ProblemTooLargeError` where it ran out of memory: such a session is over.
 * @throws ProblemTooLargeError
 */
export async function openSession(
  problem: PlacementProblem,
  plan?: Plan,
  options: SessionOptions = {},
): Promise<ThreadSession> {
  const limitBytes = options.memoryLimitBytes ?? DEFAULT_MEMORY_LIMIT_BYTES;
  const estimateBytes = estimateMemoryBytes(problem);
  if (estimateBytes > limitBytes) throw new ProblemTooLargeError(estimateBytes, limitBytes);
  const heapMb = Math.max(LEAST_HEAP_MB, Math.floor(limitBytes / MIB));
  const worker = startWorker(SCRIPT, { maxOldGenerationSizeMb: heapMb });
  const session = new SessionInThread(worker, new ProblemTooLargeError(estimateBytes, limitBytes, true));
  try {
    await session.open(problem, plan);
  } catch (error) {
    await session.close();
    throw error;
  }
  return session;
}
