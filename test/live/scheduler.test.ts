import { describe, expect, it } from "vitest";
import { Scheduler } from "../../src/app/live/scheduler.ts";

/** Time that passes when the test says so. */
function make(): {
  scheduler: Scheduler;
  runs: () => number;
  waits: () => number[];
  elapse: () => void;
  finish: () => Promise<void>;
} {
  const timers: { ms: number; work: () => void }[] = [];
  let count = 0;
  let gate = Promise.withResolvers<void>();
  const scheduler = new Scheduler(
    () => {
      count += 1;
      gate = Promise.withResolvers<void>();
      return gate.promise;
    },
    {
      after: (ms, work) => {
        const timer = { ms, work };
        timers.push(timer);
        return () => {
          const index = timers.indexOf(timer);
          if (index >= 0) timers.splice(index, 1);
        };
      },
    },
    { intervalMs: 15_000, quietMs: 300 },
  );
  return {
    scheduler,
    runs: () => count,
    waits: () => timers.map((timer) => timer.ms),
    elapse: () => timers.shift()?.work(),
    finish: async () => {
      gate.resolve();
      await new Promise((resolve) => setImmediate(resolve));
    },
  };
}

describe("the scheduler", () => {
  it("runs at once, then after the interval", async () => {
    const { scheduler, runs, waits, elapse, finish } = make();
    scheduler.start();
    expect(runs()).toBe(1);
    await finish();
    expect(waits()).toEqual([15_000]);
    elapse();
    expect(runs()).toBe(2);
  });

  it("is woken once by many changes", async () => {
    const { scheduler, runs, waits, elapse, finish } = make();
    scheduler.start();
    await finish();
    for (let i = 0; i < 5; i += 1) scheduler.wake();
    expect(waits()).toEqual([300]);
    elapse();
    expect(runs()).toBe(2);
  });

  it("runs one at a time: a change during a run is one run after it", async () => {
    const { scheduler, runs, waits, elapse, finish } = make();
    scheduler.start();
    scheduler.wake();
    scheduler.wake();
    expect([runs(), waits()]).toEqual([1, []]);
    await finish();
    expect(waits()).toEqual([300]);
    elapse();
    expect(runs()).toBe(2);
    await finish();
    expect(waits()).toEqual([15_000]);
  });

  it("ends with the run that is under way", async () => {
    const { scheduler, runs, waits, finish } = make();
    scheduler.start();
    const stopped = scheduler.stop();
    scheduler.wake();
    await finish();
    await stopped;
    expect([runs(), waits()]).toEqual([1, []]);
  });
});
