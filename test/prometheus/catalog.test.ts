import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { fillIn } from "../../src/adapters/prometheus/catalog/promql.ts";
import { SYSTEMS } from "../../src/adapters/prometheus/catalog/systems.ts";
import { askedSystems } from "../../src/adapters/prometheus/config/plan.ts";
import { promqlFault } from "../../src/adapters/prometheus/config/promql-fault.ts";
import { configOf } from "./config.ts";

const config = configOf({
  systems: SYSTEMS.map((system) => system.name),
  sources: [{ name: "main", type: "prometheus", url: "http://prometheus:9090" }],
});
const asked = askedSystems(config);
const PARAMETERS = { windowMs: 60_000, lookbackMs: 300_000, matchers: [["cluster", "=", 'ea"st'] as const] };

test("every query is PromQL, and its name is its own", () => {
  const queries = asked.flatMap(({ system, queries: own, heartbeat, resets, lastActivity }) => [
    ...own,
    { name: `${system.name}/heartbeat`, promql: heartbeat },
    ...(resets === undefined ? [] : [{ name: `${system.name}/resets`, promql: resets }]),
    ...(lastActivity === undefined ? [] : [{ name: `${system.name}/lastActivity`, promql: lastActivity }]),
  ]);
  expect(queries.length).toBeGreaterThan(100);
  expect(new Set(queries.map((query) => query.name)).size).toBe(queries.length);
  for (const { name, promql } of queries) {
    const filled = fillIn(promql, PARAMETERS);
    expect(promqlFault(filled), name).toBeUndefined();
    expect(filled, name).toContain('cluster="ea\\"st"');
    expect(filled, name).not.toContain("$");
  }
});

test("what Prometheus does not take, the check does not take", () => {
  for (const bad of ["", "sum by (pod) (x", "rate(x[5m)", "x{a=b}", "1 +", "x y"])
    expect(promqlFault(bad), bad).toBeDefined();
});

test("every metric of the catalog is documented with where its name comes from", () => {
  const page = readFileSync(new URL("../../docs/signals.md", import.meta.url), "utf8");
  for (const system of SYSTEMS) {
    expect(page, system.name).toContain(`\`${system.name}\``);
    for (const { metrics } of system.readings) {
      for (const metric of metrics) expect(page, system.name).toContain(`\`${metric.replace(/_(sum|count)$/, "")}`);
    }
  }
});
