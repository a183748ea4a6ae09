import { z } from "zod";
import type { Parsed } from "../domain/violation.ts";
import { fieldHint } from "./field-hints.ts";
import { fields, name, profile, slo, tokenMix } from "./field-schemas.ts";
import type { PerformanceProfile, SloTargets, TokenMix } from "./profile.ts";
import { violationsOf } from "./violations.ts";

/** What `apportion size` reads: replicas to size for one token mix and one SLO. */
export interface SizingRequest {
  profiles: NamedProfile[];
  tokenMix: TokenMix;
  slo: SloTargets;
}

export interface NamedProfile {
  name: string;
  role: "both" | "prefill" | "decode";
  profile: PerformanceProfile;
}

const role = z.enum(["both", "prefill", "decode"]).default("both");
const named = fields({ name, role, profile });

const one = fields({ profile, role, tokenMix, slo: slo.default({}) });
const many = fields({ profiles: z.array(named).min(1).max(1000), tokenMix, slo: slo.default({}) });

/** Unknown data as a request: `{ profile, role, tokenMix, slo }`, or `profiles` of `{ name, role, profile }`. */
export function parseSizingRequest(value: unknown): Parsed<SizingRequest> {
  if (typeof value === "object" && value !== null && "profiles" in value) {
    const parsed = many.safeParse(value);
    if (parsed.success) return { ok: true, value: parsed.data };
    return { ok: false, violations: violationsOf(parsed.error, value, hint) };
  }
  const parsed = one.safeParse(value);
  if (!parsed.success) return { ok: false, violations: violationsOf(parsed.error, value, hint) };
  const { profile: only, role: its, ...rest } = parsed.data;
  return { ok: true, value: { ...rest, profiles: [{ name: "replica", role: its, profile: only }] } };
}

function hint(field: string): string {
  if (field === "") return "give { profile, tokenMix, slo }";
  return field === "profiles" ? "list entries like { name, role, profile }" : fieldHint(field);
}
