import { expect, test } from "vitest";
import { sharedNowMs } from "../../src/engines/solver-protocol.ts";
import { solveInThread } from "../../src/engines/solver-thread.ts";
import { estimateMemoryBytes, ProblemTooLargeError, solve } from "../../src/index.ts";
import { fleetOf } from "./fleets.ts";

const MIB = 2 ** 20;

test("a problem above the limit is refused before work begins, with estimate, limit and fix", async () => {
  const problem = fleetOf(100);
  const estimateBytes = estimateMemoryBytes(problem);
  const error = await solve(problem, { memoryLimitBytes: 1 * MIB }).catch((e: unknown) => e);
  expect(error).toBeInstanceOf(ProblemTooLargeError);
  expect(error).toMatchObject({ estimateBytes, limitBytes: MIB });
  expect((error as Error).message).toMatch(/about \d+ MiB .*allowed are 1 MiB; .*memoryLimitBytes/);
});

test("the estimate grows with what a problem holds", () => {
  const [small, large] = [fleetOf(100), fleetOf(1000)].map(estimateMemoryBytes);
  expect(large! - small!).toBeGreaterThan(900 * 4 * 1000);
  const typed = fleetOf(100);
  for (const w of typed.workloads) w.requestTypes = [{ name: "long", demandPerSecond: 1 }];
  expect(estimateMemoryBytes(typed)).toBeGreaterThan(small!);
});

test("a thread that runs out of memory is an error of the solve, not the end of the process", async () => {
  const limits = { startedMs: sharedNowMs(), timeLimitMs: 20_000, estimateBytes: MIB, memoryLimitBytes: 16 * MIB };
  const error = await solveInThread(fleetOf(10_000), { engine: "heuristic" }, limits).catch((e: unknown) => e);
  expect(error).toBeInstanceOf(ProblemTooLargeError);
  expect((error as Error).message).toMatch(/ran out of memory/);
});
