import { parseProblem, solve } from "@apportion/solver";
import { describe, expect, test } from "vitest";
import { demandOf } from "../../../src/model/serving/demand-of.ts";
import type { Serving } from "../../../src/snapshot/serving.ts";
import type { ServingSignals } from "../../../src/snapshot/serving-signals.ts";
import { context, known, NOW, utilization, variant } from "./fixtures.ts";

interface Wanted {
  name: string;
  serving: Serving;
  signals: ServingSignals;
  facts: Parameters<typeof variant>[0];
}

/** Needs 4, 6, 8 and 10 replicas of one device. */
function fleet(requestUnit = 1, itemUnit = 1): Wanted[] {
  const target = { type: "AverageValue", averageValue: 10 } as const;
  return [
    {
      name: "chat",
      serving: { kind: "llm" },
      signals: { ratePerSecond: 12 * requestUnit },
      facts: { capacityPerSecond: 3 * requestUnit },
    },
    {
      name: "classify",
      serving: utilization({ metrics: [{ type: "External", name: "running", target }] }),
      signals: { values: new Map([["running", 60]]) },
      facts: {},
    },
    {
      name: "embed",
      serving: { kind: "queue", drainSeconds: 60, quantile: 0.5, arrivalDispersion: 1, serviceVariation: 0 },
      signals: { backlog: 1200 * itemUnit, ratePerSecond: 4 * itemUnit },
      facts: { serviceSeconds: 1 / 3 / itemUnit },
    },
    {
      name: "report",
      serving: { kind: "batch", deadlineAtMs: NOW + 3_600_000, lateSeconds: 600 },
      signals: { remainingItems: 3600 * itemUnit },
      facts: { serviceSeconds: 10 / itemUnit },
    },
  ];
}

async function replicasOn(devices: number, wanted: Wanted[]): Promise<Record<string, [number, number]>> {
  const workloads = wanted.map(({ name, serving, signals, facts }) => {
    const demand = known(demandOf(serving, signals, context(variant({ ...facts, name: `${name}-v` }))));
    const variants = [...demand.capacities].map(([variantName, capacityPerSecond]) => ({
      name: variantName,
      pool: "p",
      devicesPerReplica: 1,
      capacityPerSecond,
      costPerHour: 1,
    }));
    return { name, demandPerSecond: demand.demandPerSecond, variants };
  });
  const read = parseProblem({
    apiVersion: "apportion.dev/v1",
    kind: "PlacementProblem",
    pools: [{ name: "p", devices }],
    workloads,
  });
  if (!read.ok) throw new Error(JSON.stringify(read.violations));
  const plan = await solve(read.problem, { engine: "highs" });
  return Object.fromEntries(
    plan.workloads.map(({ name, attainment, variants }) => [name, [variants[0]?.replicas ?? 0, attainment]]),
  );
}

describe("every kind of serving in one plan", () => {
  test("with devices enough all have what they ask for", async () => {
    expect(await replicasOn(40, fleet())).toEqual({ chat: [4, 1], classify: [6, 1], embed: [8, 1], report: [10, 1] });
  });

  test("with half of the devices each has half, in whatever unit its work is counted", async () => {
    const half = { chat: 2, classify: 3, embed: 4, report: 5 };
    for (const [requestUnit, itemUnit] of [
      [1, 1],
      [1000, 1],
      [1, 1e-3],
    ] as const) {
      const plan = await replicasOn(14, fleet(requestUnit, itemUnit));
      for (const [name, replicas] of Object.entries(half)) {
        expect(plan[name]?.[0]).toBe(replicas);
        expect(plan[name]?.[1]).toBeCloseTo(0.5, 6);
      }
    }
  });
});
