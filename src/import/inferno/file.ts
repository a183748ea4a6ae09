import { z } from "zod";
import type { Parsed } from "../../domain/violation.ts";
import {
  MAX_BATCH_SIZE,
  MAX_COST,
  MAX_DEVICES,
  MAX_QUEUE_SIZE,
  MAX_RATE,
  MAX_REPLICAS,
  MAX_TIME_MS,
  MAX_TOKENS,
} from "../../snapshot/limits.ts";
import { violationsOf } from "../../snapshot/violations.ts";
import { hintOf } from "./hints.ts";

/**
 * The input file of the inferno optimizer (llm-inferno/optimizer and optimizer-light, pkg/config/types.go): `{ system: ... }`.
 * As there, names of fields are read without regard to case, unknown fields are ignored and absent numbers are 0.
 */
export interface InfernoFile {
  /** Said by a file that wraps the input with results. */
  dialect?: "D1" | "D2" | "D3";
  system: InfernoSystem;
}

export type InfernoSystem = z.output<typeof systemSchema>;
export type InfernoAccelerator = InfernoSystem["acceleratorData"]["accelerators"][number];
export type InfernoModel = InfernoSystem["modelData"]["models"][number];
export type InfernoServer = InfernoSystem["serverData"]["servers"][number];
export type InfernoTarget = InfernoSystem["serviceClassData"]["serviceClasses"][number]["modelTargets"][number];

/** An object whose field names are read without regard to case. */
function fields<T extends z.core.$ZodLooseShape>(shape: T) {
  const canonical = new Map(Object.keys(shape).map((name) => [name.toLowerCase(), name]));
  const rename = (value: unknown): unknown => {
    if (typeof value !== "object" || value === null || Array.isArray(value)) return value;
    return Object.fromEntries(
      Object.entries(value).map(([key, entry]) => [canonical.get(key.toLowerCase()) ?? key, entry]),
    );
  };
  return z.preprocess(rename, z.object(shape));
}

const amount = (high: number) => z.number().min(0).max(high).default(0);
const count = (high: number) => z.int().min(0).max(high).default(0);
const name = z.string().min(1).max(200);
const time = amount(MAX_TIME_MS);

const systemSchema = fields({
  acceleratorData: fields({
    accelerators: z
      .array(fields({ name, type: name, multiplicity: z.int().min(1).max(10_000).default(1), cost: amount(MAX_COST) }))
      .min(1),
  }),
  capacityData: fields({ count: z.array(fields({ type: name, count: count(MAX_DEVICES) })).default([]) }).default({
    count: [],
  }),
  modelData: fields({
    models: z
      .array(
        fields({
          name,
          acc: name,
          accCount: z.int().max(10_000).default(1),
          maxBatchSize: count(MAX_BATCH_SIZE),
          atTokens: count(MAX_TOKENS),
          perfParms: fields({ alpha: time, beta: time, gamma: time }).optional(),
          serviceParms: fields({ alpha: time, beta: time, gamma: time }).optional(),
          decodeParms: fields({ alpha: time, beta: time }).optional(),
          prefillParms: fields({ gamma: time, delta: time }).optional(),
        }),
      )
      .min(1),
  }),
  serviceClassData: fields({
    serviceClasses: z
      .array(
        fields({
          name,
          priority: z.int().default(0),
          modelTargets: z
            .array(fields({ model: name, "slo-itl": time, "slo-ttft": time, "slo-tps": amount(MAX_RATE) }))
            .default([]),
        }),
      )
      .default([]),
  }).default({ serviceClasses: [] }),
  serverData: fields({
    servers: z
      .array(
        fields({
          name,
          class: z.string().max(200).default(""),
          model: name,
          keepAccelerator: z.boolean().default(false),
          minNumReplicas: count(MAX_REPLICAS),
          maxBatchSize: count(MAX_BATCH_SIZE),
          maxQueueSize: count(MAX_QUEUE_SIZE),
          currentAlloc: fields({
            accelerator: z.string().max(200).default(""),
            numReplicas: count(MAX_REPLICAS),
            load: fields({
              arrivalRate: amount(MAX_RATE),
              avgInTokens: amount(MAX_TOKENS),
              avgOutTokens: amount(MAX_TOKENS),
            }),
          }),
        }),
      )
      .min(1),
  }),
  optimizerData: fields({ optimizer: fields({ unlimited: z.boolean().default(false) }).optional() }).default({}),
});

const wrappedSchema = z.object({
  dialect: z.enum(["D1", "D2", "D3"]).optional(),
  input: z.object({ system: systemSchema }),
});
const bareSchema = z.object({ system: systemSchema });

/** The file, bare (`{ system }`) or wrapped with its results (`{ dialect, input: { system } }`). */
export function readInfernoFile(value: unknown): Parsed<InfernoFile> {
  const wrapped = typeof value === "object" && value !== null && "input" in value;
  if (wrapped) {
    const parsed = wrappedSchema.safeParse(value);
    if (!parsed.success) return { ok: false, violations: violationsOf(parsed.error, value, hintOf) };
    const { dialect, input } = parsed.data;
    return { ok: true, value: { ...(dialect === undefined ? {} : { dialect }), system: input.system } };
  }
  const parsed = bareSchema.safeParse(value);
  if (!parsed.success) return { ok: false, violations: violationsOf(parsed.error, value, hintOf) };
  return { ok: true, value: parsed.data };
}
