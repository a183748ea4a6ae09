import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { parse } from "yaml";
import { parseSignalConfig } from "../../src/adapters/prometheus/config/parse.ts";
import { configOf } from "./config.ts";

const PLAIN = { name: "main", type: "prometheus", url: "http://prometheus:9090" };

const violationsOf = (fields: Record<string, unknown>) => {
  const parsed = parseSignalConfig({ apiVersion: "apportion.dev/v1", kind: "SignalConfig", ...fields });
  return parsed.ok ? [] : parsed.violations;
};

test("little is enough, and the rest has its usual value", () => {
  const config = configOf({ sources: [PLAIN] });
  expect(config).toMatchObject({ windowSeconds: 90, systems: ["vllm"], quantiles: [0.5, 0.9, 0.95, 0.99] });
  expect(config.sources[0]).toMatchObject({ timeoutSeconds: 10, retries: 2, params: {}, headers: {} });
});

test.each<[string, Record<string, unknown>, string, RegExp]>([
  ["no source", { sources: [] }, "sources", /at least one/],
  ["a URL of another kind", { sources: [{ ...PLAIN, url: "file:///etc/passwd" }] }, "sources[0].url", /http/],
  ["a password in the URL", { sources: [{ ...PLAIN, url: "http://a:b@prometheus" }] }, "sources[0].url", /basicAuth/],
  [
    "parameters in the URL",
    { sources: [{ ...PLAIN, url: "http://prometheus?dedup=true" }] },
    "sources[0].url",
    /params/,
  ],
  ["a key without certificate", { sources: [{ ...PLAIN, tls: { keyFile: "k" } }] }, "sources[0].tls", /together/],
  [
    "two ways to sign in",
    { sources: [{ ...PLAIN, bearerTokenFile: "t", basicAuth: { username: "u", passwordFile: "p" } }] },
    "sources[0]",
    /one way/,
  ],
  ["a name twice", { sources: [PLAIN, PLAIN] }, "sources[1].name", /unique/],
  ["an unknown field", { sources: [PLAIN], window: 3 }, "window", /no such field.*windowSeconds/],
  ["an unknown system", { sources: [PLAIN], systems: ["vlm"] }, "systems[0]", /one of .*"vllm"/],
  ["a window of no time", { sources: [PLAIN], windowSeconds: 0 }, "windowSeconds", /at least/],
  ["a quantile of 100 %", { sources: [PLAIN], quantiles: [1] }, "quantiles[0]", /1/],
  ["a header with a line break", { sources: [{ ...PLAIN, headers: { a: "b\nc" } }] }, "sources[0].headers.a", /./],
  [
    "a query nobody knows",
    { sources: [PLAIN], queries: [{ name: "vllm/runing", promql: "up" }] },
    "queries[0].name",
    /known/,
  ],
  [
    "a query that is no PromQL",
    { sources: [PLAIN], queries: [{ name: "vllm/runningRequests", promql: "sum by (pod) (x" }] },
    "queries[0].promql",
    /PromQL/,
  ],
  [
    "a signal twice",
    { sources: [PLAIN], queries: [{ name: "mine", system: "vllm", signal: "requestRate", promql: "up" }] },
    "queries[0].signal",
    /does not have yet/,
  ],
])("refuses %s", (_, fields, path, rule) => {
  const violations = violationsOf(fields);
  expect(violations.map((violation) => violation.path)).toContain(path);
  const { rule: text, fix } = violations.find((violation) => violation.path === path)!;
  expect(text).toMatch(rule);
  expect(fix).not.toBe("");
});

test("says which query was meant, and where PromQL breaks", () => {
  const [unknown, broken] = violationsOf({
    sources: [PLAIN],
    queries: [
      { name: "vllm/runingRequests", promql: "up" },
      { name: "vllm/requestRate", promql: "sum by (pod) (rate(x[5m]" },
    ],
  });
  expect(unknown?.fix).toContain('"vllm/runningRequests"');
  expect(broken?.fix).toMatch(/character \d+, near/);
});

test("placeholders are filled in before the PromQL is read", () => {
  const yaml = `
sources: [{ name: main, type: prometheus, url: "https://mimir/prometheus", headers: { X-Scope-OrgID: team-a } }]
queries:
  - name: vllm/requestRate
    promql: sum by (kubernetes_namespace, kubernetes_pod) (rate(my_requests_total{$matchers}[$window]))
    labels: { namespace: [kubernetes_namespace], pod: [kubernetes_pod] }
  - { name: vllm/heartbeat, promql: "max by (namespace, pod) (timestamp(my_requests_total{$matchers}))" }
`;
  expect(violationsOf(parse(yaml) as Record<string, unknown>)).toEqual([]);
});

test("the examples of the documentation are taken", () => {
  const page = readFileSync(new URL("../../docs/signals.md", import.meta.url), "utf8");
  const blocks = [...page.matchAll(/```yaml\n(.*?)```/gs)].map(
    ([, yaml = ""]) => parse(yaml) as Record<string, unknown>,
  );
  expect(blocks.length).toBeGreaterThan(2);
  for (const block of blocks) expect(violationsOf({ sources: [PLAIN], ...block })).toEqual([]);
});
