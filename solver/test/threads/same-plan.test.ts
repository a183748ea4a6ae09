import { expect, test } from "vitest";
import { outcomeOfError, planOf } from "../../src/engines/outcome.ts";
import { rehearse } from "../../src/engines/rehearsal.ts";
import { EngineError, type Progress, solve, UnverifiedPlanError, verify, warmUp } from "../../src/index.ts";
import { solveHere } from "../../src/solve-here.ts";
import { fleetOf, textOf } from "./fleets.ts";

test("the plan of the thread is that of solveHere, to the byte", async () => {
  const problem = fleetOf(300);
  const options = { engine: "heuristic", timeLimitMs: 60_000 } as const;
  const before = JSON.stringify(problem);
  const [there, here] = [await solve(problem, options), await solveHere(problem, options)];
  expect(textOf(there)).toBe(textOf(here));
  expect(JSON.stringify(problem)).toBe(before);
});

test("a thread that rehearses drops that for a solve, and its plan is the same", async () => {
  await rehearse(AbortSignal.abort());
  const problem = fleetOf(100);
  const options = { engine: "heuristic", timeLimitMs: 60_000 } as const;
  warmUp();
  const [first, second] = [await solve(problem, options), await solve(problem, options)];
  const here = textOf(await solveHere(problem, options));
  expect([textOf(first), textOf(second)]).toEqual([here, here]);
});

test("a rehearsal comes to its end by itself", async () => {
  await expect(rehearse(new AbortController().signal)).resolves.toBeUndefined();
});

test("HiGHS runs inside the thread, and its proof comes back", async () => {
  const problem = fleetOf(25, 3);
  expect(problem.workloads.flatMap((w) => w.variants).length).toBeGreaterThan(64);
  const plan = await solve(problem, { engine: "highs", timeLimitMs: 30_000 });
  expect(plan.engine).toBe("highs");
  expect(plan.certificate.some((c) => c.method === "search" && Number.isFinite(c.bound))).toBe(true);
  expect(verify(problem, plan).findings).toEqual([]);
});

test("progress is told as it comes", async () => {
  const told: Progress[] = [];
  await solve(fleetOf(100), { engine: "heuristic", onProgress: (p) => told.push(p) });
  expect(told.length).toBeGreaterThan(0);
  for (const p of told) expect(p.elapsedMs).toBeGreaterThan(0);
});

test("an error of the engine arrives as what it is", async () => {
  const error = await solve(fleetOf(100), { engine: "jslp" }).catch((e: unknown) => e);
  expect(error).toBeInstanceOf(EngineError);
  expect((error as Error).message).toMatch(/jslp.*up to 24 variants/);
});

test("a plan that fails its check crosses with plan and report", async () => {
  const plan = await solve(fleetOf(5), { engine: "heuristic" });
  const report = { ok: false, findings: [{ subject: "s", message: "m", expected: 1, actual: 2 }], bounds: [] };
  const crossed = structuredClone(outcomeOfError(new UnverifiedPlanError(plan, report)));
  const error = (() => {
    try {
      return planOf(crossed);
    } catch (e) {
      return e;
    }
  })();
  expect(error).toBeInstanceOf(UnverifiedPlanError);
  expect(error).toMatchObject({ name: "UnverifiedPlanError", plan, report });
});

test("what was not foreseen keeps its name, its text and its place, and the next solve works", async () => {
  const broken = fleetOf(100);
  broken.workloads[7]!.variants[0]!.pool = "nowhere";
  const error = await solve(broken, { engine: "heuristic" }).catch((e: unknown) => e);
  expect(error).toBeInstanceOf(Error);
  expect((error as Error).stack).toMatch(/solver[/]src[/]/);
  await expect(solve(fleetOf(100), { engine: "heuristic" })).resolves.toMatchObject({ kind: "PlacementPlan" });
});

test("an error of the caller's onProgress is the caller's", async () => {
  const thrown = new Error("no room to print");
  const onProgress = () => {
    throw thrown;
  };
  await expect(solve(fleetOf(100), { engine: "heuristic", onProgress })).rejects.toBe(thrown);
});

test("a problem that cannot be copied is refused, not lost", async () => {
  const problem = fleetOf(100);
  Object.assign(problem.workloads[3]!, { note: () => 1 });
  await expect(solve(problem)).rejects.toThrow(/could not be cloned/);
});
