import { FIELD_MANAGER } from "../domain/field-manager.ts";
import type { VariantMemory } from "../snapshot/world/memory.ts";
import type { Policy, WorldTarget } from "../snapshot/world/types.ts";

/** `managedFields` tells whole seconds. */
const RESOLUTION_MS = 1000;

/**
 * A count that somebody else wrote to `/scale` after this service last wrote or first saw the target stands for a time, as a
 * pin. The first count of all is not one: somebody made the target.
 */
export function updatedManualPin(
  memory: VariantMemory,
  target: WorldTarget | undefined,
  policy: Policy,
  nowMs: number,
): VariantMemory["manualPin"] {
  const { manualPin } = memory;
  const before = knownCount(memory);
  const standing = manualPin !== undefined && nowMs < manualPin.untilMs ? manualPin : undefined;
  const scaledBy = target?.scaledBy;
  if (target === undefined || scaledBy === undefined || before === undefined) return standing;
  if (isForOthers(target, policy) || scaledBy.manager === FIELD_MANAGER) return standing;
  if (scaledBy.atMs === 0)
    return pinOfUnknownTime(manualPin, before.replicas, { ...scaledBy, replicas: target.specReplicas }, policy, nowMs);
  const untilMs = scaledBy.atMs + policy.manualPinMs;
  const isNews =
    scaledBy.atMs + RESOLUTION_MS > before.atMs && (target.specReplicas !== before.replicas || standing !== undefined);
  if (!isNews || nowMs >= untilMs) return standing;
  return { replicas: target.specReplicas, untilMs, manager: scaledBy.manager };
}

/** What the next cycle compares the count of a target with where this service has not written it since. */
export function seenCount(
  { asked, seen }: VariantMemory,
  target: WorldTarget | undefined,
  policy: Policy,
  nowMs: number,
): VariantMemory["seen"] {
  if (target === undefined || !target.found) return seen;
  if ((asked ?? seen) !== undefined && !isForOthers(target, policy)) return seen;
  return seen?.replicas === target.specReplicas ? seen : { replicas: target.specReplicas, atMs: nowMs };
}

/** Another autoscaler writes the count, or whoever follows the plan that is shown. */
function isForOthers({ ownedBy, handedTo }: WorldTarget, { mode }: Policy): boolean {
  return ownedBy !== undefined || handedTo !== undefined || mode === "observe" || mode === "recommend";
}

/** The count that this service last wrote or saw, whichever is later. */
function knownCount({ asked, seen }: VariantMemory): VariantMemory["seen"] {
  if (asked === undefined || seen === undefined) return asked ?? seen;
  return seen.atMs > asked.atMs ? seen : asked;
}

/**
 * API servers leave the time of a write to `/scale` out: it counts from when it is seen. One that is over stays known, since the
 * same count would be news again otherwise.
 */
function pinOfUnknownTime(
  manualPin: VariantMemory["manualPin"],
  before: number,
  { replicas, manager }: { replicas: number; manager: string },
  policy: Policy,
  nowMs: number,
): VariantMemory["manualPin"] {
  if (manualPin?.replicas === replicas && manualPin.manager === manager) return manualPin;
  if (manualPin === undefined && replicas === before) return undefined;
  return { replicas, untilMs: nowMs + policy.manualPinMs, manager };
}
