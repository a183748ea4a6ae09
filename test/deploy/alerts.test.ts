import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { parse } from "yaml";
import { EVENTS, GAUGES } from "../../src/status/metric-definitions.ts";

/** Alerts and dashboard rely on metrics by name and label: a renamed one must not leave them empty. */

const CHART = new URL("../../deploy/chart/apportion/", import.meta.url);
const read = (path: string) => readFileSync(new URL(path, CHART), "utf8");

interface Rule {
  alert: string;
  expr: string;
  for: string;
  labels: { severity: string };
  annotations: { summary: string; description: string };
}

const rules = (parse(read("alerts/apportion.yaml")) as { groups: { rules: Rule[] }[] }).groups.flatMap(
  (group) => group.rules,
);

interface Panel {
  title: string;
  targets?: { expr: string }[];
}

const panels = (JSON.parse(read("dashboards/apportion.json")) as { panels: Panel[] }).panels;

const metrics = new Map<string, readonly string[]>(
  [...Object.values(GAUGES), ...Object.values(EVENTS)].flatMap(({ name, type, labels }) => {
    if (type !== "histogram") return [[name, labels]];
    return [[`${name}_bucket`, [...labels, "le"]], ...["_sum", "_count"].map((end) => [`${name}${end}`, labels])];
  }) as [string, readonly string[]][],
);

/** What scraping adds. */
const SCRAPED = ["job", "namespace"];

function faultsOf(title: string, expr: string): string[] {
  const names = [...new Set(expr.match(/\b(apportion|wva)_\w+/g) ?? [])];
  const known = new Set([...SCRAPED, ...names.flatMap((name) => metrics.get(name) ?? [])]);
  const matched = [...expr.matchAll(/(\w+)(?:=~|!=|!~|=)"/g)].map((match) => match[1]!);
  const grouped = [...expr.matchAll(/\bby \(([^)]*)\)/g)].flatMap((match) => match[1]!.split(",").map((x) => x.trim()));
  return [
    ...(names.length === 0 ? [`${title}: no metric in ${expr}`] : []),
    ...names.filter((name) => !metrics.has(name)).map((name) => `${title}: no metric ${name}`),
    ...[...matched, ...grouped].filter((label) => !known.has(label)).map((label) => `${title}: no label ${label}`),
  ];
}

test("alerts use metrics and labels that there are", () => {
  expect(rules.length).toBeGreaterThan(10);
  expect(rules.flatMap(({ alert, expr }) => faultsOf(alert, expr))).toEqual([]);
});

test("the dashboard uses metrics and labels that there are", () => {
  const targets = panels.flatMap(({ title, targets = [] }) => targets.map(({ expr }) => ({ title, expr })));
  expect(targets.length).toBeGreaterThan(20);
  expect(targets.flatMap(({ title, expr }) => faultsOf(title, expr))).toEqual([]);
});

test("a metric or label that there is not would be seen", () => {
  expect(faultsOf("planted", 'sum by (nobody) (apportion_nothing{what="x"})')).toEqual([
    "planted: no metric apportion_nothing",
    "planted: no label what",
    "planted: no label nobody",
  ]);
});

test("every alert says what it means and is documented with what to do", () => {
  const documented = readFileSync(new URL("../../docs/operate.md", import.meta.url), "utf8");
  for (const { alert, labels, annotations, for: lasts } of rules) {
    expect(documented, alert).toContain(`\`${alert}\``);
    expect(["critical", "warning", "info"], alert).toContain(labels.severity);
    expect(lasts, alert).toMatch(/^\d+[mh]$/);
    expect(annotations.summary && annotations.description, alert).toBeTruthy();
  }
});
