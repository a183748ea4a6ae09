import { FIELD_MANAGER } from "../domain/field-manager.ts";
import type { VariantMemory } from "../snapshot/world/memory.ts";
import type { Policy, WorldTarget } from "../snapshot/world/types.ts";

/** `managedFields` tells whole seconds. */
const RESOLUTION_MS = 1000;

/**
 * A count that somebody else wrote to `/scale` after this service last did stands for a time, as a pin. The first count
 * of all is not one: somebody made the target.
 */
export function updatedManualPin(
  memory: VariantMemory,
  target: WorldTarget | undefined,
  policy: Policy,
  nowMs: number,
): VariantMemory["manualPin"] {
  const { asked, manualPin } = memory;
  const standing = manualPin !== undefined && nowMs < manualPin.untilMs ? manualPin : undefined;
  const scaledBy = target?.scaledBy;
  if (target === undefined || scaledBy === undefined || asked === undefined) return standing;
  if (target.ownedBy !== undefined || scaledBy.manager === FIELD_MANAGER) return standing;
  if (scaledBy.atMs === 0) return pinOfUnknownTime(memory, { ...scaledBy, replicas: target.specReplicas }, policy, nowMs);
  const untilMs = scaledBy.atMs + policy.manualPinMs;
  const isNews =
    scaledBy.atMs + RESOLUTION_MS > asked.atMs && (target.specReplicas !== asked.replicas || standing !== undefined);
  if (!isNews || nowMs >= untilMs) return standing;
  return { replicas: target.specReplicas, untilMs, manager: scaledBy.manager };
}

/**
 * API servers leave the time of a write to `/scale` out: it counts from when it is seen. One that is over stays known, since the
 * same count would be news again otherwise.
 */
function pinOfUnknownTime(
  { asked, manualPin }: VariantMemory,
  { replicas, manager }: { replicas: number; manager: string },
  policy: Policy,
  nowMs: number,
): VariantMemory["manualPin"] {
  if (manualPin?.replicas === replicas && manualPin.manager === manager) return manualPin;
  if (manualPin === undefined && replicas === asked?.replicas) return undefined;
  return { replicas, untilMs: nowMs + policy.manualPinMs, manager };
}
