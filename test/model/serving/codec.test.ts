import { describe, expect, test } from "vitest";
import { parseScaleToZero, parseServing, parseVariantServing } from "../../../src/snapshot/serving-codec.ts";

const cpu = { type: "Resource", name: "cpu", target: { type: "Utilization", averageUtilization: 70 } };

describe("how a workload is served, as a file says it", () => {
  test("defaults are those of the published algorithms", () => {
    expect(parseServing({ kind: "utilization", metrics: [cpu] })).toEqual({
      ok: true,
      value: {
        kind: "utilization",
        metrics: [cpu],
        scaleUpTolerance: 0.1,
        scaleDownTolerance: 0.1,
        cpuInitializationMs: 300_000,
        initialReadinessDelayMs: 30_000,
      },
    });
    expect(parseServing({ kind: "queue", drainSeconds: 60 })).toEqual({
      ok: true,
      value: { kind: "queue", drainSeconds: 60, quantile: 0.95, arrivalDispersion: 1, serviceVariation: 0 },
    });
    expect(parseScaleToZero({})).toEqual({
      ok: true,
      value: { mode: "never", idleSeconds: 300, keepWarmProbability: 0.5 },
    });
    expect(parseVariantServing({ concurrency: 4 })).toEqual({ ok: true, value: { concurrency: 4 } });
  });

  const bad: [unknown, string, RegExp][] = [
    [undefined, "serving", /an object/],
    [{}, "kind", /one of "llm", "utilization", "queue", "lag", "batch", "fixed"/],
    [{ kind: "hpa" }, "kind", /one of "llm"/],
    [{ kind: "queue" }, "drainSeconds", /required/],
    [{ kind: "queue", drainSeconds: 0 }, "drainSeconds", /more than 0/],
    [{ kind: "queue", drainSeconds: Number.NaN }, "drainSeconds", /a finite number/],
    [{ kind: "queue", drainSeconds: 1, quantil: 0.9 }, "quantil", /no such field here/],
    [{ kind: "utilization", metrics: [] }, "metrics", /at least one entry/],
    [
      { kind: "utilization", metrics: [{ ...cpu, type: "CPU" }] },
      "metrics[0].type",
      /"Resource", "Pods", "Object", "External"/,
    ],
    [
      { kind: "utilization", metrics: [{ type: "Object", name: "q", target: { type: "Utilization" } }] },
      "metrics[0].target.type",
      /"Value" \(Object, External\)/,
    ],
    [{ kind: "fixed", replicas: 1.5 }, "replicas", /a whole number/],
    [{ kind: "lag", limitMs: -1 }, "limitMs", /more than 0/],
  ];
  test.each(bad)("%j", (value, path, rule) => {
    const parsed = parseServing(value);
    if (parsed.ok) throw new Error("it was read");
    expect(parsed.violations[0]).toMatchObject({
      path,
      rule: expect.stringMatching(rule),
      fix: expect.stringMatching(/\S/),
    });
  });
});
