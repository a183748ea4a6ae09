import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";

const root = fileURLToPath(new URL("../../..", import.meta.url));

const SCRIPT = `
import { fleet } from "./solver/bench/generator.ts";
import { openSession, solve, warmUp } from "./solver/src/index.ts";
warmUp();
const problem = fleet({ workloads: 60, pools: 6, ratio: 1, seed: 1, rule: "penalty", shapes: false });
const plan = await solve(problem, { engine: "highs", timeLimitMs: 1000 });
console.log(plan.workloads.length);
const large = fleet({ workloads: 2000, pools: 12, ratio: 1, seed: 1, rule: "penalty", shapes: false });
const priced = await solve(large, { engine: "price", timeLimitMs: 1500, threads: 2 });
console.log(priced.workloads.length);
const session = await openSession(problem, plan);
const scenarios = await session.whatIfs([{}, {}], { timeLimitMs: 1000 });
console.log(scenarios.length);
`;

// a child that hangs is ended by the test's own limit, and then has no exit code
test("a process ends by itself after a solve or a round, kept threads, their engines and open sessions or not", async () => {
  const child = spawn(process.execPath, ["--input-type=module", "-e", SCRIPT], { cwd: root, timeout: 50_000 });
  let output = "";
  child.stdout.on("data", (chunk) => {
    output += chunk;
  });
  child.stderr.on("data", (chunk) => {
    output += chunk;
  });
  const code = await new Promise((resolve) => child.on("close", resolve));
  expect({ code, output }).toEqual({ code: 0, output: "60\n2000\n2\n" });
});
