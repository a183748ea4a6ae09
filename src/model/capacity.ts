import { InputError } from "../domain/input-error.ts";
import type { PerformanceProfile, SloTargets, TokenMix } from "../snapshot/profile.ts";
import { size, type UnreachableTarget } from "./queueing/size.ts";

/** What one replica serves inside its SLO, in requests per second, or why it cannot. */
export type Capacity = { ok: true; perSecond: number } | { ok: false; reason: string };

/** Capacity of a replica from its profile; a profile that describes no replica is a reason, too, not an exception. */
export function capacityInsideSlo(profile: PerformanceProfile, mix: TokenMix, slo: SloTargets): Capacity {
  try {
    const result = size(profile, mix, slo);
    if (!result.ok) return { ok: false, reason: unreachableReason(result.unreachable) };
    return { ok: true, perSecond: result.size.capacityPerSecond };
  } catch (error) {
    if (error instanceof InputError) return { ok: false, reason: error.message };
    throw error;
  }
}

function unreachableReason({ target, askedMs, bestMs }: UnreachableTarget): string {
  const what = target === "ttftMs" ? "mean time to first token" : "mean time between tokens";
  return `${what}: ${rounded(askedMs)} ms is asked, ${rounded(bestMs)} ms is the best, at next to no load`;
}

/** Enough digits to compare two latencies, few enough to read. */
function rounded(milliseconds: number): string {
  return String(Number(milliseconds.toPrecision(4)));
}
