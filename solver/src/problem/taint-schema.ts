import { z } from "zod";
import { fields, oneOf, said, type Wrap } from "./fields.ts";
import type { Taint, Toleration } from "./types.ts";

const EFFECTS = ["NoSchedule", "NoExecute", "PreferNoSchedule"] as const;
const SHORT_FORM = new RegExp(`^([^=:]+)(?:=([^:]*))?:(${EFFECTS.join("|")})$`);
const TAINT_FIX = "write { key, value, effect }, key=value:Effect or key:Effect, as kubectl does";

/** `gpu=h100:NoSchedule` and `gpu:NoSchedule` as objects; everything else as it is. */
function expandShortForm(value: unknown): unknown {
  const match = typeof value === "string" ? SHORT_FORM.exec(value) : null;
  return match === null ? value : { key: match[1], value: match[2] ?? "", effect: match[3] };
}

/** Kubernetes allows 63 characters after a prefix of 253. */
const MAX_LABEL = 317;
const label = (rule: string, fix: string) => z.string(said(rule, fix)).max(MAX_LABEL, said(rule, fix));

export function taintSchema(wrap: Wrap): z.ZodType<Taint> {
  const taint = fields(
    {
      key: wrap(
        label("a non-empty string", "give the taint's key").min(1, said("a non-empty string", "give the taint's key")),
      ),
      value: wrap(label("a string", "give the taint's value, or leave it out")).default(""),
      effect: wrap(oneOf(...EFFECTS)),
    },
    TAINT_FIX,
    "a taint",
  );
  return wrap(z.preprocess(expandShortForm, wrap(taint)));
}

export function tolerationSchema(wrap: Wrap): z.ZodType<Toleration> {
  return wrap(
    fields(
      {
        key: wrap(label("a string", "give the key of the tolerated taint")).default(""),
        operator: wrap(oneOf("Equal", "Exists")).default("Equal"),
        value: wrap(label("a string", "give the value of the tolerated taint")).default(""),
        effect: wrap(oneOf(...EFFECTS)).optional(),
      },
      "write { key, operator: Exists } or { key, operator: Equal, value }, with effect where it matters",
    ),
  );
}
