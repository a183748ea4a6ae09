import { z } from "zod";
import {
  classRule,
  cohorts,
  cost,
  devices,
  fields,
  name,
  number,
  positive,
  profile,
  quotas,
  replicas,
  slo,
  taint,
  text,
  tokenMix,
  toleration,
  whole,
} from "./field-schemas.ts";
import * as limits from "./limits.ts";

/**
 * The shape of a snapshot file, field by field. Relations between fields are in `check-references.ts`; the words of the
 * messages in `violations.ts`.
 */

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
  tolerations: z.array(toleration).default([]),
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
  tokenMix: tokenMix.optional(),
  slo: slo.default({}),
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
        taints: z.array(taint).default([]),
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
        rule: classRule,
      }),
    )
    .default([]),
  quotas: quotas.default([]),
  cohorts: cohorts.default([]),
  workloads: z.array(workload).min(1),
});
