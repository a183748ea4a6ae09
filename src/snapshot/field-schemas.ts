import { z } from "zod";
import * as limits from "./limits.ts";

/** Schemas of the fields that files of this project share: snapshots and recorded worlds. */

/** An object that refuses unknown fields. The message of that refusal carries the known names, for `violations.ts`. */
export function fields<T extends z.core.$ZodLooseShape>(shape: T) {
  return z.strictObject(shape, {
    error: (issue) => (issue.code === "unrecognized_keys" ? Object.keys(shape).join(", ") : undefined),
  });
}

/** Negative zero is zero. */
export const number = (low: number, high: number) =>
  z
    .number()
    .min(low)
    .max(high)
    .overwrite((value) => value + 0);
export const whole = (low: number, high: number) =>
  z
    .int()
    .min(low)
    .max(high)
    .overwrite((value) => value + 0);
export const positive = (high: number) => z.number().gt(0).max(high);

/** No control characters: a name is printed in tables and stands in keys. */
export const name = z
  .string()
  .min(1)
  .max(limits.MAX_NAME_CHARACTERS)
  .regex(/^[^\p{Cc}]*$/u);
export const text = z.string().max(1000);
export const cost = number(0, limits.MAX_COST);
export const devices = whole(0, limits.MAX_DEVICES);
export const replicas = whole(0, limits.MAX_REPLICAS);
const milliseconds = number(0, limits.MAX_TIME_MS);
const effect = z.enum(["NoSchedule", "NoExecute", "PreferNoSchedule"]);

const batch = {
  maxBatchSize: whole(1, limits.MAX_BATCH_SIZE),
  maxQueueSize: whole(0, limits.MAX_QUEUE_SIZE).default(0),
};
const iteration = { alphaMs: milliseconds, betaMs: milliseconds, gammaMs: milliseconds, ...batch };

export const continuous = fields({
  dialect: z.literal("continuous").default("continuous"),
  baseMs: milliseconds,
  perSequenceMs: milliseconds,
  perPromptTokenMs: milliseconds,
  perContextTokenMs: milliseconds.default(0),
  maxBatchSize: whole(1, limits.MAX_BATCH_SIZE),
  maxBatchedTokens: whole(1, limits.MAX_TOKENS).default(8192),
  chunkedPrefill: z.boolean().default(true),
  kvCacheTokens: whole(1, limits.MAX_KV_CACHE_TOKENS).optional(),
  maxQueueSize: whole(0, limits.MAX_QUEUE_SIZE).optional(),
  tensorParallelSize: fields({
    measured: whole(1, limits.MAX_PARALLEL_SIZE),
    used: whole(1, limits.MAX_PARALLEL_SIZE),
    serialShare: number(0, 1),
  }).optional(),
  pipelineParallelSize: whole(1, limits.MAX_PARALLEL_SIZE).optional(),
  kvTransfer: fields({ baseMs: milliseconds, perTokenMs: milliseconds }).optional(),
});

export const profile = z.discriminatedUnion("dialect", [
  continuous,
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

export const count = whole(0, 1_000_000_000);

export const tokenMix = fields({
  inputTokens: number(0, limits.MAX_TOKENS),
  outputTokens: number(1, limits.MAX_TOKENS),
  inputVariation: number(0, limits.MAX_VARIATION).optional(),
  outputVariation: number(0, limits.MAX_VARIATION).optional(),
  samples: z
    .array(z.tuple([number(0, limits.MAX_TOKENS), number(1, limits.MAX_TOKENS)]))
    .min(1)
    .max(limits.MAX_SAMPLES)
    .optional(),
  prefixCacheHitRate: number(0, 1).optional(),
});

export const slo = fields({
  ttftMs: milliseconds.optional(),
  itlMs: milliseconds.optional(),
  tpotMs: milliseconds.optional(),
  endToEndMs: milliseconds.optional(),
  percentile: number(0.5, 0.99).optional(),
  tps: number(0, limits.MAX_RATE).optional(),
});

export const taint = fields({ key: z.string().min(1).max(317), value: z.string().max(63).default(""), effect });

export const toleration = fields({
  key: z.string().max(317).default(""),
  operator: z.enum(["Equal", "Exists"]).default("Equal"),
  value: z.string().max(63).default(""),
  effect: effect.optional(),
});

export const classRule = z.enum(["max-min", "proportional", "total", "dominant-share"]);

export const quotas = z.array(
  fields({
    tenant: name,
    pool: name.optional(),
    guaranteedDevices: devices.default(0),
    maxDevices: devices.optional(),
    maxCostPerHour: cost.optional(),
    cohort: name.optional(),
  }),
);

export const cohorts = z.array(
  fields({ name, parent: name.optional(), pool: name.optional(), maxDevices: devices.optional() }),
);
