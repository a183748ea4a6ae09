import { describe, expect, test } from "vitest";
import {
  type Allocation,
  type GreedyServer,
  greedyAllocations,
  meanCapacity,
  transition,
} from "../../src/app/replay/controllers/wva-greedy.ts";
import { saturationStep } from "../../src/app/replay/controllers/wva-saturation.ts";
import { size } from "../../src/model/queueing/size.ts";

const gauges = (...pairs: [number, number][]) =>
  pairs.map(([kvCacheUsage, queueLength]) => ({ kvCacheUsage, queueLength }));

describe("saturation", () => {
  test("the published example of five replicas: spare enough now (0.15 and 3.2), not with one fewer", () => {
    expect(saturationStep(gauges([0.7, 2], [0.75, 3], [0.6, 1], [0.65, 2], [0.55, 1]))).toBe(0);
  });

  test.each([
    { what: "little spare KV cache", replicas: gauges([0.75, 0], [0.72, 0]), step: 1 },
    { what: "little spare queue", replicas: gauges([0.1, 3], [0.1, 2]), step: 1 },
    { what: "saturated ones do not count", replicas: gauges([0.9, 9], [0.1, 0], [0.1, 0]), step: -1 },
    { what: "all saturated", replicas: gauges([0.9, 0], [0.1, 5]), step: 1 },
    { what: "idle", replicas: gauges([0.1, 0], [0.1, 0]), step: -1 },
    // 0.35 on one is 0.7 with 0.1 to spare, as much as it takes; a little more is too much.
    { what: "just safe", replicas: gauges([0.35, 1], [0.34, 1]), step: -1 },
    { what: "just not safe", replicas: gauges([0.36, 1], [0.36, 1]), step: 0 },
    { what: "the only one stays", replicas: gauges([0, 0]), step: 0 },
    { what: "nobody reports", replicas: [], step: 0 },
  ])("$what: $step", ({ replicas, step }) => {
    expect(saturationStep(replicas)).toBe(step);
  });
});

function allocation(variant: string, pool: string, replicas: number, value: number): Allocation {
  return { variant, pool, replicas, devicesPerReplica: 1, costPerHour: value, value };
}

describe("greedy", () => {
  const server = (name: string, priority: number, ...allocations: Allocation[]): GreedyServer => ({
    name,
    priority,
    allocations,
  });
  const counts = (servers: GreedyServer[], devices: [string, number][]) =>
    Object.fromEntries(greedyAllocations(servers, new Map(devices)).map((own) => [own.variant, own.replicas]));

  test("the more important is served first, whole; who gets nothing whole takes what is left", () => {
    const servers = [
      server("low", 2, allocation("low-a", "a", 3, 3)),
      server("high", 1, allocation("high-a", "a", 4, 4)),
    ];
    expect(counts(servers, [["a", 5]])).toEqual({ "high-a": 4, "low-a": 1 });
  });

  test("of one priority who would lose more by the second choice comes first", () => {
    const servers = [
      server("m", 1, allocation("m-a", "a", 2, 2), allocation("m-b", "b", 2, 3)),
      server("n", 1, allocation("n-a", "a", 2, 2), allocation("n-b", "b", 2, 9)),
    ];
    expect(
      counts(servers, [
        ["a", 3],
        ["b", 2],
      ]),
    ).toEqual({ "n-a": 2, "m-b": 2 });
  });

  test("another accelerator is penalized by a tenth of both costs (numbers of its own tests)", () => {
    const now = { variant: "a", costPerHour: 100 };
    expect(transition(now, { variant: "a", costPerHour: 150 })).toBe(50);
    expect(transition(now, { variant: "b", costPerHour: 120 })).toBeCloseTo(42, 9);
    expect(transition(undefined, { variant: "b", costPerHour: 100 })).toBeCloseTo(110, 9);
  });

  test("sizes on the means of dialect D3", () => {
    const profile = {
      dialect: "continuous",
      baseMs: 20.58,
      perSequenceMs: 0.041,
      perPromptTokenMs: 0.041,
      perContextTokenMs: 0.0003,
      maxBatchSize: 64,
      maxBatchedTokens: 8192,
      chunkedPrefill: true,
    } as const;
    const mix = { inputTokens: 512, outputTokens: 128 };
    const d3 = size(
      {
        dialect: "D3",
        alphaMs: 20.58,
        betaMs: 0.041,
        gammaMs: 0.0003,
        maxBatchSize: 64,
        maxQueueSize: 640,
        maxNumTokens: 8192,
      },
      mix,
      { ttftMs: 500, itlMs: 30 },
    );
    expect(d3.ok && d3.size.capacityPerSecond).toBeGreaterThan(0);
    expect(meanCapacity(profile, mix, { ttftMs: 500, tpotMs: 30, percentile: 0.95 })).toBe(
      d3.ok && d3.size.capacityPerSecond,
    );
    expect(meanCapacity(profile, mix, { ttftMs: 1 })).toBe(0);
  });
});
