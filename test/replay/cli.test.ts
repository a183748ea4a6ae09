import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { apportion, temporaryFile } from "../cli/apportion.ts";
import { tinyFile } from "./tiny.ts";

test("apportion replay: JSON alone on standard output, a page that needs nothing from elsewhere", async () => {
  const file = temporaryFile("tiny.json", JSON.stringify(tinyFile({})));
  const page = temporaryFile("report.html", "");
  const args = ["replay", file, "--controllers", "hpa,ours", "--seeds", "2", "--format", "json", "--report", page];
  const { code, stdout, stderr } = await apportion(args);
  expect([code, stderr]).toEqual([0, ""]);
  const { kind, controllers } = JSON.parse(stdout);
  expect(kind).toBe("ReplayReport");
  expect(controllers.map(({ controller, seeds }: never) => [controller, seeds])).toEqual([
    ["ours", [3, 4]],
    ["hpa", [3, 4]],
  ]);
  expect(controllers[0].classes[0].insideSlo.mean).toBeGreaterThan(0.8);
  const html = readFileSync(page, "utf8");
  expect(html.match(/<svg /g)).toHaveLength(3);
  expect(html).not.toMatch(/<script|https?:|src=|@import/);
}, 60_000);

test("a table for people, and what is wrong with the input", async () => {
  const file = temporaryFile("tiny.json", JSON.stringify(tinyFile({ initialReplicas: 2 })));
  const { code, stdout } = await apportion(["replay", file, "--controllers", "fixed"]);
  expect(code).toBe(0);
  expect(stdout).toMatch(/^controller +gold in SLO +cost/);
  expect(stdout).toMatch(/^fixed .* 0\.7 /m);
  const unknown = await apportion(["replay", file, "--controllers", "fixed,magic"]);
  expect([unknown.code, unknown.stderr]).toEqual([2, expect.stringMatching(/there is no magic; choose of ours, hpa/)]);
  const bad = temporaryFile("bad.json", JSON.stringify({ ...tinyFile({}), pools: [] }));
  expect((await apportion(["replay", bad])).code).toBe(2);
}, 60_000);
