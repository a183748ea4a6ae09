import { once } from "node:events";
import type { Progress } from "@apportion/solver";
import { type ServiceError, status } from "@grpc/grpc-js";
import { expect, test } from "vitest";
import { SolveStreamRequest, type SolveStreamResponse } from "../../src/gen/apportion/v1/placement.ts";
import { twoWorkloads } from "./problems.ts";
import { details, startService } from "./service.ts";

const request = SolveStreamRequest.fromPartial({ input: { $case: "problem", value: twoWorkloads() } });

async function collect(stream: AsyncIterable<SolveStreamResponse>): Promise<SolveStreamResponse["event"][]> {
  const events: SolveStreamResponse["event"][] = [];
  for await (const { event } of stream) events.push(event);
  return events;
}

test("streams the progress of the real solver, then the plan, then ends", async () => {
  const { client } = await startService();
  const events = await collect(client.solveStream(request));
  const kinds = events.map((event) => event?.$case);
  expect(kinds.at(-1)).toBe("plan");
  expect(kinds.slice(0, -1).every((kind) => kind === "progress")).toBe(true);
  expect(kinds.length).toBeGreaterThan(1);
  const last = events.at(-1);
  expect(last?.$case === "plan" && last.value.status).toBe("PLAN_STATUS_OPTIMAL");
});

test("progress arrives while the solve runs", async () => {
  const progress: Progress = { stage: "cost", incumbent: 12, bound: 9, gap: 0.25, elapsedMs: 1 };
  const seen = Promise.withResolvers<void>();
  const { client } = await startService((real) => ({
    solve: async (problem, options) => {
      options.onProgress?.(progress);
      // Ends only after the client has seen it.
      await seen.promise;
      return real.solve(problem, {});
    },
  }));
  const stream = client.solveStream(request);
  const [first] = (await once(stream, "data")) as [SolveStreamResponse];
  expect(first.event).toEqual({ $case: "progress", value: progress });
  seen.resolve();
  expect((await collect(stream)).at(-1)?.$case).toBe("plan");
});

test("a flood of progress is thinned, the first of each stage kept", async () => {
  const { client } = await startService((real) => ({
    solve: (problem, options) => {
      for (let i = 0; i < 1000; i++) {
        options.onProgress?.({ stage: i < 500 ? "one" : "two", incumbent: i, bound: 0, gap: 1, elapsedMs: i });
      }
      return real.solve(problem, {});
    },
  }));
  const events = await collect(client.solveStream(request));
  const progress = events.flatMap((event) => (event?.$case === "progress" ? [event.value] : []));
  expect(progress.map((event) => event.stage).filter((stage, i, all) => all.indexOf(stage) === i)).toEqual([
    "one",
    "two",
  ]);
  expect(progress.length).toBeLessThan(100);
});

test("a client that cancels stops the solve", async () => {
  const started = Promise.withResolvers<void>();
  const stopped = Promise.withResolvers<void>();
  const { client } = await startService((real) => ({
    solve: async (problem, options) => {
      options.signal?.addEventListener("abort", () => stopped.resolve());
      started.resolve();
      await stopped.promise;
      return real.solve(problem, { ...options, onProgress: () => {} });
    },
  }));
  const stream = client.solveStream(request);
  const failed = once(stream, "error") as Promise<[ServiceError]>;
  stream.resume();
  await started.promise;
  stream.cancel();
  await stopped.promise;
  const [error] = await failed;
  expect(error.code).toBe(status.CANCELLED);
});

test("bad input ends the stream with its details", async () => {
  const { client } = await startService();
  const stream = client.solveStream(SolveStreamRequest.fromPartial({}));
  stream.resume();
  const [error] = (await once(stream, "error")) as [ServiceError];
  expect(error.code).toBe(status.INVALID_ARGUMENT);
  expect(details(error).violations.violations).toMatchObject([{ path: "input" }]);
});
