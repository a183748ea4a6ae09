import { expect, test } from "vitest";
import { solve, verify, warmUp } from "../../src/index.ts";
import { fleetOf } from "./fleets.ts";

/**
 * Longest turn of this thread's event loop while `work` runs, in ms of its own processor time. Wall time would count the turns that other
 * processes of a busy machine take; what the loop is kept from is what this thread computes between two of its ticks.
 */
async function longestTurnMs(work: () => Promise<unknown>): Promise<{ longest: number; ticks: number }> {
  let longest = 0;
  let ticks = 0;
  let before = process.threadCpuUsage();
  const ticker = setInterval(() => {
    const { user, system } = process.threadCpuUsage(before);
    longest = Math.max(longest, (user + system) / 1000);
    ticks++;
    before = process.threadCpuUsage();
  }, 2);
  try {
    await work();
    await new Promise((resolve) => setTimeout(resolve, 10));
  } finally {
    clearInterval(ticker);
  }
  return { longest, ticks };
}

test("a large solve leaves the caller's event loop free", async () => {
  warmUp();
  const problem = fleetOf(5000);
  const { longest, ticks } = await longestTurnMs(() => solve(problem, { engine: "heuristic", timeLimitMs: 20_000 }));
  expect(ticks).toBeGreaterThan(20);
  expect(longest).toBeLessThan(50);
});

test("an abort in the middle is answered with a plan that holds", async () => {
  const problem = fleetOf(400);
  const abort = new AbortController();
  const started = performance.now();
  const plan = await solve(problem, {
    engine: "auto",
    timeLimitMs: 120_000,
    gap: 0,
    signal: abort.signal,
    onProgress: () => abort.abort(),
  });
  expect(performance.now() - started).toBeLessThan(60_000);
  expect(plan.status).toBe("feasible");
  expect(plan.workloads).toHaveLength(400);
  expect(verify(problem, plan).findings).toEqual([]);
});

test("a signal that has fired already still gets a plan", async () => {
  const problem = fleetOf(100);
  const plan = await solve(problem, { engine: "heuristic", signal: AbortSignal.abort() });
  expect(verify(problem, plan).findings).toEqual([]);
});

test("several at once, more than threads are kept, each with its own answer", async () => {
  const sizes = [40, 60, 80, 100];
  const plans = await Promise.all(sizes.map((n) => solve(fleetOf(n), { engine: "heuristic" })));
  expect(plans.map((p) => p.workloads.length)).toEqual(sizes);
});
