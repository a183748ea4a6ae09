import { z } from "zod";
import { amounts, fields, list, oneOf, said } from "../problem/fields.ts";
import { violationsOf } from "../problem/issues.ts";
import * as limits from "../problem/limits.ts";
import { NameGuesser } from "../problem/nearest-name.ts";
import type { Violation } from "../problem/types.ts";
import type { Plan } from "./types.ts";

export type ParsedPlan = { ok: true; plan: Plan } | { ok: false; violations: Violation[] };

const FIX = "take a plan as the solver wrote it";
/** Rows, entries of certificates and packings of the widest problem. */
const MANY = 1e7;
const finite = z.number(said("a finite number", FIX)).overwrite((value) => value + 0);
const notNegative = finite.min(0, said("0 or more", FIX));
const count = notNegative.int(said("a whole number", FIX)).max(Number.MAX_SAFE_INTEGER, said("a whole number", FIX));
const integer = finite.int(said("a whole number", FIX));
const text = z.string(said("a string", FIX));
const name = text.min(1, said("a non-empty string", FIX));
const object = <S extends z.core.$ZodLooseShape>(shape: S) => fields(shape, FIX);
const many = <S extends z.ZodType>(entry: S) => list(entry, 0, MANY, FIX);
const texts = many(text);
const ruleName = oneOf("max-min", "proportional", "total", "dominant-share");

const objective = object({
  name: oneOf("lexicographic", "penalty"),
  primal: finite,
  bound: finite,
  gap: notNegative,
});

const classReport = object({
  priority: integer,
  rule: ruleName,
  level: finite,
  levelBound: finite,
  ladder: many(object({ rung: notNegative, reached: finite, bound: finite })),
});

const reason = object({
  code: oneOf(
    "PoolFull",
    "Fragmented",
    "QuotaReached",
    "MaxReplicas",
    "NoVariantFits",
    "FloorsConflict",
    "TradedForOthers",
    "NotWorthItsCost",
    "StoppedEarly",
  ),
  sentence: text,
  binding: many(
    object({
      key: text,
      used: finite,
      capacity: finite,
      heldBy: many(object({ priority: integer, amount: finite })),
    }),
  ),
  cure: object({ pool: name, nodes: count, devicesPerNode: count, attainment: notNegative }).nullable().optional(),
});

const workload = object({
  name,
  attainment: notNegative,
  reason: reason.optional(),
  variants: many(
    object({
      name,
      replicas: count,
      servedByType: amounts(notNegative, 0, limits.MAX_REQUEST_TYPES, FIX).optional(),
    }),
  ),
});

const pool = object({
  name,
  usedDevices: count,
  freeDevices: finite,
  rows: many(
    object({
      size: count,
      used: finite,
      capacity: finite,
      shadowPrice: finite,
      shadowPriceUnit: oneOf("attainment", "costPerHour"),
    }),
  ),
  fits: oneOf("rows", "packing"),
  packing: many(object({ row: count, count, replicas: amounts(count, 0, MANY, FIX) })).optional(),
});

const conflict = object({
  rule: oneOf("MinReplicas", "Guarantee"),
  pool: text,
  workloads: texts,
  variants: texts,
  asked: finite,
  available: finite,
});

const certificate = object({
  stage: text,
  method: oneOf("dual", "search", "trivial"),
  sense: oneOf("min", "max"),
  reached: finite,
  bound: finite,
  prices: many(object({ row: text, price: finite })).optional(),
});

/** A plan whose `guarantees` are of the given form. */
function plan<S extends z.ZodType>(guarantee: S) {
  return object({
    apiVersion: text,
    kind: z.literal("PlacementPlan", said("PlacementPlan", FIX)),
    status: oneOf("optimal", "feasible", "infeasible"),
    objective,
    classes: many(classReport),
    workloads: many(workload),
    pools: many(pool),
    conflicts: many(conflict),
    guarantees: many(guarantee),
    certificate: many(certificate),
    engine: text,
    elapsedMs: notNegative,
    stoppedAt: text.optional(),
  });
}

const guarantee = object({
  tenant: name,
  // What a tenant gets alone has no guarantees: plans nest once, and a file cannot make the reader recurse.
  plan: plan(z.never(said("no guarantees inside the plan of a guarantee", FIX))),
  floors: many(object({ workload: name, attainment: notNegative })),
});

const planSchema: z.ZodType<Plan> = plan(guarantee);

/**
 * Reads a plan from plain data, so that a checker can rely on shapes: every field there, of its type, numbers finite, replicas whole
 * and not negative. Says nothing about whether the plan is right. Never throws.
 */
export function parsePlan(value: unknown): ParsedPlan {
  const read = planSchema.safeParse(value);
  if (read.success) return { ok: true, plan: read.data };
  return { ok: false, violations: violationsOf(read.error.issues, value, new NameGuesser()) };
}
