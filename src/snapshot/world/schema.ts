import { z } from "zod";
import {
  classRule,
  cohorts,
  cost,
  count,
  fields,
  name,
  number,
  profile,
  quotas,
  replicas,
  slo,
  taint,
  text,
  tokenMix,
  toleration,
  whole,
} from "../field-schemas.ts";
import { MAX_PRIORITY, MAX_RATE, MAX_WEIGHT } from "../limits.ts";
import { scaleToZeroSchema, servingSchema, variantServingSchema } from "../serving-schema.ts";
import { memory } from "./memory-schema.ts";
import { workloadSignals } from "./signals-schema.ts";
import { milliseconds, time } from "./time-schemas.ts";

/** The shape of a recorded world, field by field, in the order in which it is written. */

/** What the cluster says, such as messages of the scheduler. */
const message = z.string().max(32_768);
/** `namespace/kind/name`. */
const key = z.string().min(1).max(1000);
const labels = z.record(z.string().max(317), z.string().max(1000));
const devices = z.record(z.string().max(317), whole(0, 1_000_000));
const seconds = number(0, 10 * 86_400);

const node = fields({
  name,
  ready: z.boolean(),
  cordoned: z.boolean(),
  labels,
  taints: z.array(taint),
  devices,
});

const pod = fields({
  namespace: name,
  name,
  target: key.optional(),
  group: name.optional(),
  node: name.optional(),
  devices,
  createdAtMs: time,
  scheduledAtMs: time.optional(),
  readyAtMs: time.optional(),
  ready: z.boolean(),
  terminating: z.boolean(),
  unschedulable: message.optional(),
  nodeComing: z.boolean(),
  ip: z.string().max(317).optional(),
  metrics: labels.optional(),
  failing: message.optional(),
  restarts: count,
  deletionCost: whole(-2_147_483_648, 2_147_483_647),
});

const expression = fields({
  key: z.string().max(317),
  operator: z.enum(["In", "NotIn", "Exists", "DoesNotExist", "Gt", "Lt"]),
  values: z.array(z.string().max(1000)),
});

const target = fields({
  key,
  apiVersion: z.string().max(317),
  kind: z.string().max(317),
  namespace: name,
  name,
  found: z.boolean(),
  problem: message.optional(),
  resourceVersion: z.string().max(317).optional(),
  specReplicas: replicas,
  devicesPerReplica: whole(0, 1_000_000),
  resource: z.string().min(1).max(317).optional(),
  nodesPerReplica: whole(1, 10_000),
  nodeSelector: labels,
  nodeAffinity: z.array(fields({ expressions: z.array(expression) })),
  tolerations: z.array(toleration),
  ownedBy: text.optional(),
  handedTo: text.optional(),
  scaledBy: fields({ manager: text, atMs: time }).optional(),
});

const scalingRules = fields({
  stabilizationWindowSeconds: seconds,
  selectPolicy: z.enum(["Max", "Min", "Disabled"]),
  policies: z.array(fields({ type: z.enum(["Pods", "Percent"]), value: count, periodSeconds: seconds })),
  tolerance: number(0, 1_000_000),
});

const variant = fields({
  key,
  namespace: name,
  name,
  uid: z.string().max(317),
  generation: count,
  target: key,
  workload: key,
  serviceClass: name,
  tenant: name.optional(),
  role: z.enum(["both", "prefill", "decode"]),
  costPerHour: cost.optional(),
  minReplicas: replicas,
  maxReplicas: replicas.optional(),
  demandPerSecond: number(0, MAX_RATE).optional(),
  capacityPerSecond: z.number().gt(0).max(MAX_RATE).optional(),
  profile: profile.optional(),
  tokenMix: tokenMix.optional(),
  startSeconds: seconds,
  behavior: fields({ scaleUp: scalingRules, scaleDown: scalingRules }),
  suspended: z.boolean(),
  serving: servingSchema.optional(),
  work: variantServingSchema.optional(),
  scaleToZero: scaleToZeroSchema.optional(),
  learning: z.enum(["on", "frozen", "off"]).optional(),
});

const serviceClass = fields({
  name,
  priority: whole(0, MAX_PRIORITY),
  weight: z.number().gt(0).max(MAX_WEIGHT),
  rule: classRule,
  shedPenalty: cost,
  minReplicas: replicas.optional(),
  slo,
  demandQuantile: number(0.5, 0.999).optional(),
});

const policy = fields({
  name,
  mode: z.enum(["observe", "recommend", "approve", "act"]),
  objective: z.enum(["lexicographic", "penalty"]),
  pools: z.array(
    fields({
      name,
      accelerator: text.optional(),
      resource: z.string().min(1).max(317),
      nodeLabels: labels,
      pricePerDeviceHour: cost,
    }),
  ),
  quotas,
  cohorts,
  maxStartsPerCycle: replicas.optional(),
  maxStopsPerCycle: replicas.optional(),
  demandStaleAfterMs: milliseconds,
  demandForgetAfterMs: milliseconds.optional(),
  unschedulableTimeoutMs: milliseconds,
  probeAfterMs: milliseconds,
  probeAfterMaxMs: milliseconds,
  quarantineMs: milliseconds,
  quarantineMaxMs: milliseconds,
  manualPinMs: milliseconds,
  startTimeQuantile: number(0, 1),
  timeLimitMs: milliseconds,
  nodeStartMs: milliseconds.optional(),
});

const override = fields({
  id: key,
  action: z.discriminatedUnion("type", [
    fields({ type: z.literal("pin"), replicas }),
    fields({ type: z.literal("floor"), replicas }),
    fields({ type: z.literal("ceiling"), replicas }),
    fields({ type: z.literal("freeze") }),
    fields({ type: z.literal("exclude") }),
    fields({ type: z.literal("drain") }),
  ]),
  subject: fields({ kind: z.enum(["variant", "pool", "node"]), name: key }),
  reason: text,
  author: text,
  createdAtMs: time,
  expiresAtMs: time.optional(),
});

const demand = fields({
  workload: key,
  source: key,
  ratePerSecond: number(0, MAX_RATE),
  tokenMix: tokenMix.optional(),
  reportedAtMs: time,
});

export const worldSchema = fields({
  apiVersion: z.literal("apportion.dev/v1"),
  kind: z.literal("World"),
  takenAtMs: time,
  clusterTimeMs: time.optional(),
  otherInstallation: text.optional(),
  policy,
  inventory: fields({ known: z.boolean(), reason: message.optional(), nodes: z.array(node) }),
  pods: z.array(pod),
  targets: z.array(target),
  variants: z.array(variant),
  classes: z.array(serviceClass),
  overrides: z.array(override),
  demands: z.array(demand),
  signals: z.array(workloadSignals).optional(),
  memory,
});
