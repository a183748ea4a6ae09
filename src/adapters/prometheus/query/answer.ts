import { z } from "zod";

/** Answers of `/api/v1/query`: what this project reads of them, checked. */

const labels = z.record(z.string(), z.string());
const sampleValue = z.tuple([z.number(), z.string()]);
/** Rule of the boundaries (0 open left, 1 open right, 2 open, 3 closed), left, right, count. */
const nativeBucket = z.tuple([z.number(), z.string(), z.string(), z.string()]);
const nativeHistogram = z.tuple([
  z.number(),
  z.object({ count: z.string(), sum: z.string(), buckets: z.array(nativeBucket).optional() }),
]);

const row = z.object({
  metric: labels,
  value: sampleValue.optional(),
  histogram: nativeHistogram.optional(),
});

const warnings = z.array(z.string()).nullish();

const answer = z.discriminatedUnion("status", [
  z.object({
    status: z.literal("success"),
    data: z.discriminatedUnion("resultType", [
      z.object({ resultType: z.literal("vector"), result: z.array(row) }),
      z.object({ resultType: z.literal("scalar"), result: sampleValue }),
    ]),
    warnings,
    /** VictoriaMetrics in cluster mode. */
    isPartial: z.boolean().nullish(),
  }),
  z.object({ status: z.literal("error"), errorType: z.string().nullish(), error: z.string().nullish(), warnings }),
]);

export type Row = z.output<typeof row>;
export type NativeHistogram = NonNullable<Row["histogram"]>[1];

export type Answer = { ok: true; rows: Row[]; warnings: string[] } | { ok: false; error: string };

/** Longest text of a server that a message repeats. */
const SHOWN_CHARACTERS = 300;

/** The body of an answer as rows. Never throws. */
export function parseAnswer(body: string): Answer {
  let json: unknown;
  try {
    json = JSON.parse(body);
  } catch {
    return { ok: false, error: "the answer is no JSON: is this the address of a Prometheus API?" };
  }
  const parsed = answer.safeParse(json);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    return { ok: false, error: `the answer is not as expected at ${issue?.path.join(".") || "its root"}` };
  }
  const { data: found } = parsed;
  if (found.status === "error") {
    const text = `${found.errorType ?? "error"}: ${found.error ?? "no message"}`;
    return { ok: false, error: text.slice(0, SHOWN_CHARACTERS) };
  }
  const said = (found.warnings ?? []).map((text) => text.slice(0, SHOWN_CHARACTERS));
  if (found.isPartial === true) said.push("the answer is partial");
  const rows = found.data.resultType === "vector" ? found.data.result : [{ metric: {}, value: found.data.result }];
  return { ok: true, rows, warnings: said };
}

/** A number as Prometheus writes it; NaN where it is none. */
export function toNumber(text: string): number {
  if (text === "+Inf" || text === "Inf") return Number.POSITIVE_INFINITY;
  if (text === "-Inf") return Number.NEGATIVE_INFINITY;
  return text.trim() === "" ? Number.NaN : Number(text);
}
