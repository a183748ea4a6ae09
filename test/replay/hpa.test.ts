import { describe, expect, test } from "vitest";
import { HorizontalPodAutoscaler } from "../../src/app/replay/controllers/hpa.ts";
import type { PodSample } from "../../src/snapshot/serving-signals.ts";

function pods(ready: number, starting = 0): PodSample[] {
  return Array.from({ length: ready + starting }, (_, i) => ({
    name: `p${i}`,
    variant: "v",
    phase: "Running",
    terminating: false,
    ready: i < ready,
    requests: {},
  }));
}

/** All ready pods at the same value. */
function desired(scaler: HorizontalPodAutoscaler, count: number, value: number, nowMs = 15_000, starting = 0): number {
  const samples = new Map(Array.from({ length: count }, (_, i) => [`p${i}`, value]));
  return scaler.desired(count + starting, pods(count, starting), samples, nowMs);
}

const scaler = () => new HorizontalPodAutoscaler({ minReplicas: 1, maxReplicas: 100, averageValue: 100 });

describe("the published examples of horizontal pod autoscaling", () => {
  test.each([
    // "if the current metric value is 200m, and the desired value is 100m, the number of replicas will be doubled"; 50m halves it.
    { count: 3, value: 200, becomes: 6 },
    // Within a tolerance of 0.1 nothing changes; just outside it does.
    { count: 10, value: 110, becomes: 10 },
    { count: 10, value: 111, becomes: 12 },
    { count: 10, value: 90, becomes: 10 },
    // By default it grows by the larger of 100 % and 4 pods in 15 s.
    { count: 1, value: 2000, becomes: 5 },
    { count: 10, value: 1000, becomes: 20 },
  ])("$count replicas at $value of 100 become $becomes", ({ count, value, becomes }) => {
    expect(desired(scaler(), count, value)).toBe(becomes);
  });

  test("half of the target halves the count, once the highest of the last 300 s says so", () => {
    const one = scaler();
    expect(desired(one, 4, 100, 0)).toBe(4);
    for (let at = 15_000; at < 300_000; at += 15_000) expect(desired(one, 4, 50, at)).toBe(4);
    expect(desired(one, 4, 50, 300_000)).toBe(2);
  });

  test("replicas that are starting count as using nothing when it would grow", () => {
    // 2 ready at 200 ask for 4; with 1 starting at 0 the mean is 133, and 133 % of 3 is 4.
    expect(desired(scaler(), 2, 200, 15_000, 1)).toBe(4);
    // With 2 starting the mean is 100: on target.
    expect(desired(scaler(), 2, 200, 15_000, 2)).toBe(4);
  });

  test("without a metric of any pod, and beyond its limits, it stays", () => {
    expect(scaler().desired(3, pods(0, 3), new Map(), 15_000)).toBe(3);
    const narrow = new HorizontalPodAutoscaler({ minReplicas: 2, maxReplicas: 4, averageValue: 100 });
    expect(desired(narrow, 3, 1000)).toBe(4);
  });
});
