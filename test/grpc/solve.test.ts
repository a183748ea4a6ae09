import { expect, test } from "vitest";
import { SolveRequest, VerifyRequest } from "../../src/gen/apportion/v1/placement.ts";
import type { Plan } from "../../src/gen/apportion/v1/plan.ts";
import { twoWorkloads, twoWorkloadsText } from "./problems.ts";
import { startService } from "./service.ts";

function counts(plan: Plan | undefined): Record<string, number> {
  const variants = plan?.workloads.flatMap((workload) => workload.variants) ?? [];
  return Object.fromEntries(variants.map((variant) => [variant.name, variant.replicas]));
}

const BEST = { "chat-h100": 0, "chat-l40s": 8, "code-h100": 2 };

test("a typed problem is solved: both workloads in full, with a proof", async () => {
  const { solve } = await startService();
  const request = SolveRequest.fromPartial({ input: { $case: "problem", value: twoWorkloads() } });
  const { plan } = await solve(request);
  expect(plan?.status).toBe("PLAN_STATUS_OPTIMAL");
  expect(plan?.objective?.primal).toBe(40);
  expect(plan?.objective?.bound).toBeCloseTo(40, 4);
  expect(counts(plan)).toEqual(BEST);
  expect(plan?.certificate.length).toBeGreaterThan(0);
});

test.each([
  ["YAML", twoWorkloadsText],
  [
    "JSON",
    JSON.stringify({
      apiVersion: "apportion.dev/v1",
      kind: "PlacementProblem",
      pools: [{ name: "p", devices: 4 }],
      workloads: [
        {
          name: "w",
          priority: 0,
          demandPerSecond: 1,
          variants: [{ name: "v", pool: "p", devicesPerReplica: 2, capacityPerSecond: 1, costPerHour: 3 }],
        },
      ],
    }),
  ],
])("a document in %s is solved", async (format, document) => {
  const { solve } = await startService();
  const request = SolveRequest.fromPartial({ input: { $case: "document", value: document } });
  const { plan } = await solve(request);
  expect(counts(plan)).toEqual(format === "YAML" ? BEST : { v: 1 });
});

test("the options reach the solver", async () => {
  const seen: unknown[] = [];
  const { solve } = await startService((real) => ({
    solve: (problem, options) => {
      seen.push({ ...options, signal: undefined });
      return real.solve(problem, { timeLimitMs: 5000 });
    },
  }));
  const request = SolveRequest.fromPartial({
    input: { $case: "problem", value: twoWorkloads() },
    options: { engine: "ENGINE_JSLP", timeLimit: { seconds: 2, nanos: 500_000_000 }, gap: 0, threads: 3, cures: true },
  });
  await solve(request);
  expect(seen).toEqual([{ engine: "jslp", timeLimitMs: 2500, gap: 0, threads: 3, cures: true }]);
});

test("a plan from the service passes its check, and fails it once tampered with", async () => {
  const { solve, verify } = await startService();
  const problem = twoWorkloads();
  const solved = await solve(SolveRequest.fromPartial({ input: { $case: "problem", value: problem } }));
  const check = (plan: Plan | undefined) =>
    verify(
      VerifyRequest.fromPartial({
        problemInput: { $case: "problem", value: problem },
        planInput: { $case: "plan", value: plan },
      }),
    );
  const report = await check(solved.plan);
  expect(report).toMatchObject({ ok: true, findings: [] });
  expect(report.bounds.length).toBeGreaterThan(0);

  const tampered = structuredClone(solved.plan);
  if (tampered?.objective) tampered.objective.primal = 39;
  const refused = await check(tampered);
  expect(refused.ok).toBe(false);
  expect(refused.findings.length).toBeGreaterThan(0);
});

test("documents of problem and plan are checked as well", async () => {
  const { verify } = await startService();
  const documents = VerifyRequest.fromPartial({
    problemInput: { $case: "problemDocument", value: twoWorkloadsText },
    planInput: { $case: "planDocument", value: "kind: PlacementPlan" },
  });
  await expect(verify(documents)).rejects.toMatchObject({ code: 3 });
});

test("a call leaves one line in the log, without anything of the problem", async () => {
  const { solve, log } = await startService();
  const request = SolveRequest.fromPartial({ input: { $case: "document", value: twoWorkloadsText } });
  await solve(request);
  const lines = log.filter((line) => line.message === "call");
  expect(lines).toHaveLength(1);
  expect(lines[0]?.fields).toMatchObject({ method: "Solve", code: "OK", status: "optimal", workloads: 2 });
  expect(JSON.stringify(log)).not.toMatch(/chat|h100|l40s/);
});
