/** A replica of it serves 3.1 requests of 300 and 40 tokens per second inside 500 ms to the first token. */
const PROFILE = {
  baseMs: 20,
  perSequenceMs: 0.4,
  perPromptTokenMs: 0.4,
  perContextTokenMs: 0.001,
  maxBatchSize: 32,
  maxQueueSize: 50,
};
const steady = (ratePerSecond: number) => [{ type: "steady", ratePerSecond, inputTokens: 300, outputTokens: 40 }];
const variant = { profile: PROFILE, startSeconds: 5 };

/** A simulated cluster of two pools with two workloads; `ml/assistant` wants five replicas, and four fit. */
export const SMALL = {
  apiVersion: "apportion.dev/v1",
  kind: "Simulation",
  pools: [
    { name: "a100", accelerator: "A100", pricePerDeviceHour: 2, nodes: [{ devices: 8, count: 2 }] },
    { name: "t4", pricePerDeviceHour: 1, nodes: [{ devices: 4, count: 2 }] },
  ],
  classes: [
    { name: "gold", priority: 1, slo: { ttftMs: 500 } },
    { name: "silver", priority: 2, slo: { ttftMs: 500 } },
  ],
  workloads: [
    {
      name: "ml/assistant",
      class: "gold",
      traffic: steady(15.5),
      variants: [{ ...variant, name: "assistant-a100", pool: "a100", devicesPerReplica: 4, initialReplicas: 4 }],
    },
    {
      name: "ml/search",
      class: "silver",
      traffic: steady(2),
      variants: [
        { ...variant, name: "search-t4", pool: "t4", devicesPerReplica: 2, initialReplicas: 1 },
        { ...variant, name: "search-a100", pool: "a100", devicesPerReplica: 2 },
      ],
    },
  ],
};

/** As large as `count` says, over ten pools. */
export function large(count: number): object {
  const pools = Array.from({ length: 10 }, (_, p) => ({
    name: `pool-${p}`,
    pricePerDeviceHour: 1 + p / 10,
    nodes: [{ freeDevices: 8, count: Math.ceil(count / 20), holds: {} }],
  }));
  const workloads = Array.from({ length: count }, (_, w) => ({
    name: `workload-${String(w).padStart(4, "0")}`,
    priority: w % 3,
    demandPerSecond: 1 + (w % 7),
    variants: [0, 1].map((v) => ({
      name: `workload-${String(w).padStart(4, "0")}-${v}`,
      pool: `pool-${(w + 3 * v) % 10}`,
      devicesPerReplica: 1 << (w % 3),
      capacityPerSecond: 1 + v,
    })),
  }));
  return { apiVersion: "apportion.dev/v1", kind: "Snapshot", inventory: { pools }, workloads };
}
