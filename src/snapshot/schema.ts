import { z } from "zod";
import * as limits from "./limits.ts";

/**
 * The shape of a snapshot file, field by field. Relations between fields are in `check-references.ts`; the words of the
 * messages in `violations.ts`.
 */

/** An object that refuses unknown fields. The message of that refusal carries the known names, for `violations.ts`. */
function fields<T extends z.core.$ZodLooseShape>(shape: T) {
  return z.strictObject(shape, {
    error: (issue) => (issue.code === "unrecognized_keys" ? Object.keys(shape).join(", ") : undefined),
  });
}

/** Negative zero is zero. */
const number = (low: number, high: number) =>
  z
    .number()
    .min(low)
    .max(high)
    .overwrite((value) => value + 0);
const whole = (low: number, high: number) =>
  z
    .int()
    .min(low)
    .max(high)
    .overwrite((value) => value + 0);
const positive = (high: number) => z.number().gt(0).max(high);

/** No control characters: a name is printed in tables and stands in keys. */
const name = z
  .string()
  .min(1)
  .max(limits.MAX_NAME_CHARACTERS)
  .regex(/^[^\p{Cc}]*$/u);
const text = z.string().max(1000);
const cost = number(0, limits.MAX_COST);
const devices = whole(0, limits.MAX_DEVICES);
const replicas = whole(0, limits.MAX_REPLICAS);
const milliseconds = number(0, limits.MAX_TIME_MS);
const effect = z.enum(["NoSchedule", "NoExecute", "PreferNoSchedule"]);

const batch = {
  maxBatchSize: whole(1, limits.MAX_BATCH_SIZE),
  maxQueueSize: whole(0, limits.MAX_QUEUE_SIZE).default(0),
};
const iteration = { alphaMs: milliseconds, betaMs: milliseconds, gammaMs: milliseconds, ...batch };

const profile = z.discriminatedUnion("dialect", [
  fields({
    dialect: z.literal("D1"),
    decodeAlphaMs: milliseconds,
    decodeBetaMs: milliseconds,
    prefillGammaMs: milliseconds,
    prefillDeltaMs: milliseconds,
    ...batch,
  }),
  fields({ dialect: z.literal("D2"), ...iteration }),
  fields({ dialect: z.literal("D3"), ...iteration, maxNumTokens: whole(1, limits.MAX_TOKENS).default(8192) }),
]);

const variant = fields({
  name,
  pool: name,
  role: z.enum(["both", "prefill", "decode"]).default("both"),
  devicesPerReplica: whole(1, limits.MAX_DEVICES),
  nodesPerReplica: whole(1, 10_000).default(1),
  profile: profile.optional(),
  capacityPerSecond: positive(limits.MAX_RATE).optional(),
  costPerHour: cost.optional(),
  startCost: cost.default(0),
  currentReplicas: replicas.default(0),
  minReplicas: replicas.default(0),
  maxReplicas: replicas.optional(),
  tolerations: z
    .array(
      fields({
        key: z.string().max(317).default(""),
        operator: z.enum(["Equal", "Exists"]).default("Equal"),
        value: z.string().max(63).default(""),
        effect: effect.optional(),
      }),
    )
    .default([]),
  movable: z.boolean().default(false),
  excluded: text.min(1).optional(),
});

const workload = fields({
  name,
  tenant: name.optional(),
  priority: whole(0, limits.MAX_PRIORITY).default(0),
  weight: positive(limits.MAX_WEIGHT).default(1),
  demandPerSecond: number(0, limits.MAX_RATE),
  shedPenalty: cost.default(0),
  minReplicas: replicas.default(0),
  tokenMix: fields({
    inputTokens: number(0, limits.MAX_TOKENS),
    outputTokens: number(1, limits.MAX_TOKENS),
  }).optional(),
  slo: fields({
    ttftMs: milliseconds.optional(),
    itlMs: milliseconds.optional(),
    tps: number(0, limits.MAX_RATE).optional(),
  }).default({}),
  variants: z.array(variant).min(1),
});

const pool = fields({
  name,
  accelerator: text.optional(),
  pricePerDeviceHour: cost.optional(),
  nodes: z
    .array(
      fields({
        freeDevices: devices,
        count: devices,
        taints: z
          .array(fields({ key: z.string().min(1).max(317), value: z.string().max(63).default(""), effect }))
          .default([]),
        holds: z.record(z.string(), replicas).default({}),
      }),
    )
    .optional(),
  devices: devices.optional(),
});

export const snapshotSchema = fields({
  apiVersion: z.literal("apportion.dev/v1"),
  kind: z.literal("Snapshot"),
  objective: z.enum(["lexicographic", "penalty"]).default("lexicographic"),
  inventory: fields({ pools: z.array(pool).min(1) }),
  classes: z
    .array(
      fields({
        priority: whole(0, limits.MAX_PRIORITY),
        rule: z.enum(["max-min", "proportional", "total", "dominant-share"]),
      }),
    )
    .default([]),
  quotas: z
    .array(
      fields({
        tenant: name,
        pool: name.optional(),
        guaranteedDevices: devices.default(0),
        maxDevices: devices.optional(),
        maxCostPerHour: cost.optional(),
        cohort: name.optional(),
      }),
    )
    .default([]),
  cohorts: z
    .array(fields({ name, parent: name.optional(), pool: name.optional(), maxDevices: devices.optional() }))
    .default([]),
  workloads: z.array(workload).min(1),
});
