import { threadBackend } from "./thread.ts";
import { warmUp } from "./worker-pool.ts";

/** Variants beyond which a search by HiGHS proves nothing in time that prices do not. */
const HIGHS_LIMIT = 1500;
/** Variants that can run beyond which javascript-lp-solver is not asked. */
export const JSLP_LIMIT = 24;

const HIGHS = new URL("./highs-worker.ts", import.meta.url);

/** HiGHS compiled to WebAssembly: the exact engine. */
export const highsBackend = threadBackend("highs", HIGHS, HIGHS_LIMIT);

/** javascript-lp-solver: the small reference engine. */
export const jslpBackend = threadBackend("jslp", new URL("./jslp-worker.ts", import.meta.url), JSLP_LIMIT);

/** Starts the exact engine's thread ahead of the first solve. */
export function warmUpHighs(): void {
  warmUp(HIGHS);
}
