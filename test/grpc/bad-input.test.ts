import { status } from "@grpc/grpc-js";
import { expect, test } from "vitest";
import { type DeepPartial, SolveRequest } from "../../src/gen/apportion/v1/placement.ts";
import type { PlacementProblem } from "../../src/gen/apportion/v1/problem.ts";
import { twoWorkloads } from "./problems.ts";
import { details, failure, startService } from "./service.ts";

async function refusal(request: DeepPartial<SolveRequest>) {
  const { solve } = await startService();
  const error = await failure(solve(SolveRequest.fromPartial(request)));
  expect(error.code, error.details).toBe(status.INVALID_ARGUMENT);
  return { error, ...details(error) };
}

/** The violations of `two-workloads` after one change. */
async function violationsAfter(change: (problem: PlacementProblem) => void) {
  const problem = twoWorkloads();
  change(problem);
  const { violations } = await refusal({ input: { $case: "problem", value: problem } });
  return violations.violations;
}

test("every violation has path, value, rule and fix, in both forms of details", async () => {
  const problem = twoWorkloads();
  const [chat, code] = problem.workloads;
  if (chat) chat.demandPerSecond = Number.NaN;
  if (code) code.weight = -1;
  const { status: body, badRequest, violations } = await refusal({ input: { $case: "problem", value: problem } });
  expect(body.code).toBe(status.INVALID_ARGUMENT);
  expect(violations.omitted).toBe(0);
  expect(violations.violations.map((violation) => violation.path).sort()).toEqual([
    "workloads[0].demandPerSecond",
    "workloads[1].weight",
  ]);
  for (const { path, value, rule, fix } of violations.violations) {
    expect([path, value, rule, fix].every((text) => text.length > 0)).toBe(true);
  }
  expect(badRequest.fieldViolations.map((violation) => violation.field).sort()).toEqual(
    violations.violations.map((violation) => violation.path).sort(),
  );
});

test.each<[string, (problem: PlacementProblem) => void, RegExp]>([
  ["infinite demand", (p) => Object.assign(p.workloads[0] ?? {}, { demandPerSecond: Infinity }), /demandPerSecond/],
  ["no demand", (p) => Object.assign(p.workloads[0] ?? {}, { demandPerSecond: undefined }), /demandPerSecond/],
  ["an unknown pool", (p) => Object.assign(p.workloads[1]?.variants[0] ?? {}, { pool: "nowhere" }), /pool/],
  ["a name that stands twice", (p) => Object.assign(p.workloads[1] ?? {}, { name: "chat" }), /name/],
  ["no workload name", (p) => Object.assign(p.workloads[1] ?? {}, { name: "" }), /name/],
  ["an unknown enum value", (p) => Object.assign(p.workloads[0]?.variants[0] ?? {}, { role: "UNRECOGNIZED" }), /role/],
  [
    "min > max",
    (p) => Object.assign(p.workloads[0]?.variants[0] ?? {}, { minReplicas: 3, maxReplicas: 2 }),
    /Replicas/,
  ],
  ["no pools and no workloads", (p) => Object.assign(p, { pools: [] }), /pool/],
  [
    "a variant that one node row holds twice",
    (p) =>
      p.pools[0]?.nodes[0]?.holds.push({ variant: "chat-h100", replicas: 1 }, { variant: "chat-h100", replicas: 2 }),
    /pools\[0\]\.nodes\[0\]\.holds/,
  ],
  [
    "a request type with two capacities",
    (p) =>
      p.workloads[0]?.variants[0]?.capacityByType.push(
        { requestType: "short", requestsPerSecond: 1 },
        { requestType: "short", requestsPerSecond: 2 },
      ),
    /workloads\[0\]\.variants\[0\]\.capacityByType/,
  ],
])("refuses %s, naming the field", async (_, change, path) => {
  const violations = await violationsAfter(change);
  expect(violations.map((violation) => violation.path).join(" ")).toMatch(path);
});

test("refuses a request without a problem, and wrong options, all at once", async () => {
  const { violations } = await refusal({
    options: { gap: Number.NaN, threads: 0, timeLimit: { seconds: -1, nanos: 0 }, engine: "UNRECOGNIZED" },
  });
  expect(violations.violations.map((violation) => violation.path)).toEqual([
    "options.engine",
    "options.timeLimit",
    "options.gap",
    "options.threads",
    "input",
  ]);
});

test("a document that cannot be read is refused with line and column", async () => {
  const { violations } = await refusal({ input: { $case: "document", value: "pools:\n  - name: a\n    name: b\n" } });
  expect(violations.violations).toMatchObject([{ path: "document", value: "line 3, column 5" }]);
});

test("thousands of violations stay inside what clients take as headers, and say how many are left out", async () => {
  const problem = twoWorkloads();
  const chat = problem.workloads[0];
  if (!chat) throw new Error("no workload");
  problem.workloads = Array.from({ length: 3000 }, (_, index) => ({
    ...chat,
    name: `w${index}`,
    weight: -1,
    variants: [],
  }));
  const { error, violations } = await refusal({ input: { $case: "problem", value: problem } });
  const encoded = error.metadata.get("grpc-status-details-bin")[0];
  expect(violations.violations.length).toBeGreaterThan(5);
  expect(violations.omitted).toBeGreaterThan(2900);
  expect(Buffer.from(encoded ?? "").toString("base64").length + encodeURIComponent(error.details).length).toBeLessThan(
    8192 - 500,
  );
});
