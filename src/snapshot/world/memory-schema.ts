import { z } from "zod";
import { count, fields, number, replicas, text, tokenMix, whole } from "../field-schemas.ts";
import { MAX_RATE } from "../limits.ts";
import { time } from "./time-schemas.ts";

const message = z.string().max(32_768);
const change = whole(-1_000_000_000, 1_000_000_000);
/** Of a room that checks it itself, when it goes on with it. */
const state = z.json();
const times = z.record(z.string(), time);

const variant = fields({
  uid: z.string().max(317).optional(),
  recommendations: z.array(fields({ atMs: time, replicas })),
  scaleEvents: z.array(fields({ atMs: time, change })),
  asked: fields({ replicas, atMs: time }).optional(),
  seen: fields({ replicas, atMs: time }).optional(),
  startSeconds: z.array(number(0, 1e9)),
  counted: times,
  quarantine: fields({ untilMs: time, times: count, reason: message }).optional(),
  unready: times.optional(),
  missingSinceMs: time.optional(),
  learned: state.optional(),
  saturation: state.optional(),
  manualPin: fields({ replicas, untilMs: time, manager: text }).optional(),
});

const trust = fields({
  lostAtMs: time,
  probeAtMs: time,
  failures: count,
  reason: message,
  probing: z.boolean(),
  scheduled: count,
});

const auditEntry = fields({
  atMs: time,
  actor: message,
  action: message,
  subject: message,
  reason: message,
  effect: message,
  revision: count,
});

const report = fields({
  source: text,
  workload: text,
  sequence: z.string().regex(/^\d{1,20}$/),
  reportedAtMs: time,
  receivedAtMs: time,
  ratePerSecond: number(0, MAX_RATE),
  tokenMix: tokenMix.optional(),
});

const heldPlan = { revision: count, atMs: time, replicas: z.record(z.string(), replicas) };

/** The shape of `Memory`, in the order in which it is written. */
export const memory = fields({
  revision: count,
  lastCycleAtMs: time,
  variants: z.record(z.string(), variant),
  trust: z.record(z.string(), trust),
  demands: z.record(z.string(), state).optional(),
  askedAtMs: times.optional(),
  presentUntilMs: time.optional(),
  lastPlan: fields(heldPlan).optional(),
  proposal: fields({ ...heldPlan, summary: z.string().max(10_000) }).optional(),
  approvedRevision: count.optional(),
  audit: z.array(auditEntry).max(10_000).optional(),
  reports: z.array(report).optional(),
  forgotten: z.array(fields({ kind: z.enum(["demand", "inventory"]), source: text, atMs: time })).optional(),
});
