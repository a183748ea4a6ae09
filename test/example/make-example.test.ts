import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseProblem, solve, verify } from "@apportion/solver";
import { afterAll, expect, test } from "vitest";
import { parse } from "yaml";
import { snapshotToProblem } from "../../src/plan/snapshot-to-problem.ts";
import { parseSnapshot } from "../../src/snapshot/codec.ts";

const ROOT = join(import.meta.dirname, "../..");
const EXAMPLES = join(ROOT, "examples");
const MADE = [
  "fleet.snapshot.yaml",
  "fleet.yaml",
  "data/azure-llm-2023-code.csv",
  "data/azure-llm-2023-code.per-minute.csv",
  "data/fleet-2023.csv",
];

const folder = mkdtempSync(join(tmpdir(), "apportion-example-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const read = (name: string) => readFileSync(join(EXAMPLES, name), "utf8");

function exampleProblem() {
  const parsed = parseProblem(parse(read("fleet.yaml")));
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.violations));
  return parsed.problem;
}

test("the script makes the files of the example again, byte for byte", () => {
  const data = ["data/azure-llm-2023-code.csv", "data/fleet-2023.csv"].map((name) => join(EXAMPLES, name));
  execFileSync(process.execPath, [join(ROOT, "scripts/make-example.ts"), ...data, folder], { stdio: "pipe" });
  for (const name of MADE) {
    expect(readFileSync(join(folder, name)).equals(readFileSync(join(EXAMPLES, name))), name).toBe(true);
  }
});

test("the whole fleet of the trace is in it", () => {
  const fleet = read("data/fleet-2023.csv").trim().split("\n").slice(1);
  const nodes = fleet.reduce((sum, row) => sum + Number(row.split(",").at(-1)), 0);
  const rows = exampleProblem().pools.flatMap((pool) => pool.nodes ?? []);
  expect(nodes).toBe(1213);
  expect(rows.reduce((sum, row) => sum + row.count, 0)).toBe(nodes);
  expect(rows.reduce((sum, row) => sum + row.count * row.freeDevices, 0)).toBeGreaterThan(500);
});

test("the minutes count every request of the trace once", () => {
  const minutes = read("data/azure-llm-2023-code.per-minute.csv").trim().split("\n").slice(1);
  const requests = read("data/azure-llm-2023-code.csv").trim().split("\n").length - 1;
  expect(requests).toBe(8819);
  expect(minutes.reduce((sum, row) => sum + Number(row.split(",")[1]), 0)).toBe(requests);
});

test("the problem is what the snapshot asks, with capacities to six digits", () => {
  const snapshot = parseSnapshot(parse(read("fleet.snapshot.yaml")));
  if (!snapshot.ok) throw new Error(JSON.stringify(snapshot.violations));
  const { problem, leftOut, unservable } = snapshotToProblem(snapshot.value);
  expect(leftOut).toEqual([]);
  expect(unservable).toEqual([]);
  for (const workload of problem.workloads) {
    for (const variant of workload.variants) {
      variant.capacityPerSecond = Number(variant.capacityPerSecond?.toPrecision(6));
    }
  }
  expect(parse(read("fleet.yaml"))).toEqual(JSON.parse(JSON.stringify(problem)));
});

test("premium is full, standard is short in part, batch clearly", { timeout: 60_000 }, async () => {
  const problem = exampleProblem();
  const plan = await solve(problem, { timeLimitMs: 30_000 });
  expect(verify(problem, plan).findings).toEqual([]);
  const attainments = (priority: number) =>
    problem.workloads
      .filter((workload) => workload.priority === priority)
      .map((workload) => plan.workloads.find((entry) => entry.name === workload.name)?.attainment ?? 0);
  expect(Math.min(...attainments(0))).toBe(1);
  const standard = attainments(10);
  expect(standard.filter((attainment) => attainment < 1).length).toBeGreaterThanOrEqual(2);
  expect(standard.filter((attainment) => attainment === 1).length).toBeGreaterThanOrEqual(2);
  expect(Math.min(...standard)).toBeGreaterThan(0.5);
  expect(Math.min(...attainments(20))).toBeLessThan(0.3);
});
