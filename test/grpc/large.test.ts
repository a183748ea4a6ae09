import { pieces } from "@apportion/solver";
import { status } from "@grpc/grpc-js";
import { expect, test } from "vitest";
import { CodecThread } from "../../src/adapters/grpc/codec-thread.ts";
import { LARGE_REQUEST_BYTES } from "../../src/adapters/grpc/limits.ts";
import {
  type DeepPartial,
  SolveRequest,
  SolveStreamRequest,
  type SolveStreamResponse,
  VerifyRequest,
} from "../../src/gen/apportion/v1/placement.ts";
import { PlacementProblem, type Workload } from "../../src/gen/apportion/v1/problem.ts";
import { details, failure, startService, type TestService } from "./service.ts";

const WORKLOADS = 1500;

function workload(_: unknown, i: number): DeepPartial<Workload> {
  const variants = ["a", "b", "c"].map((name, k) => ({
    name: `workload-${i}-${name}`,
    pool: `pool-${(i + k) % 4}`,
    devicesPerReplica: 2 ** k,
    capacityPerSecond: 1 + ((i * 7 + k) % 11),
    costPerHour: 1 + k,
  }));
  return { name: `workload-${i}`, priority: i % 3, demandPerSecond: 1 + (i % 17), shedPenalty: 100, variants };
}

function large(change: (problem: PlacementProblem) => void = () => undefined): PlacementProblem {
  const problem = PlacementProblem.fromPartial({
    objective: "OBJECTIVE_PENALTY",
    pools: [0, 1, 2, 3].map((p) => ({ name: `pool-${p}`, devices: 1200 })),
    workloads: Array.from({ length: WORKLOADS }, workload),
  });
  change(problem);
  return problem;
}

const OPTIONS = { timeLimit: { seconds: 2, nanos: 0 } };

/** A service whose own thread can do nothing but solve: what is read, checked or written there fails. */
function threadedService(): Promise<TestService> {
  const never = (): never => {
    throw new Error("in the thread of the service");
  };
  return startService(() => ({ readText: never, readProblem: never, readPlan: never, verify: never }));
}

test("a large problem is read, and its plan written, checked and refused, in another thread", async () => {
  const { solve, verify, log } = await threadedService();
  const problem = large();
  const request = SolveRequest.fromPartial({ input: { $case: "problem", value: problem }, options: OPTIONS });
  expect(SolveRequest.encode(request).finish().length).toBeGreaterThan(LARGE_REQUEST_BYTES);
  const { plan } = await solve(request);
  expect(plan?.workloads).toHaveLength(WORKLOADS);
  const check = (changed: typeof plan) =>
    verify(
      VerifyRequest.fromPartial({
        problemInput: { $case: "problem", value: problem },
        planInput: { $case: "plan", value: changed! },
      }),
    );
  await expect(check(plan)).resolves.toMatchObject({ ok: true, findings: [] });
  plan!.workloads[0]!.variants[0]!.replicas += 1;
  expect((await check(plan)).findings.length).toBeGreaterThan(0);
  expect(log.filter((line) => line.level === "error")).toEqual([]);
  expect(log.at(-1)?.fields).toMatchObject({ method: "Verify", ok: false });
});

test("a large stream ends with its plan, and a large document is read alike", async () => {
  const { client, solve } = await threadedService();
  const request = SolveStreamRequest.fromPartial({ input: { $case: "problem", value: large() }, options: OPTIONS });
  const events: SolveStreamResponse[] = [];
  await new Promise<void>((resolve, reject) => {
    client
      .solveStream(request)
      .on("data", (event) => events.push(event))
      .on("end", resolve)
      .on("error", reject);
  });
  const last = events.at(-1)?.event;
  expect(last?.$case === "plan" && last.value.workloads.length).toBe(WORKLOADS);
  const document = JSON.stringify({
    apiVersion: "apportion.dev/v1",
    kind: "PlacementProblem",
    objective: "penalty",
    pools: [{ name: "pool-0", devices: 100 }],
    workloads: Array.from({ length: WORKLOADS }, (_, i) => ({
      name: `w${i}`,
      demandPerSecond: 1,
      shedPenalty: 10,
      variants: [{ name: `v${i}`, pool: "pool-0", devicesPerReplica: 1, capacityPerSecond: 2, costPerHour: 1 }],
    })),
  });
  const { plan } = await solve(
    SolveRequest.fromPartial({ input: { $case: "document", value: document }, options: OPTIONS }),
  );
  expect(plan?.workloads).toHaveLength(WORKLOADS);
});

test("what is wrong with a large problem is said as with a small one, and the thread goes on", async () => {
  const { solve, client } = await threadedService();
  const broken = large((problem) => {
    problem.workloads[7]!.variants[1]!.pool = "nowhere";
  });
  const error = await failure(
    solve(SolveRequest.fromPartial({ input: { $case: "problem", value: broken }, options: OPTIONS })),
  );
  expect(error.code).toBe(status.INVALID_ARGUMENT);
  expect(details(error).violations.violations).toMatchObject([{ path: "workloads[7].variants[1].pool" }]);
  const noise = await failure(
    new Promise((resolve, reject) => {
      const bytes = Buffer.alloc(2 * LARGE_REQUEST_BYTES, 0xff);
      client.makeUnaryRequest(
        "/apportion.v1.PlacementService/Solve",
        () => bytes,
        String,
        null,
        (e, r) => (e ? reject(e) : resolve(r)),
      );
    }),
  );
  expect(noise).toMatchObject({ code: status.INTERNAL, details: expect.stringContaining("deserializing") });
  const request = SolveRequest.fromPartial({ input: { $case: "problem", value: large() }, options: OPTIONS });
  expect((await solve(request)).plan?.workloads).toHaveLength(WORKLOADS);
});

test("a problem of 10,000 workloads takes the service's thread many turns, each with a small piece", async () => {
  const thread = new CodecThread(new URL("../../src/bin/codec-thread.ts", import.meta.url));
  try {
    const value = PlacementProblem.fromPartial({
      pools: [0, 1, 2, 3].map((p) => ({ name: `pool-${p}`, devices: 1200 })),
      workloads: Array.from({ length: 10_000 }, workload),
    });
    const bytes = SolveRequest.encode(SolveRequest.fromPartial({ input: { $case: "problem", value } })).finish();
    let turns = 0;
    const count = () => {
      turns++;
      counting = setImmediate(count);
    };
    let counting = setImmediate(count);
    const answer = await thread.run({ name: "readSolve", bytes });
    clearImmediate(counting);
    if (answer.kind !== "solve") throw new Error(answer.kind);
    expect(answer.problem.workloads).toHaveLength(10_000);
    expect(turns).toBeGreaterThan([...pieces(answer)].length);
  } finally {
    thread.stop();
  }
});

test("a job that the thread does not survive fails alone", async () => {
  const broken = new CodecThread(new URL("data:text/javascript,process.exit(3)"));
  await expect(broken.run({ name: "verify", bytes: new Uint8Array() })).rejects.toThrow(/ended with code 3/);
  await expect(broken.run({ name: "verify", bytes: new Uint8Array() })).rejects.toThrow(/ended with code 3/);
});
