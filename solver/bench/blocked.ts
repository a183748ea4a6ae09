import { monitorEventLoopDelay } from "node:perf_hooks";
import { setTimeout as pause } from "node:timers/promises";

const RESOLUTION_MS = 1;
/** The monitor sees nothing before its timer has fired once, nor what ends after it has fired last. */
const AROUND_MS = 20;

/** Runs `work`; `blockedMs`: the longest time in which this thread had no turn for others meanwhile, to within a ms or two. */
export async function blockedDuring<T>(work: () => Promise<T>): Promise<{ value: T; ms: number; blockedMs: number }> {
  const monitor = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
  monitor.enable();
  await pause(AROUND_MS);
  const start = performance.now();
  const value = await work();
  const ms = performance.now() - start;
  await pause(AROUND_MS);
  monitor.disable();
  return { value, ms, blockedMs: Math.max(0, monitor.max / 1e6 - RESOLUTION_MS) };
}
