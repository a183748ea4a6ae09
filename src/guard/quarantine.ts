import { NODE_NOT_READY } from "../model/replicas/classify.ts";
import type { VariantReplicas } from "../model/replicas/types.ts";
import type { VariantMemory } from "../snapshot/world/memory.ts";
import type { Policy } from "../snapshot/world/types.ts";

type Quarantine = NonNullable<VariantMemory["quarantine"]>;

/**
 * Quarantine of a variant after what was seen. It begins when a replica fails, and again, twice as long, when one fails
 * after it is over. It is forgotten when the variant has stayed out of it for as long as the last one lasted.
 */
export function updatedQuarantine(
  before: Quarantine | undefined,
  state: VariantReplicas,
  policy: Policy,
  nowMs: number,
): Quarantine | undefined {
  if (before !== undefined && nowMs < before.untilMs) return before;
  const reason = reasonOf(state);
  if (reason !== undefined) {
    const times = before?.times ?? 0;
    return { untilMs: nowMs + lengthMs(policy, times), times: times + 1, reason };
  }
  if (before === undefined || nowMs - before.untilMs >= lengthMs(policy, before.times - 1)) return undefined;
  return before;
}

export function isQuarantined(quarantine: Quarantine | undefined, nowMs: number): quarantine is Quarantine {
  return quarantine !== undefined && nowMs < quarantine.untilMs;
}

function lengthMs(policy: Policy, timesBefore: number): number {
  return Math.min(policy.quarantineMaxMs, policy.quarantineMs * 2 ** timesBefore);
}

/** Of the first failing replica; without one, replicas were never created. A lost node is no fault of the variant. */
function reasonOf(state: VariantReplicas): string | undefined {
  const failing = state.replicas.filter((replica) => replica.phase === "failing");
  const own = failing.find((replica) => replica.reason !== NODE_NOT_READY);
  if (own !== undefined) return own.reason ?? "failing";
  return state.failing > failing.length ? "NotCreated" : undefined;
}
