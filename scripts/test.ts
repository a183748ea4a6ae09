/**
 * Everything that must hold, step by step: types, lint, unused code, protos, the control plane of the lab, Helm and
 * Prometheus, the dashboard and a browser for it, tests. All steps run even where one failed.
 * The last line is `N passed, N failed`: the steps plus the tests that vitest counted. Exit code 1 if anything failed.
 */
import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { countTests, type TestCounts } from "./test-counts.ts";

const root = join(import.meta.dirname, "..");
const binaries = join(root, "node_modules/.bin");
const env = { ...process.env, PATH: `${binaries}${delimiter}${process.env.PATH ?? ""}` };

interface Step {
  title: string;
  command: string;
  args: string[];
}

const steps: Step[] = [
  { title: "types", command: "tsc", args: ["-p", "tsconfig.json"] },
  { title: "types of the dashboard", command: "tsc", args: ["--noEmit", "-p", "src/web/tsconfig.json"] },
  { title: "format and lint", command: "biome", args: ["check", "."] },
  { title: "unused code", command: "knip", args: [] },
];
if (existsSync(join(root, "proto"))) {
  steps.push({ title: "protos", command: "node", args: ["scripts/proto.ts", "check"] });
}
// Built before the tests: the first build takes minutes, which no test's time limit allows for.
steps.push({ title: "control plane", command: "node", args: ["scripts/lab.ts", "build"] });
steps.push({ title: "dashboard", command: "vite", args: ["build", "--logLevel", "warn"] });
steps.push({ title: "browser", command: "node", args: ["scripts/browser.ts"] });
steps.push({ title: "Helm and Prometheus", command: "node", args: ["scripts/tools.ts"] });

/** True if the command ran and ended with 0. */
function run({ title, command, args }: Step): boolean {
  console.log(`\n== ${title}: ${[command, ...args].join(" ")}`);
  const result = spawnSync(command, args, { cwd: root, env, stdio: "inherit" });
  if (result.error) console.log(`cannot run ${command}: ${result.error.message}`);
  const passed = result.status === 0;
  console.log(`== ${title}: ${passed ? "passed" : "FAILED"}`);
  return passed;
}

/** Runs vitest; the step itself counts as one, beside the tests in it. */
function runTests(): TestCounts {
  const scratch = mkdtempSync(join(tmpdir(), "apportion-test-"));
  try {
    const report = join(scratch, "report.json");
    const args = ["run", "--reporter=default", "--reporter=json", `--outputFile.json=${report}`];
    const passed = run({ title: "tests", command: "vitest", args });
    const counts = countTests(existsSync(report) ? JSON.parse(readFileSync(report, "utf8")) : undefined);
    // A run that found nothing to run proves nothing.
    const good = passed && counts.passed > 0;
    return { passed: counts.passed + (good ? 1 : 0), failed: counts.failed + (good ? 0 : 1) };
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}

const outcomes = steps.map(run);
const tests = runTests();
const passed = outcomes.filter((outcome) => outcome).length + tests.passed;
const failed = outcomes.filter((outcome) => !outcome).length + tests.failed;
steps.forEach((step, index) => {
  if (!outcomes[index]) console.log(`FAILED: ${step.title}`);
});
console.log(`${passed} passed, ${failed} failed`);
process.exitCode = failed === 0 ? 0 : 1;
