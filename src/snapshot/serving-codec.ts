import type { z } from "zod";
import type { Parsed, Violation } from "../domain/violation.ts";
import { fieldHint } from "./field-hints.ts";
import type { ScaleToZero, Serving, VariantServing } from "./serving.ts";
import { scaleToZeroSchema, servingSchema, variantServingSchema } from "./serving-schema.ts";
import { violationsOf } from "./violations.ts";

export function parseServing(value: unknown): Parsed<Serving> {
  return parsed<Serving>(servingSchema, value);
}

export function parseVariantServing(value: unknown): Parsed<VariantServing> {
  return parsed<VariantServing>(variantServingSchema, value);
}

export function parseScaleToZero(value: unknown): Parsed<ScaleToZero> {
  return parsed<ScaleToZero>(scaleToZeroSchema, value);
}

function parsed<T>(schema: z.ZodType<T>, value: unknown): Parsed<T> {
  const result = schema.safeParse(value);
  if (result.success) return { ok: true, value: result.data };
  const unions = new Map(
    result.error.issues.flatMap((issue) =>
      issue.code === "invalid_union" && issue.path.length > 0 ? [[String(issue.path.at(-1)), issue] as const] : [],
    ),
  );
  return {
    ok: false,
    violations: violationsOf(result.error, value, servingHint).map((found) => reworded(found, unions)),
  };
}

const KINDS = '"llm", "utilization", "queue", "lag", "batch", "fixed"';

/** A union's message is written for profiles; here it names what these unions tell apart. */
function reworded(violation: Violation, unions: ReadonlyMap<string, unknown>): Violation {
  const field = violation.path.split(".").at(-1) ?? "";
  if (field === "(the file)")
    return { ...violation, path: "serving", rule: "an object", fix: "give { kind: … } and its fields" };
  if (!unions.has(field)) return violation;
  if (field === "kind") return { ...violation, rule: `one of ${KINDS}` };
  const target = violation.path.endsWith("target.type");
  const rule = target
    ? 'a target that this type of metric has: "Utilization" (Resource), "AverageValue" (all), "Value" (Object, External)'
    : 'one of "Resource", "Pods", "Object", "External"';
  return { ...violation, rule };
}

const HINTS: Record<string, string> = {
  kind: "say how it is served",
  metrics: "list metrics as a HorizontalPodAutoscaler has them, with { type, name, target }",
  target:
    'give { type: "AverageValue", averageValue }, { type: "Value", value } or { type: "Utilization", averageUtilization }',
  type: "name the type",
  averageUtilization: "give percent of the request, such as 70",
  averageValue: "give the value that one replica is to have",
  value: "give the value that the metric is to have",
  scaleUpTolerance: "give a share, such as 0.1",
  scaleDownTolerance: "give a share from 0 to 1, such as 0.1",
  drainSeconds: "give the seconds in which an item is to be taken off",
  quantile: "give how sure it is to be, 0.5 to 0.999",
  arrivalDispersion: "give variance over mean of the arrivals; 1 is Poisson",
  serviceVariation: "give the standard deviation of the service time over its mean",
  limitMs: "give the lag that is too much, in ms",
  releaseShare: "give a share of the limit, 0 to 1",
  maxGrowth: "give the most that one decision multiplies by, 1 or more",
  idleSeconds: "give seconds",
  unusedSeconds: "give seconds, or leave it out",
  deadlineAtMs: "give a time in epoch milliseconds",
  lateSeconds: "give seconds in which late work is to be done",
  replicas: "give a whole number of replicas",
  relativeCapacity: "give replicas of capacity 1 that one of these stands for; 1 is usual",
  serviceSeconds: "give the mean seconds that one item takes",
  concurrency: "give the items that one replica works on at once",
  mode: "write never, auto or always",
  keepWarmProbability: "give a probability above 0 and up to 1, such as 0.5",
};

function servingHint(field: string): string {
  return Object.hasOwn(HINTS, field) ? HINTS[field]! : fieldHint(field);
}
