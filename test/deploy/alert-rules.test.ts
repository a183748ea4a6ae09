import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { parse } from "yaml";
import { goTool } from "../tools/go-tool.ts";

/** The alerts through Prometheus' own checker: that they parse, and when they fire. */

// The first run on a machine builds it.
const BUILD_MS = 900_000;
const RULES = fileURLToPath(new URL("../../deploy/chart/apportion/alerts/apportion.yaml", import.meta.url));
const CASES = fileURLToPath(new URL("alert-rules.yaml", import.meta.url));

async function promtool(...args: string[]): Promise<{ code: number | null; output: string }> {
  const { status, stdout, stderr } = spawnSync(await goTool("prometheus", "promtool"), args, { encoding: "utf8" });
  return { code: status, output: `${stdout}${stderr}` };
}

test("Prometheus reads the alerts without a warning", { timeout: BUILD_MS }, async () => {
  const { code, output } = await promtool("check", "rules", "--lint=all", "--lint-fatal", RULES);
  expect(output).toMatch(/SUCCESS: \d+ rules found/);
  expect(code).toBe(0);
});

test("each alert fires when it should, and not before", async () => {
  const { code, output } = await promtool("test", "rules", CASES);
  expect(output).toContain("SUCCESS");
  expect(code).toBe(0);
});

test("every alert has a case in which it fires", () => {
  const rules = parse(readFileSync(RULES, "utf8")) as { groups: { rules: { alert: string }[] }[] };
  const cases = parse(readFileSync(CASES, "utf8")) as {
    tests: { alert_rule_test: { alertname: string; exp_alerts?: object[] }[] }[];
  };
  const fired = cases.tests.flatMap(({ alert_rule_test: tests }) =>
    tests.filter(({ exp_alerts: alerts }) => (alerts ?? []).length > 0).map(({ alertname }) => alertname),
  );
  const all = rules.groups.flatMap((group) => group.rules.map(({ alert }) => alert));
  expect(all.filter((alert) => !fired.includes(alert))).toEqual([]);
});
