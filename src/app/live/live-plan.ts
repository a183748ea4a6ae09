import type { Plan } from "@apportion/solver";
import type { Order } from "../../actuation/types.ts";
import type { LivePlan, LiveVariant } from "../../ports/live.ts";
import type { VariantStatus } from "../../status/types.ts";
import type { CycleOutcome } from "./cycle.ts";

/** What callers see of a cycle. `plan` is the present one, or the last good one where the cycle holds. */
export function livePlan(outcome: CycleOutcome, plan: Plan, statuses: ReadonlyMap<string, VariantStatus>): LivePlan {
  const { world, decision } = outcome;
  const { held } = decision;
  const proposed = decision.act ? undefined : decision.memory.proposal?.revision;
  return {
    revision: outcome.revision,
    plannedAtMs: world.takenAtMs,
    mode: world.policy.mode,
    plan,
    variants: world.variants.map(({ key, workload }) => liveVariant(key, workload, statuses.get(key))),
    ...(held === undefined ? {} : { heldBecause: `${held.code}: ${held.sentence}` }),
    ...(proposed === undefined ? {} : { proposedRevision: proposed }),
    steps: stepTexts(outcome.order),
  };
}

function liveVariant(name: string, workload: string, status: VariantStatus | undefined): LiveVariant {
  return {
    name,
    workload,
    pool: status?.pool ?? "",
    current: status?.currentReplicas ?? 0,
    desired: status?.desiredReplicas ?? status?.currentReplicas ?? 0,
    ready: status?.readyReplicas ?? 0,
    starting: status?.startingReplicas ?? 0,
    pending: status?.pendingReplicas ?? 0,
    failing: status?.failingReplicas ?? 0,
    capacityPerSecond: status?.capacityPerSecond ?? 0,
    reasonCode: status?.reason ?? "",
    reason: status?.message ?? "",
    basis: status?.basis ?? [],
    conditions: status?.conditions ?? [],
  };
}

function stepTexts(order: Order): string[] {
  const steps = order.steps.map((step, index) => {
    const changes = step.changes.map(({ variant, from, to }) => `${variant} ${from} → ${to}`);
    return `${index + 1}. ${step.title}: ${changes.join(", ")}`;
  });
  const later = order.deferred.map(
    ({ change, note }) => `later: ${change.variant} ${change.from} → ${change.to}, ${note.sentence}`,
  );
  return [...steps, ...later];
}
