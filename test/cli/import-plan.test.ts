import { expect, test } from "vitest";
import { apportion } from "./apportion.ts";

test("an inferno file is imported and planned, by pipe, in both formats", async () => {
  const imported = await apportion(["import", "inferno", "test/fixtures/inferno/sample-small-D3-capasis.json"]);
  expect(imported.code).toBe(0);
  expect(imported.stdout).toMatch(/^apiVersion: apportion.dev\/v1\nkind: Snapshot\n/);
  const planned = await apportion(["plan", "-", "--format", "json"], imported.stdout);
  expect(planned.code).toBe(0);
  const plan = JSON.parse(planned.stdout);
  expect(plan.status).toBe("optimal");

  const json = await apportion([
    "import",
    "inferno",
    "test/fixtures/inferno/sample-small-D3-capasis.json",
    "--format",
    "json",
  ]);
  const again = await apportion(["plan", "-", "--format", "json"], json.stdout);
  expect({ ...JSON.parse(again.stdout), elapsedMs: 0 }).toEqual({ ...plan, elapsedMs: 0 });
});

test("a workload that nothing can serve inside its SLO is named, and makes the exit code 1", async () => {
  const imported = await apportion(["import", "inferno", "test/fixtures/inferno/edge-keepacc-D3-capasis.json"]);
  const { code, stdout, stderr } = await apportion(["plan", "-"], imported.stdout);
  expect(code).toBe(1);
  expect(stdout).toMatch(/^optimal: /);
  expect(stderr).toMatch(/workload Free-m00000-granite_13b cannot be served: /);
  expect(stderr.split("\n").length).toBeLessThan(50);
});

test("a Mélange file is imported to a problem that is solved as it is", async () => {
  const imported = await apportion(["import", "melange", "test/fixtures/melange/arena-tpot120-r1-sf4.json"]);
  expect(imported.stdout).toMatch(/^apiVersion: apportion.dev\/v1\nkind: PlacementProblem\n/);
  const { code, stdout } = await apportion(["solve", "-"], imported.stdout);
  expect(code).toBe(0);
  expect(stdout).toMatch(/^optimal: cost 1\.4\/h/);
});

test.each(["inferno", "melange"])("import %s refuses what is no such file with exit code 2", async (format) => {
  const { code, stdout, stderr } = await apportion(["import", format, "-"], "a: 1");
  expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
  expect(stderr).toMatch(/^apportion: standard input: /);
});
