import { ProblemTooLargeError, type SolveOptions, UnverifiedPlanError } from "@apportion/solver";
import { Metadata, type ServiceError, status } from "@grpc/grpc-js";
import { expect, test } from "vitest";
import { SolveRequest, type SolveResponse } from "../../src/gen/apportion/v1/placement.ts";
import { twoWorkloads } from "./problems.ts";
import { failure, promised, startService, type TestService } from "./service.ts";

const request = SolveRequest.fromPartial({ input: { $case: "problem", value: twoWorkloads() } });

function solve(service: TestService): Promise<SolveResponse> {
  return service.solve(request);
}

function solveBefore({ client }: TestService, deadline: number, timeLimitSeconds = 0): Promise<SolveResponse> {
  const limited = timeLimitSeconds > 0 ? { options: { timeLimit: { seconds: timeLimitSeconds, nanos: 0 } } } : {};
  const message = SolveRequest.fromPartial({ ...request, ...limited });
  return promised((callback) => client.solve(message, new Metadata(), { deadline }, callback));
}

test("more solves than run and wait are refused with RESOURCE_EXHAUSTED; the others are served in turn", async () => {
  const release = Promise.withResolvers<void>();
  let running = 0;
  let most = 0;
  const service = await startService(
    (real) => ({
      solve: async (problem, options) => {
        running += 1;
        most = Math.max(most, running);
        await release.promise;
        running -= 1;
        return real.solve(problem, { timeLimitMs: options.timeLimitMs ?? 0 });
      },
    }),
    { maxSolves: 1, maxQueued: 1 },
  );
  const calls = [solve(service), solve(service), solve(service), solve(service)];
  const outcomes = Promise.allSettled(calls);
  // Two are refused at once; the others cannot end before the release.
  const refused = calls.map((call) => call.then(() => 0).catch((error: ServiceError) => error.code));
  expect(await Promise.race(refused)).toBe(status.RESOURCE_EXHAUSTED);
  release.resolve();
  const codes = (await outcomes).map((outcome) => (outcome.status === "fulfilled" ? 0 : outcome.reason.code));
  expect(codes.sort()).toEqual([0, 0, status.RESOURCE_EXHAUSTED, status.RESOURCE_EXHAUSTED]);
  expect(most).toBe(1);
});

test("a message above the limit is refused with RESOURCE_EXHAUSTED", async () => {
  const service = await startService();
  const huge = SolveRequest.fromPartial({ input: { $case: "document", value: "x".repeat(65 * 1024 * 1024) } });
  const error = await failure(service.solve(huge));
  expect(error.code).toBe(status.RESOURCE_EXHAUSTED);
});

test("the time limit ends before the deadline of the call, or sooner where less was asked for", async () => {
  const limits: number[] = [];
  const service = await startService((real) => ({
    solve: (problem, options: SolveOptions) => {
      limits.push(options.timeLimitMs ?? Number.NaN);
      return real.solve(problem, options);
    },
  }));
  await solveBefore(service, Date.now() + 8000);
  await solveBefore(service, Date.now() + 8000, 2);
  await solve(service);
  expect(limits[0]).toBeLessThanOrEqual(8000 * 0.8);
  expect(limits[0]).toBeGreaterThan(1000);
  expect(limits.slice(1)).toEqual([2000, 10_000]);
});

test("a call that waits past its deadline ends with DEADLINE_EXCEEDED and gives its place back", async () => {
  const release = Promise.withResolvers<void>();
  const started = Promise.withResolvers<void>();
  const service = await startService(
    (real) => ({
      solve: async (problem, options) => {
        started.resolve();
        await release.promise;
        return real.solve(problem, { timeLimitMs: options.timeLimitMs ?? 0 });
      },
    }),
    { maxSolves: 1, maxQueued: 1 },
  );
  const first = solve(service);
  await started.promise;
  const late = await failure(solveBefore(service, Date.now() + 300));
  expect(late.code).toBe(status.DEADLINE_EXCEEDED);
  const third = solve(service);
  release.resolve();
  await expect(Promise.all([first, third])).resolves.toHaveLength(2);
});

test("a plan that fails its own check is an INTERNAL error, logged as one", async () => {
  const service = await startService((real) => ({
    solve: async (problem, options) => {
      const plan = await real.solve(problem, { timeLimitMs: options.timeLimitMs ?? 0 });
      const finding = { subject: "pool/h100/size/4", message: "over", expected: 2, actual: 3 };
      throw new UnverifiedPlanError(plan, { ok: false, findings: [finding], bounds: [] });
    },
  }));
  const error = await failure(solve(service));
  expect(error.code).toBe(status.INTERNAL);
  expect(error.details).toContain("pool/h100/size/4");
  const lines = service.log.filter((line) => line.level === "error");
  expect(lines).toMatchObject([{ fields: { method: "Solve", code: "INTERNAL", error: "UnverifiedPlanError" } }]);
  expect(JSON.stringify(lines)).not.toMatch(/chat|h100/);
});

test("a problem that would take too much memory is RESOURCE_EXHAUSTED, with what to do", async () => {
  const service = await startService(() => ({
    solve: () => Promise.reject(new ProblemTooLargeError(2 ** 34, 2 ** 32)),
  }));
  const error = await failure(solve(service));
  expect(error.code).toBe(status.RESOURCE_EXHAUSTED);
  expect(error.details).toMatch(/16,384 MiB .*4,096 MiB; .*apart/);
});

test("an unexpected error says nothing of itself to the caller", async () => {
  const service = await startService(() => ({ solve: () => Promise.reject(new Error("secret of the inside")) }));
  const error = await failure(solve(service));
  expect(error.code).toBe(status.INTERNAL);
  expect(error.details).not.toContain("secret");
});

test("stopping the service lets a running solve answer", async () => {
  const started = Promise.withResolvers<void>();
  const service = await startService((real) => ({
    solve: async (problem, options) => {
      const aborted = new Promise<void>((resolve) => options.signal?.addEventListener("abort", () => resolve()));
      started.resolve();
      await aborted;
      return real.solve(problem, { timeLimitMs: 5000 });
    },
  }));
  const running = solve(service);
  await started.promise;
  await service.server.stop();
  expect((await running).plan?.workloads).toHaveLength(2);
});
