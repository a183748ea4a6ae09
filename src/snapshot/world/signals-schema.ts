import { z } from "zod";
import { fields } from "../field-schemas.ts";
import { LATENCIES, QUALITIES, type ScalarSignal, SIGNALS } from "../signals.ts";
import { time } from "./time-schemas.ts";

/** The shape of signals in a recorded world. */

const key = z.string().min(1).max(1000);
const text = z.string().max(4096);
const measured = z.number().min(0).max(1e18);

const origin = {
  quality: z.enum(QUALITIES),
  source: text.optional(),
  system: text.optional(),
  atMs: time.optional(),
  parts: fields({ reporting: measured, expected: measured }),
  reason: text.optional(),
};

const value = fields({ ...origin, value: measured.optional() });

const latency = fields({
  ...origin,
  ratePerSecond: measured.optional(),
  meanMs: measured.optional(),
  quantiles: z.array(fields({ quantile: z.number().gt(0).lt(1), valueMs: measured })).optional(),
});

const signals = fields(
  Object.fromEntries([
    ...(Object.keys(SIGNALS) as ScalarSignal[]).map((name) => [name, value.optional()]),
    ...LATENCIES.map((name) => [name, latency.optional()]),
  ]) as Record<ScalarSignal, z.ZodOptional<typeof value>> &
    Record<(typeof LATENCIES)[number], z.ZodOptional<typeof latency>>,
);

const pod = fields({ name: key, signals });

const target = fields({ key, signals, pods: z.array(pod) });

export const workloadSignals = fields({ workload: key, signals, targets: z.array(target) });
