import { expect, test } from "vitest";
import { solve, verify, warmUp } from "../../src/index.ts";
import { fleetOf } from "./fleets.ts";

test("a large solve leaves the caller's event loop its turns", async () => {
  warmUp();
  let ticks = 0;
  const ticker = setInterval(() => {
    ticks++;
  }, 2);
  try {
    await solve(fleetOf(5000), { engine: "heuristic", timeLimitMs: 20_000 });
  } finally {
    clearInterval(ticker);
  }
  // a solve in this thread would let it tick once
  expect(ticks).toBeGreaterThan(20);
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
