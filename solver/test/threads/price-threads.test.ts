import { Worker } from "node:worker_threads";
import { expect, test } from "vitest";
import type { Keep } from "../../src/chain/keep.ts";
import { workshop } from "../../src/engines/price-threads.ts";
import { type PlacementProblem, solve, verify } from "../../src/index.ts";
import { Dual, WARM } from "../../src/lagrange/dual.ts";
import { flatten } from "../../src/lagrange/flat.ts";
import { Arena } from "../../src/lagrange/parallel/arena.ts";
import { Crew, type Helper } from "../../src/lagrange/parallel/crew.ts";
import { alone, type Workshop } from "../../src/lagrange/parallel/stage-threads.ts";
import { type StageGoal, stageModel } from "../../src/lagrange/stage-model.ts";
import { goalsOf } from "../../src/model/goals.ts";
import { compile } from "../../src/model/instance.ts";
import { solveHere } from "../../src/solve-here.ts";
import { fleetOf, textOf } from "./fleets.ts";

/** A fleet in which every fifth workload has lanes and some have request types. */
function mixedFleet(workloads: number): PlacementProblem {
  const problem = fleetOf(workloads, 5);
  for (const [i, w] of problem.workloads.entries()) {
    const [first, second] = w.variants;
    if (i % 5 === 0 && second) {
      first!.role = "prefill";
      second.role = "decode";
    } else if (i % 50 === 1) {
      const half = w.demandPerSecond / 2;
      w.requestTypes = ["short", "long"].map((name) => ({ name, demandPerSecond: half }));
      for (const v of w.variants) {
        const { capacityPerSecond: c, ...rest } = v;
        w.variants[w.variants.indexOf(v)] = { ...rest, maxReplicas: 6, capacityByType: { short: c!, long: c! / 2 } };
      }
    }
  }
  return problem;
}

/** All that prices come to in a stage and, from its patterns, in the next: with the threads of `shop`. */
function pricesOf(problem: PlacementProblem, shop: Workshop): string {
  const instance = compile(problem);
  const goals = goalsOf(instance);
  const keep: Keep = {
    minReplicas: Float64Array.from(instance.variants, (v) => v.min),
    rungs: [],
    totals: [],
    logs: [],
  };
  const flat = flatten(instance, shop.crew.helped);
  const said: unknown[] = [];
  const note = (d: Dual) => said.push(d.bound, d.pureBound, [...d.prices], [...d.purePrices], [...d.columns.count]);
  const penalty: StageGoal = { cost: 1, linear: (m) => instance.workloads[m]!.shedPenalty };
  const first = new Dual(stageModel(flat, goals, keep, penalty), undefined, false, shop);
  first.run(() => false);
  note(first);
  const rung: StageGoal = { cost: 1e-6, below: [{ cls: 0, rung: 0.5, factor: 1 }] };
  const next = new Dual(stageModel(flat, goals, keep, rung), first.prices, true, shop, first);
  next.run(() => false, WARM);
  note(next);
  return JSON.stringify(said);
}

/** A helper that takes a chunk and then does as `how` says. */
function brokenHelper(how: "throws" | "dies"): Helper & { worker: Worker; ready: Promise<unknown> } {
  const worker = new Worker(new URL("./broken-helper.ts", import.meta.url), { workerData: how });
  const ready = new Promise((resolve) => worker.once("message", resolve));
  return {
    worker,
    ready,
    post: (message) => worker.postMessage(message),
    leave: () => void worker.terminate(),
  };
}

test("prices and bounds are the same to the byte with one, two and four threads", async () => {
  const problem = mixedFleet(1500);
  const one = pricesOf(problem, alone());
  for (const threads of [2, 4]) {
    const shop = workshop(threads, 1500);
    expect(shop.crew.helped).toBe(true);
    expect(pricesOf(problem, shop)).toBe(one);
    shop.crew.end();
  }
});

test("the sample of a large stage does not depend on threads", () => {
  const problem = fleetOf(6000);
  const shop = workshop(2, 6000);
  expect(pricesOf(problem, shop)).toBe(pricesOf(problem, alone()));
  shop.crew.end();
});

test.each(["throws", "dies"] as const)("a helper that %s is done without", async (how) => {
  const helper = brokenHelper(how);
  await helper.ready;
  const crew = new Crew([helper], 50);
  const problem = mixedFleet(1100);
  expect(pricesOf(problem, { crew, arena: new Arena(true) })).toBe(pricesOf(problem, alone()));
  expect(crew.helped).toBe(false);
});

test("plans are the same to the byte with one and two threads", async () => {
  const problem = fleetOf(1200);
  const options = { engine: "price", timeLimitMs: 120_000, gap: 0.02 } as const;
  const [one, two] = [await solveHere(problem, options), await solve(problem, { ...options, threads: 2 })];
  expect(textOf(two)).toBe(textOf(one));
  expect(verify(problem, two).findings).toEqual([]);
});

test("an abort reaches a solve whose threads are at work", async () => {
  const abort = new AbortController();
  const problem = fleetOf(3000);
  const solving = solve(problem, { engine: "price", threads: 2, timeLimitMs: 600_000, gap: 0, signal: abort.signal });
  setTimeout(() => abort.abort(), 300);
  expect(verify(problem, await solving).findings).toEqual([]);
});
