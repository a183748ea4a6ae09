/** Plain data under construction: what a file would hold. */
// biome-ignore lint/suspicious/noExplicitAny: tests break inputs in ways that no type allows
export type Input = any;

/** The example of the input format: every section, nothing wrong. */
export function soundInput(): Input {
  return {
    apiVersion: "apportion.dev/v1",
    kind: "PlacementProblem",
    pools: [
      {
        name: "h100",
        nodes: [
          { freeDevices: 8, count: 12, holds: { "chat-h100": 0 } },
          { freeDevices: 4, count: 2, taints: ["gpu=h100:NoSchedule", "spot:NoExecute"] },
          { freeDevices: 8, holds: { "chat-h100": 1, "chat-group": 1 } },
        ],
      },
      { name: "l40s", devices: 104 },
    ],
    classes: [{ priority: 10, rule: "total" }],
    quotas: [
      { tenant: "team-a", pool: "h100", guaranteedDevices: 16, maxDevices: 48, cohort: "research" },
      { tenant: "team-a", maxCostPerHour: 100 },
    ],
    cohorts: [{ name: "all" }, { name: "research", parent: "all", pool: "h100", maxDevices: 64 }],
    workloads: [
      {
        name: "chat",
        tenant: "team-a",
        priority: 0,
        demandPerSecond: 12.5,
        variants: [
          { name: "chat-h100", pool: "h100", devicesPerReplica: 2, capacityPerSecond: 3.1, currentReplicas: 3 },
          {
            name: "chat-group",
            pool: "h100",
            devicesPerReplica: 4,
            nodesPerReplica: 2,
            capacityPerSecond: 9,
            currentReplicas: 1,
          },
          { name: "chat-prefill", pool: "l40s", role: "prefill", devicesPerReplica: 1, capacityPerSecond: 2 },
          {
            name: "chat-decode",
            pool: "l40s",
            role: "decode",
            devicesPerReplica: 1,
            capacityPerSecond: 2,
            maxReplicas: 5,
          },
        ],
      },
      {
        name: "mixed",
        priority: 10,
        requestTypes: [
          { name: "short", demandPerSecond: 2 },
          { name: "long", demandPerSecond: 0.5 },
        ],
        variants: [
          { name: "mixed-l40s", pool: "l40s", devicesPerReplica: 1, capacityByType: { short: 2, long: 0.5 } },
          { name: "mixed-h100", pool: "h100", devicesPerReplica: 8, capacityByType: { short: 9 } },
        ],
      },
    ],
  };
}

/** The sound input after `breakIt`. */
export function brokenInput(breakIt: (input: Input) => void): Input {
  const input = soundInput();
  breakIt(input);
  return input;
}
