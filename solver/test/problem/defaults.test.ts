import { describe, expect, it } from "vitest";
import { parseProblem } from "../../src/index.ts";
import { brokenInput, type Input, soundInput } from "./inputs.ts";

const minimal = {
  apiVersion: "apportion.dev/v1",
  kind: "PlacementProblem",
  pools: [{ name: "p", nodes: [{ freeDevices: 8 }] }],
  workloads: [
    {
      name: "w",
      demandPerSecond: 1,
      variants: [{ name: "v", pool: "p", devicesPerReplica: 1, capacityPerSecond: 1 }],
    },
  ],
};

function parsed(value: unknown): Input {
  const result = parseProblem(value);
  expect(result).toMatchObject({ ok: true });
  return result.ok ? result.problem : undefined;
}

describe("a sound problem", () => {
  it("gets every default", () => {
    expect(parsed(minimal)).toStrictEqual({
      apiVersion: "apportion.dev/v1",
      kind: "PlacementProblem",
      objective: "lexicographic",
      pools: [{ name: "p", nodes: [{ freeDevices: 8, count: 1, taints: [], holds: {} }] }],
      classes: [],
      quotas: [],
      cohorts: [],
      workloads: [
        {
          name: "w",
          priority: 0,
          weight: 1,
          demandPerSecond: 1,
          shedPenalty: 0,
          variants: [
            {
              name: "v",
              pool: "p",
              role: "both",
              devicesPerReplica: 1,
              nodesPerReplica: 1,
              capacityPerSecond: 1,
              costPerHour: 0,
              startCost: 0,
              currentReplicas: 0,
              minReplicas: 0,
              tolerations: [],
              movable: false,
            },
          ],
        },
      ],
      sharedServers: [],
    });
  });

  it("keeps what is given", () => {
    const problem = parsed(soundInput());
    expect(problem.quotas[0]).toEqual(soundInput().quotas[0]);
    expect(problem.quotas[1]).toEqual({ tenant: "team-a", guaranteedDevices: 0, maxCostPerHour: 100 });
    expect(problem.cohorts).toEqual(soundInput().cohorts);
    expect(problem.pools[0].nodes[2]).toEqual({
      freeDevices: 8,
      count: 1,
      taints: [],
      holds: { "chat-h100": 1, "chat-group": 1 },
    });
    expect(problem.workloads[0].variants[3]).toMatchObject({ role: "decode", maxReplicas: 5 });
  });

  it("comes out the same when read again", () => {
    const once = parsed(soundInput());
    expect(parsed(structuredClone(once))).toStrictEqual(once);
  });

  it("is not changed by reading", () => {
    const input = brokenInput((broken) => {
      broken.pools[0].name = 7;
    });
    const before = structuredClone(input);
    expect(parseProblem(input).ok).toBe(false);
    expect(input).toStrictEqual(before);
  });
});

describe("taints and tolerations", () => {
  it("reads both forms of a taint", () => {
    const input = soundInput();
    input.pools[0].nodes[0].taints = [
      "gpu=h100:NoSchedule",
      "gpu:PreferNoSchedule",
      "example.com/team=:NoExecute",
      { key: "a", effect: "NoSchedule" },
      { key: "a", value: "b", effect: "NoExecute" },
    ];
    expect(parsed(input).pools[0].nodes[0].taints).toEqual([
      { key: "gpu", value: "h100", effect: "NoSchedule" },
      { key: "gpu", value: "", effect: "PreferNoSchedule" },
      { key: "example.com/team", value: "", effect: "NoExecute" },
      { key: "a", value: "", effect: "NoSchedule" },
      { key: "a", value: "b", effect: "NoExecute" },
    ]);
  });

  it("fills tolerations in as Kubernetes does", () => {
    const input = soundInput();
    input.workloads[0].variants[0].tolerations = [
      { operator: "Exists" },
      { key: "gpu", value: "h100", effect: "NoSchedule" },
    ];
    expect(parsed(input).workloads[0].variants[0].tolerations).toEqual([
      { key: "", operator: "Exists", value: "" },
      { key: "gpu", operator: "Equal", value: "h100", effect: "NoSchedule" },
    ]);
  });
});

describe("numbers", () => {
  it("takes -0 as 0", () => {
    const input = soundInput();
    input.workloads[0].demandPerSecond = -0;
    input.workloads[0].priority = -0;
    input.pools[0].nodes[0].holds = { "chat-h100": -0 };
    const problem = parsed(input);
    expect(Object.is(problem.workloads[0].demandPerSecond, 0)).toBe(true);
    expect(Object.is(problem.workloads[0].priority, 0)).toBe(true);
    expect(Object.is(problem.pools[0].nodes[0].holds["chat-h100"], 0)).toBe(true);
  });

  it("takes the ends of every range", () => {
    const input = soundInput();
    input.pools[1].devices = 1e7;
    Object.assign(input.workloads[0], { demandPerSecond: 1e12, weight: 1e6, priority: -1e6, shedPenalty: 1e12 });
    Object.assign(input.workloads[0].variants[0], { capacityPerSecond: 1e-9, costPerHour: 1e12, maxReplicas: 1e6 });
    Object.assign(input.workloads[1], { weight: 1e-6, priority: 1e6 });
    expect(parseProblem(input)).toMatchObject({ ok: true });
  });

  it("sums request types the same in every order", () => {
    const demands = [0.1, 0.7, 0.3, 1e-3, 0.2];
    const types = demands.map((demandPerSecond, index) => ({ name: `t${index}`, demandPerSecond }));
    const sumOf = (requestTypes: unknown[]): number => {
      const input = soundInput();
      input.workloads[1].requestTypes = requestTypes;
      for (const variant of input.workloads[1].variants) variant.capacityByType = { t0: 1 };
      return parsed(input).workloads[1].demandPerSecond;
    };
    expect(sumOf(types)).toBe(sumOf([...types].reverse()));
    expect(sumOf(types)).toBeCloseTo(1.301, 12);
  });

  it("takes a demand that is the sum but for rounding", () => {
    const input = soundInput();
    input.workloads[1].requestTypes[0].demandPerSecond = 0.1;
    input.workloads[1].requestTypes[1].demandPerSecond = 0.2;
    input.workloads[1].demandPerSecond = 0.3;
    expect(parsed(input).workloads[1].demandPerSecond).toBe(0.1 + 0.2);
  });
});

it("takes a pool without nodes: a real state of a cluster", () => {
  const input = { ...minimal, pools: [{ name: "p", nodes: [] }] };
  expect(parsed(input).pools).toEqual([{ name: "p", nodes: [] }]);
});

it("takes names with slashes and dots where no two rows are then called the same", () => {
  const input = brokenInput((broken) => {
    broken.quotas = [
      { tenant: "org/a", pool: "h100", maxDevices: 1 },
      { tenant: "org.b", maxDevices: 1 },
    ];
  });
  expect(parsed(input).quotas).toHaveLength(2);
});
