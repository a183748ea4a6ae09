import { z } from "zod";
import { fields, name, number, positive, replicas } from "./field-schemas.ts";
import { MAX_RATE } from "./limits.ts";
import { time } from "./world/time-schemas.ts";

/** The shape of how a workload is served, field by field, with its defaults. */

/** Ten years. */
const MAX_SECONDS = 3650 * 86_400;
const milliseconds = number(0, MAX_SECONDS * 1000);
const seconds = positive(MAX_SECONDS);
/** Percent of a request: more than a hundred requests is a slip. */
const percent = z.number().gt(0).max(10_000);
const quantity = positive(1e18);

const utilization = fields({ type: z.literal("Utilization"), averageUtilization: percent });
const averageValue = fields({ type: z.literal("AverageValue"), averageValue: quantity });
const value = fields({ type: z.literal("Value"), value: quantity });
const ofObject = z.discriminatedUnion("type", [value, averageValue]);

const metric = z.discriminatedUnion("type", [
  fields({ type: z.literal("Resource"), name, target: z.discriminatedUnion("type", [utilization, averageValue]) }),
  fields({ type: z.literal("Pods"), name, target: averageValue }),
  fields({ type: z.literal("Object"), name, target: ofObject }),
  fields({ type: z.literal("External"), name, target: ofObject }),
]);

export const servingSchema = z.discriminatedUnion("kind", [
  fields({ kind: z.literal("llm") }),
  fields({
    kind: z.literal("utilization"),
    metrics: z.array(metric).min(1),
    scaleUpTolerance: number(0, 1_000_000).default(0.1),
    scaleDownTolerance: number(0, 1).default(0.1),
    cpuInitializationMs: milliseconds.default(300_000),
    initialReadinessDelayMs: milliseconds.default(30_000),
  }),
  fields({
    kind: z.literal("queue"),
    drainSeconds: seconds,
    quantile: number(0.5, 0.999).default(0.95),
    arrivalDispersion: number(0, 10_000).default(1),
    serviceVariation: number(0, 100).default(0),
  }),
  fields({
    kind: z.literal("lag"),
    limitMs: positive(MAX_SECONDS * 1000),
    releaseShare: number(0, 1).default(0.5),
    maxGrowth: number(1, 100).default(2),
    idleSeconds: seconds.optional(),
  }),
  fields({ kind: z.literal("batch"), deadlineAtMs: time.optional(), lateSeconds: seconds.default(3600) }),
  fields({ kind: z.literal("fixed"), replicas }),
]);

export const variantServingSchema = fields({
  relativeCapacity: positive(1_000_000).optional(),
  serviceSeconds: seconds.optional(),
  concurrency: positive(MAX_RATE).optional(),
});

export const scaleToZeroSchema = fields({
  mode: z.enum(["never", "auto", "always"]).default("never"),
  idleSeconds: number(0, MAX_SECONDS).default(300),
  unusedSeconds: seconds.optional(),
  keepWarmProbability: z.number().gt(0).max(1).default(0.5),
});
