/** A snapshot file that is right; tests spoil one field at a time. Typed loosely, as a parsed file is. */
export function sample() {
  return {
    apiVersion: "apportion.dev/v1",
    kind: "Snapshot",
    inventory: {
      pools: [
        {
          name: "a100",
          accelerator: "NVIDIA A100 80 GB",
          pricePerDeviceHour: 3.67,
          nodes: [{ freeDevices: 8, count: 4, holds: { "chat-a100": 1 } }],
        },
        { name: "t4", pricePerDeviceHour: 0.35, devices: 64 },
      ],
    },
    classes: [{ priority: 0, rule: "max-min" }],
    quotas: [{ tenant: "team-a", pool: "a100", guaranteedDevices: 8, maxDevices: 16, cohort: "research" }],
    cohorts: [{ name: "research", parent: "all" }, { name: "all" }],
    workloads: [
      {
        name: "chat",
        tenant: "team-a",
        priority: 0,
        demandPerSecond: 3,
        tokenMix: { inputTokens: 512, outputTokens: 128 },
        slo: { ttftMs: 1000, itlMs: 60 },
        variants: [
          {
            name: "chat-a100",
            pool: "a100",
            devicesPerReplica: 2,
            currentReplicas: 1,
            profile: { dialect: "D3", alphaMs: 20.58, betaMs: 0.041, gammaMs: 0.00128, maxBatchSize: 64 } as Record<
              string,
              unknown
            >,
          } as Record<string, unknown>,
          { name: "chat-t4", pool: "t4", devicesPerReplica: 4, capacityPerSecond: 0.4 } as Record<string, unknown>,
        ],
      } as Record<string, unknown> & { variants: Record<string, unknown>[] },
    ],
  };
}

export type Sample = ReturnType<typeof sample>;

export function variant(file: Sample, index: number): Record<string, unknown> {
  const found = file.workloads[0]?.variants[index];
  if (found === undefined) throw new Error(`no variant ${index}`);
  return found;
}
