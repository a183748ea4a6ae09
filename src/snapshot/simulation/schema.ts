import { z } from "zod";
import {
  classRule,
  continuous,
  cost,
  fields,
  name,
  number,
  positive,
  replicas,
  slo,
  text,
  whole,
} from "../field-schemas.ts";
import * as limits from "../limits.ts";

/** The shape of a simulation file, field by field; relations between fields are in `codec.ts`. */

const DAYS_MS = 31;
const seconds = number(0, DAYS_MS * 86_400);
const rate = number(0, limits.MAX_RATE);
const variation = number(0, limits.MAX_VARIATION);

const shaped = {
  ratePerSecond: rate,
  peakPerSecond: rate.default(0),
  periodSeconds: positive(DAYS_MS * 86_400).default(3600),
  burstSeconds: positive(DAYS_MS * 86_400).default(60),
  inputTokens: number(1, limits.MAX_TOKENS).default(512),
  outputTokens: number(1, limits.MAX_TOKENS).default(128),
  inputVariation: variation.default(0),
  outputVariation: variation.default(0),
};

const traffic = z.discriminatedUnion("type", [
  fields({ type: z.literal("trace"), fromSeconds: seconds.default(0), scale: positive(10_000).default(1) }),
  fields({ type: z.literal("steady"), ...shaped }),
  fields({ type: z.literal("diurnal"), ...shaped }),
  fields({ type: z.literal("ramp"), ...shaped }),
  fields({ type: z.literal("burst"), ...shaped }),
]);

const variant = fields({
  name,
  pool: name,
  devicesPerReplica: whole(1, limits.MAX_DEVICES),
  profile: continuous,
  truth: number(0.1, 10).default(1),
  startSeconds: number(0, 86_400).default(120),
  startVariation: number(0, 2).default(0.2),
  crashesPerHour: number(0, 1000).default(0),
  initialReplicas: replicas.default(0),
  minReplicas: replicas.default(0),
  maxReplicas: replicas.optional(),
});

const node = fields({ devices: whole(1, limits.MAX_DEVICES), count: whole(1, 100_000) });

export const simulationSchema = fields({
  apiVersion: z.literal("apportion.dev/v1"),
  kind: z.literal("Simulation"),
  seed: whole(0, 4_294_967_295).default(1),
  durationSeconds: positive(DAYS_MS * 86_400).default(3600),
  pools: z
    .array(
      fields({ name, accelerator: text.optional(), pricePerDeviceHour: cost.default(0), nodes: z.array(node).min(1) }),
    )
    .min(1),
  classes: z
    .array(
      fields({
        name,
        priority: whole(0, limits.MAX_PRIORITY),
        weight: positive(limits.MAX_WEIGHT).default(1),
        rule: classRule.default("max-min"),
        slo: slo.default({}),
        demandQuantile: number(0.5, 0.999).optional(),
      }),
    )
    .min(1),
  workloads: z
    .array(fields({ name, class: name, traffic: z.array(traffic).min(1), variants: z.array(variant).min(1) }))
    .min(1),
  events: z
    .array(
      fields({
        atSeconds: seconds,
        type: z.enum(["node-lost", "node-back", "cordon", "uncordon", "foreign-pod"]),
        node: name,
        devices: whole(1, limits.MAX_DEVICES).default(1),
        forSeconds: seconds.default(600),
      }),
    )
    .default([]),
});
