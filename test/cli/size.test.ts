import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { parse, stringify } from "yaml";
import { apportion, temporaryFile } from "./apportion.ts";

const example = readFileSync(new URL("../../examples/replica.yaml", import.meta.url), "utf8");

test("the example is sized: a table, and charts as wide as the terminal", async () => {
  const { code, stdout, stderr } = await apportion(["size", "examples/replica.yaml", "--curve"]);
  expect([code, stderr]).toEqual([0, ""]);
  expect(stdout).toMatch(/Requests\/s .*Bound by/);
  expect(stdout).toContain("granite-13b-a100: p95 of TTFT, ms, and its target of 1000");
  expect(stdout).toContain("requests/s");
  for (const line of stdout.split("\n")) expect(line.length).toBeLessThanOrEqual(100);
});

test("JSON goes alone to standard output, with the points of the curve", async () => {
  const { code, stdout } = await apportion(["size", "-", "--format", "json", "--curve"], example);
  const { replicas } = JSON.parse(stdout);
  expect(code).toBe(0);
  expect(replicas.map((one: { role: string }) => one.role)).toEqual(["both", "prefill", "decode"]);
  for (const { capacityPerSecond, curve } of replicas) {
    expect(capacityPerSecond).toBeGreaterThan(0);
    expect(curve).toHaveLength(50);
  }
  expect(replicas[1].latencies).toEqual({ ttftMs: expect.any(Number) });
});

test("a target that no rate meets makes the exit code 1 and says the best", async () => {
  const file = temporaryFile("tight.yaml", stringify({ ...parse(example), slo: { ttftMs: 5 } }));
  const { code, stdout } = await apportion(["size", file]);
  expect(code).toBe(1);
  expect(stdout.replaceAll(/\s+/g, " ")).toMatch(/p95 of TTFT: 5 ms is asked, [\d.]+ ms is the best/);
});

test("bad input is named and makes the exit code 2", async () => {
  const file = temporaryFile("bad.yaml", stringify({ ...parse(example), slo: { ttftMs: -1, percentle: 0.9 } }));
  const { code, stderr } = await apportion(["size", file]);
  expect(code).toBe(2);
  expect(stderr).toMatch(/slo\.ttftMs is -1/);
  expect(stderr).toMatch(/percentle.*percentile/);
});
