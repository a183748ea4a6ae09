import { InputError } from "../domain/input-error.ts";
import { shown, type Violation } from "../domain/violation.ts";
import type { PerformanceProfile, QueueingProfile, SloTargets, TokenMix } from "../snapshot/profile.ts";
import { size } from "./queueing/size.ts";
import { continuousCapacity } from "./sizing/size.ts";
import type { ReplicaRole } from "./sizing/types.ts";

/** What one replica serves inside its SLO, in requests per second, or why it cannot. */
export type Capacity = { ok: true; perSecond: number } | { ok: false; reason: string };

/**
 * Capacity of a replica from its profile: a continuous one is sized for a percentile (0.95 where none is given) and any role, the queueing
 * dialects for means. A profile that describes no replica is a reason, too, not an exception.
 */
export function capacityInsideSlo(
  profile: PerformanceProfile,
  mix: TokenMix,
  slo: SloTargets,
  role: ReplicaRole = "both",
): Capacity {
  try {
    if (profile.dialect !== "continuous") return queueingCapacity(profile, mix, slo, role);
    const sized = continuousCapacity(profile, mix, slo, role);
    if (sized.ok) return { ok: true, perSecond: sized.capacityPerSecond };
    const { target, askedMs, bestMs } = sized.unreachable;
    return { ok: false, reason: unreachable(`${percentileText(slo.percentile)} of ${WORDS[target]}`, askedMs, bestMs) };
  } catch (error) {
    if (error instanceof InputError) return { ok: false, reason: error.message };
    throw error;
  }
}

const WORDS = {
  ttftMs: "time to first token",
  itlMs: "time between tokens",
  tpotMs: "time per output token",
  endToEndMs: "time to the last token",
};

/** Roles and targets that a model of means cannot size are refused, not passed over. */
export function sloBeyondMeans(profile: QueueingProfile, slo: SloTargets, role: ReplicaRole): Violation | undefined {
  const { dialect } = profile;
  if (role !== "both") {
    const rule = `dialect ${dialect} describes replicas that do prefill and decode`;
    return { path: "role", value: shown(role), rule, fix: "give a continuous profile" };
  }
  const names = ["percentile", "tpotMs", "endToEndMs"] as const;
  const name = names.find((field) => (slo[field] ?? 0) !== 0);
  if (name === undefined) return undefined;
  const rule = `dialect ${dialect} sizes means of TTFT and ITL alone`;
  return { path: `slo.${name}`, value: shown(slo[name]), rule, fix: "give a continuous profile, or leave it out" };
}

function queueingCapacity(profile: QueueingProfile, mix: TokenMix, slo: SloTargets, role: ReplicaRole): Capacity {
  const beyond = sloBeyondMeans(profile, slo, role);
  if (beyond !== undefined) throw new InputError([beyond]);
  const result = size(profile, mix, slo);
  if (result.ok) return { ok: true, perSecond: result.size.capacityPerSecond };
  const { target, askedMs, bestMs } = result.unreachable;
  return { ok: false, reason: unreachable(`mean ${WORDS[target]}`, askedMs, bestMs) };
}

function unreachable(what: string, askedMs: number, bestMs: number): string {
  return `${what}: ${rounded(askedMs)} ms is asked, ${rounded(bestMs)} ms is the best, at next to no load`;
}

function percentileText(percentile = 0.95): string {
  return `p${Number((percentile * 100).toPrecision(4))}`;
}

/** Enough digits to compare two latencies, few enough to read. */
function rounded(milliseconds: number): string {
  return String(Number(milliseconds.toPrecision(4)));
}
