import { Worker } from "node:worker_threads";
import { afterAll, describe, expect, it } from "vitest";
import { fleet } from "../../bench/generator.ts";
import { SessionInThread } from "../../src/engines/session-in-thread.ts";
import { startWorker } from "../../src/engines/worker-pool.ts";
import {
  type ChangeSet,
  EngineError,
  openSession,
  PlacementSession,
  type Plan,
  ProblemTooLargeError,
  type Progress,
  type Scenario,
  solve,
  type ThreadSession,
  UnknownNameError,
  verify,
} from "../../src/index.ts";
import { fleetOf, textOf } from "../threads/fleets.ts";
import { randomChanges } from "./changes.ts";

const problem = fleet({ workloads: 60, pools: 5, ratio: 1, seed: 4, rule: "penalty", shapes: true });
const options = { engine: "price", timeLimitMs: 20_000 } as const;
const opened: ThreadSession[] = [];

async function sessionOf(...args: Parameters<typeof openSession>): Promise<ThreadSession> {
  const session = await openSession(...args);
  opened.push(session);
  return session;
}

afterAll(() => Promise.all(opened.map((s) => s.close())));

/** All of a what-if but how long its plan took. */
function textOfScenarios(scenarios: Scenario[]): string {
  return JSON.stringify(scenarios.map((s) => (s.plan ? { ...s, plan: textOf(s.plan) } : s)));
}

/** Calls of every kind, one after the other, and what they come to. `mixing`: the caller turns the lists of its plans around. */
async function rounds(
  session: Pick<ThreadSession, "replan" | "whatIf" | "whatIfs">,
  mixing = false,
): Promise<string[]> {
  const texts: string[] = [];
  for (const seed of [1, 2, 3]) {
    texts.push(textOf(await session.whatIf(randomChanges(problem, seed + 10), options)));
    const plan = await session.replan(randomChanges(problem, seed), options);
    texts.push(textOf(plan));
    if (mixing) plan.workloads.reverse();
  }
  const sets = [21, 22, 23].map((seed) => randomChanges(problem, seed));
  texts.push(textOfScenarios(await session.whatIfs(sets, { ...options, plans: true })));
  texts.push(textOfScenarios(await session.whatIfs(sets, { ...options, check: "apart", full: "never" })));
  texts.push(textOf(await session.replan({}, { ...options, round: "full" })));
  return texts;
}

describe("a session in a thread of its own", () => {
  it("answers what one in this thread does, to the byte, with a plan before or without", {
    timeout: 240_000,
  }, async () => {
    const plan = await solve(problem, options);
    const before = JSON.stringify([problem, plan]);
    expect(await rounds(await sessionOf(problem, plan), true)).toEqual(
      await rounds(new PlacementSession(problem, plan)),
    );
    expect(JSON.stringify([problem, plan])).toBe(before);
    expect(await rounds(await sessionOf(problem))).toEqual(await rounds(new PlacementSession(problem)));
  });

  it("takes up calls in their order, and none stops the next one by failing", async () => {
    const here = new PlacementSession(problem);
    const there = await sessionOf(problem);
    const sets: ChangeSet[] = [5, 6, 7].map((seed) => randomChanges(problem, seed));
    const order: number[] = [];
    const asked = [
      there.replan({}, options),
      there.replan(sets[0], options),
      there.replan({ devices: { nowhere: 1 } }, options),
      there.whatIf(sets[1]!, options),
      there.replan(sets[2], options),
    ];
    const settled = await Promise.allSettled(asked.map((call, i) => call.finally(() => order.push(i))));
    expect(order).toEqual([0, 1, 2, 3, 4]);
    const first = [await here.replan({}, options), await here.replan(sets[0], options)];
    const then = [await here.whatIf(sets[1]!, options), await here.replan(sets[2], options)];
    const plans = settled.flatMap((s) => (s.status === "fulfilled" ? [textOf(s.value)] : []));
    expect(plans).toEqual([...first, ...then].map(textOf));
    expect(settled[2]).toMatchObject({ status: "rejected", reason: expect.any(UnknownNameError) });
  });

  it("checks its last plan", async () => {
    const session = await sessionOf(problem);
    await expect(session.check()).rejects.toThrow("call replan first");
    const plan = await session.replan({}, options);
    await session.ready();
    expect(await session.check()).toEqual(verify(problem, plan));
  });

  it("tells progress of full solves, and stops them at the signal", async () => {
    const session = await sessionOf(problem);
    const abort = new AbortController();
    const told: Progress[] = [];
    const onProgress = (p: Progress) => {
      told.push(p);
      abort.abort();
    };
    const plan = await session.replan(
      {},
      { engine: "auto", gap: 0, timeLimitMs: 120_000, signal: abort.signal, onProgress },
    );
    expect(told.length).toBeGreaterThan(0);
    expect(plan.status).toBe("feasible");
    expect(verify(problem, plan).findings).toEqual([]);
    const late = await session.replan({}, { ...options, round: "full", signal: AbortSignal.abort() });
    expect(late.workloads).toHaveLength(60);
  });
});

