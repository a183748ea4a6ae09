import { recordedVariant } from "../../guard/memory.ts";
import { variantMemory } from "../../model/replicas/observe.ts";
import type { Memory } from "../../snapshot/world/memory.ts";
import type { CycleOutcome } from "./cycle.ts";

/**
 * The memory after a cycle.
 *
 * @param written what was written to targets, by variant; empty before anything is carried out
 */
export function rememberedCycle(outcome: CycleOutcome, written: ReadonlyMap<string, number>): Memory {
  const { world, revision, bounds, recommended, decision } = outcome;
  const { lastPlan: _plan, proposal: _proposal, approvedRevision: _approved, ...rest } = world.memory;
  // A cycle that holds has decided nothing, and its clock may be the wrong one: windows are not cut by it.
  if (decision.held !== undefined) return { ...rest, ...definedOnly(decision.memory), revision };
  const variants = Object.fromEntries(
    world.variants.map(({ key, behavior }) => {
      const asked = bounds.get(key)?.asked ?? 0;
      const [told, wrote] = [recommended.get(key), written.get(key)];
      const result = {
        asked,
        ...(told === undefined ? {} : { recommended: told }),
        ...(wrote === undefined ? {} : { written: wrote }),
      };
      return [key, recordedVariant(variantMemory(world, key), behavior, result, world.takenAtMs)];
    }),
  );
  return { ...rest, ...definedOnly(decision.memory), revision, variants };
}

function definedOnly<T extends object>(record: T): T {
  return Object.fromEntries(Object.entries(record).filter(([, value]) => value !== undefined)) as T;
}
