/** Specs of the four kinds that between them have every field of the CRDs, none at its default. */

const rules = (count: number) => ({
  stabilizationWindowSeconds: 30 + count,
  selectPolicy: "Min",
  tolerance: 0.2,
  policies: [{ type: "Pods", value: count, periodSeconds: 60 }],
});
const behavior = { scaleUp: rules(3), scaleDown: rules(2) };

const variant = {
  scaleTargetRef: { apiVersion: "leaderworkerset.x-k8s.io/v1", kind: "LeaderWorkerSet", name: "chat" },
  policy: "east",
  workload: "chat",
  serviceClass: "premium",
};

const continuous = {
  dialect: "continuous",
  ...{ maxBatchSize: 64, maxQueueSize: 32, baseMs: 8, perSequenceMs: 0.1, perPromptTokenMs: 0.05 },
  ...{ perContextTokenMs: 0.001, maxBatchedTokens: 4096, chunkedPrefill: false, kvCacheTokens: 400_000 },
  tensorParallelSize: { measured: 2, used: 4, serialShare: 0.2 },
  pipelineParallelSize: 2,
  kvTransfer: { baseMs: 3, perTokenMs: 0.002 },
};

const times = { maxBatchSize: 8, maxQueueSize: 4, alphaMs: 6, betaMs: 0.2, gammaMs: 0.01 };
const linear = { decodeAlphaMs: 20, decodeBetaMs: 0.4, prefillGammaMs: 5, prefillDeltaMs: 0.1 };

const everything = {
  ...{ tenant: "research", role: "decode", costPerHour: 6, minReplicas: 1, maxReplicas: 9, demandPerSecond: 12 },
  ...{ startSeconds: 90, suspended: true, learning: "frozen", behavior, profile: continuous },
  tokenMix: {
    ...{ inputTokens: 900, outputTokens: 120, inputVariation: 0.7, outputVariation: 0.9, prefixCacheHitRate: 0.3 },
    samples: [
      [800, 100],
      [1000, 140],
    ],
  },
  work: { relativeCapacity: 2, serviceSeconds: 4, concurrency: 3 },
  scaleToZero: { mode: "auto", idleSeconds: 600, unusedSeconds: 7200, keepWarmProbability: 0.4 },
};

const metrics = [
  { type: "Resource", name: "cpu", target: { type: "Utilization", averageUtilization: 60 } },
  { type: "Pods", name: "busy", target: { type: "AverageValue", averageValue: 12 } },
  { type: "External", name: "backlog", target: { type: "Value", value: 100 } },
];

const tolerances = { scaleUpTolerance: 0.2, scaleDownTolerance: 0.05 };
const delays = { cpuInitializationMs: 60_000, initialReadinessDelayMs: 5000 };

/** Of each kind; `VariantAutoscaling` has several, as profiles and kinds of serving exclude each other. */
export const EVERY_FIELD: Record<string, Record<string, unknown>[]> = {
  VariantAutoscaling: [
    { ...variant, ...everything },
    { ...variant, capacityPerSecond: 3, serving: { kind: "utilization", metrics, ...tolerances, ...delays } },
    { ...variant, profile: { dialect: "D1", maxBatchSize: 8, ...linear } },
    { ...variant, profile: { dialect: "D2", ...times } },
    { ...variant, profile: { dialect: "D3", ...times, maxNumTokens: 4096 } },
    {
      ...variant,
      serving: { kind: "queue", drainSeconds: 60, quantile: 0.9, arrivalDispersion: 2, serviceVariation: 1.5 },
    },
    { ...variant, serving: { kind: "lag", limitMs: 2000, releaseShare: 0.3, maxGrowth: 4, idleSeconds: 900 } },
    { ...variant, serving: { kind: "batch", deadline: "2030-01-01T06:00:00Z", lateSeconds: 1800 } },
    { ...variant, serving: { kind: "fixed", replicas: 2 } },
  ],
  ServiceClass: [
    {
      ...{ priority: 3, weight: 2, rule: "proportional", shedPenalty: 50, demandQuantile: 0.9, minReplicas: 2 },
      slo: { ttftMs: 500, itlMs: 40, tpotMs: 45, endToEndMs: 9000, percentile: 0.9, tps: 30 },
    },
  ],
  PlacementPolicy: [
    {
      ...{ mode: "approve", objective: "penalty", manualPinSeconds: 600, timeLimitSeconds: 2 },
      ...{ demandStaleAfterSeconds: 60, demandForgetAfterSeconds: 7200 },
      pools: [
        {
          ...{ name: "mi300x", accelerator: "MI300X", resource: "amd.com/gpu", pricePerDeviceHour: 3 },
          nodeLabels: { zone: "a" },
        },
      ],
      quotas: [
        {
          ...{ tenant: "research", pool: "mi300x", cohort: "labs" },
          ...{ guaranteedDevices: 8, maxDevices: 16, maxCostPerHour: 99 },
        },
      ],
      cohorts: [{ name: "labs", parent: "all", pool: "mi300x", maxDevices: 32 }],
      budget: { maxStartsPerCycle: 5, maxStopsPerCycle: 4 },
      pending: {
        ...{ unschedulableTimeoutSeconds: 30, probeAfterSeconds: 100, probeAfterMaxSeconds: 1000 },
        ...{ quarantineSeconds: 60, quarantineMaxSeconds: 900, startTimeQuantile: 0.9, nodeStartSeconds: 300 },
      },
      defaults: { startSeconds: 200, behavior },
    },
  ],
  PlacementOverride: [
    {
      ...{ policy: "east", action: "pin", replicas: 2, subject: { kind: "variant", name: "ml/chat" } },
      ...{ reason: "incident 7", author: "ada", expiresAt: "2030-01-01T00:00:00Z" },
    },
    { action: "drain", subject: { kind: "node", name: "n1" }, reason: "firmware", author: "ada" },
  ],
};
