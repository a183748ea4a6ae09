import { readFileSync } from "node:fs";
import { stripVTControlCharacters } from "node:util";
import { expect, test } from "vitest";
import { apportion, problems, temporaryFile } from "./apportion.ts";

const twoWorkloads = `${problems}/two-workloads.yaml`;

test("a table that fits 80 columns, without colour, where the output is no terminal", async () => {
  const { code, stdout, stderr } = await apportion(["solve", twoWorkloads]);
  expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
  expect(stdout).toMatch(/^optimal: cost 40\/h, at least 40\/h \(gap (0|<0\.0001) %\), 2 of 2 workloads/);
  expect(stdout).toMatch(/^chat +0 +100 % +chat-l40s ×8$/m);
  expect(stdout).toMatch(/^code +10 +100 % +code-h100 ×2$/m);
  expect(stdout).toBe(stripVTControlCharacters(stdout));
  for (const line of stdout.split("\n")) expect(line.length).toBeLessThanOrEqual(80);
});

test("a short workload has its reason below it", async () => {
  const { code, stdout } = await apportion(["solve", `${problems}/scarce.yaml`]);
  expect(code).toBe(0);
  expect(stdout).toMatch(/^[bc] +5 +0 % +none\n {2}\S.*\bh100\b/m);
  expect(stdout).toMatch(/^h100 +16 +0 +of 8 +2\/2/m);
});

test("JSON goes alone to standard output", async () => {
  const { code, stdout, stderr } = await apportion(["solve", twoWorkloads, "--format", "json"]);
  expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
  expect(JSON.parse(stdout)).toMatchObject({ kind: "PlacementPlan", status: "optimal", objective: { primal: 40 } });
});

test("- reads standard input, YAML or JSON alike", async () => {
  const yaml = readFileSync(new URL("../fixtures/problems/two-workloads.yaml", import.meta.url), "utf8");
  const { code, stdout } = await apportion(["solve", "-", "--format", "json", "--engine", "jslp"], yaml);
  expect(code).toBe(0);
  expect(JSON.parse(stdout).objective.primal).toBe(40);
});

test("floors that do not fit: exit code 1, the conflict named, the higher floor kept", async () => {
  const { code, stdout } = await apportion(["solve", `${problems}/floors-conflict.yaml`]);
  expect(code).toBe(1);
  expect(stdout).toMatch(/^infeasible:/);
  expect(stdout).toMatch(/Conflicts\n {2}MinReplicas on h100: .*low-tp8/);
  expect(stdout).toMatch(/^high +0 +100 % +high-tp8 ×1$/m);
});

test("cures are computed where asked for", async () => {
  const { code, stdout } = await apportion(["solve", `${problems}/scarce.yaml`, "--cures", "--format", "json"]);
  expect(code).toBe(0);
  const short = JSON.parse(stdout).workloads.find((workload: { attainment: number }) => workload.attainment === 0);
  expect(short.reason.cure).toEqual({ pool: "h100", nodes: 1, devicesPerNode: 8, attainment: 1 });
});

test("verify accepts the plan, and refuses it with exit code 1 once it is tampered with", async () => {
  const { stdout } = await apportion(["solve", twoWorkloads, "--format", "json"]);
  const accepted = await apportion(["verify", twoWorkloads, "-"], stdout);
  expect(accepted).toMatchObject({ code: 0, stderr: "", stdout: expect.stringMatching(/^ok: /) });

  const plan = JSON.parse(stdout);
  plan.workloads[0].variants[0].replicas += 1;
  const file = temporaryFile("plan.json", JSON.stringify(plan));
  const refused = await apportion(["verify", twoWorkloads, file]);
  expect(refused).toMatchObject({ code: 1, stderr: "", stdout: expect.stringMatching(/^failed: \d+ findings/) });

  const asJson = await apportion(["verify", twoWorkloads, file, "--format", "json"]);
  expect(asJson.code).toBe(1);
  expect(JSON.parse(asJson.stdout).findings.length).toBeGreaterThan(0);
});

test("a reader that closes early is no error", async () => {
  const { code, stderr } = await apportion(["completion", "bash"]);
  expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
});