describe("errors of a session in a thread", () => {
  it("are what they are in this one", async () => {
    const session = await sessionOf(problem);
    const unknown = await session.replan({ replicas: { nothing: { maxReplicas: 1 } } }).catch((e: unknown) => e);
    expect(unknown).toBeInstanceOf(UnknownNameError);
    expect(unknown).toMatchObject({ name: "UnknownNameError", field: "replicas", unknown: "nothing" });
    await expect(session.replan({}, { engine: "jslp" })).rejects.toBeInstanceOf(EngineError);
    const large = await session.replan({}, { memoryLimitBytes: 1000 }).catch((e: unknown) => e);
    expect(large).toBeInstanceOf(ProblemTooLargeError);
    expect(large).toMatchObject({ limitBytes: 1000 });
    await expect(openSession(problem, undefined, { memoryLimitBytes: 1000 })).rejects.toBeInstanceOf(
      ProblemTooLargeError,
    );
  });

  it("of the caller's onProgress are the caller's, and the session stays where it was", async () => {
    const session = await sessionOf(problem);
    const thrown = new Error("no room to print");
    const onProgress = () => {
      throw thrown;
    };
    await expect(session.replan({ demandPerSecond: {} }, { ...options, onProgress })).rejects.toBe(thrown);
    expect(textOf(await session.replan({}, options))).toBe(
      textOf(await new PlacementSession(problem).replan({}, options)),
    );
  });

  it("of what cannot be copied leave no trace", async () => {
    const session = await sessionOf(problem);
    const sets = [{ demandPerSecond: { [problem.workloads[0]!.name]: 1 } }, { devices: (() => 1) as never }];
    await expect(session.whatIfs(sets, options)).rejects.toThrow(/could not be cloned/);
    expect(textOf(await session.replan({}, options))).toBe(
      textOf(await new PlacementSession(problem).replan({}, options)),
    );
    const odd = structuredClone(problem);
    Object.assign(odd.workloads[3]!, { note: () => 1 });
    await expect(openSession(odd)).rejects.toThrow(/could not be cloned/);
  });

  it("reject what waits and all that comes later once it is closed", async () => {
    const session = await sessionOf(problem);
    const waiting: Promise<Plan>[] = [session.replan({}, options), session.whatIf({}, options)];
    const settled = Promise.allSettled(waiting);
    await session.close();
    await session.close();
    for (const s of await settled)
      expect(s).toMatchObject({
        status: "rejected",
        reason: { name: "EngineError", message: "the session is closed" },
      });
    await expect(session.ready()).rejects.toBeInstanceOf(EngineError);
  });

  it("tell that the thread has died, to all that wait and all that come later", async () => {
    const died = new ProblemTooLargeError(1, 1, true);
    const script = `const { parentPort } = require("node:worker_threads");
      parentPort.on("message", ({ kind }) => {
        if (kind === "ask") process.exit(3);
        if (kind === "piece") parentPort.postMessage({ kind: "got" });
      });`;
    const session = new SessionInThread(new Worker(script, { eval: true }), died);
    await session.open(problem, undefined);
    const asked = [session.replan({}, options), session.whatIf({}, options), session.check()];
    for (const s of await Promise.allSettled(asked))
      expect(s).toMatchObject({
        status: "rejected",
        reason: { name: "EngineError", message: expect.stringContaining("code 3") },
      });
    await expect(session.replan()).rejects.toBeInstanceOf(EngineError);
  });

  it("tell that the thread ran out of memory", async () => {
    const script = new URL("../../src/engines/session-worker.ts", import.meta.url);
    const tooLarge = new ProblemTooLargeError(1, 16 * 2 ** 20, true);
    const session = new SessionInThread(startWorker(script, { maxOldGenerationSizeMb: 16 }), tooLarge);
    const opening = session.open(fleetOf(10_000), undefined);
    await expect(opening.then(() => session.replan({}, { engine: "heuristic" }))).rejects.toBe(tooLarge);
    await expect(session.ready()).rejects.toBe(tooLarge);
  });
});
