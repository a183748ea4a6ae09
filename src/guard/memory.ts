import { observeReplicas, variantMemory } from "../model/replicas/observe.ts";
import type { ReplicaStates } from "../model/replicas/types.ts";
import { type ResolvedWorld, resolveWorld } from "../plan/world-to-snapshot-resolve.ts";
import type { Memory, VariantMemory } from "../snapshot/world/memory.ts";
import type { Behavior, World } from "../snapshot/world/types.ts";
import { recommendationsOf } from "./behavior.ts";
import { holdReason, rebasedMemory } from "./hold.ts";
import { learnedWorld } from "./learned.ts";
import { seenCount, updatedManualPin } from "./manual-pin.ts";
import { updatedQuarantine } from "./quarantine.ts";
import { updatedTrust } from "./trust.ts";

/** A world whose memory is that of this cycle, with what was made of it. */
export interface ObservedWorld {
  world: World;
  states: ReplicaStates;
  resolved: ResolvedWorld;
}

/**
 * Everything that is learned by looking, before anything is decided: start times, quarantine, manual pins, trust. A cycle that
 * holds learns nothing; it only takes times of the future back, unless its own clock is the wrong one.
 */
export function observedWorld(taken: World): ObservedWorld {
  const present = { ...taken, memory: ofPresentVariants(taken) };
  const { states, variants } = observeReplicas(present);
  const hold = holdReason(present);
  const world = hold === undefined ? learnedWorld(present, states) : present;
  const resolved = resolveWorld(world, states);
  if (hold?.code === "ClockSkew") return { world, states, resolved };
  if (hold !== undefined) return { world: { ...world, memory: rebasedMemory(world) }, states, resolved };
  const targets = new Map(world.targets.map((target) => [target.key, target]));
  const { policy, takenAtMs } = world;
  const remembered: Record<string, VariantMemory> = {};
  for (const { key, uid, target } of world.variants) {
    const { learned, saturation } = variantMemory(world, key);
    const own = variants[key] ?? variantMemory(world, key);
    const {
      quarantine: before,
      manualPin: _pin,
      seen: _seen,
      learned: _learned,
      saturation: _saturation,
      ...rest
    } = own;
    const quarantine = updatedQuarantine(before, states.get(key)!, policy, takenAtMs);
    const manualPin = updatedManualPin(variantMemory(world, key), targets.get(target), policy, takenAtMs);
    const seen = seenCount(variantMemory(world, key), targets.get(target), policy, takenAtMs);
    remembered[key] = {
      ...rest,
      ...(uid === "" ? {} : { uid }),
      ...(seen === undefined ? {} : { seen }),
      ...(learned === undefined ? {} : { learned }),
      ...(saturation === undefined ? {} : { saturation }),
      ...(quarantine === undefined ? {} : { quarantine }),
      ...(manualPin === undefined ? {} : { manualPin }),
    };
  }
  const memory: Memory = {
    ...world.memory,
    lastCycleAtMs: takenAtMs,
    variants: remembered,
    trust: updatedTrust(world, states, resolved),
  };
  return { world: { ...world, memory }, states, resolved };
}

/**
 * The memory without that of variants which were deleted and created anew: no cycle may have seen them gone, where the
 * policy went with them. What is not in the world at all stays until a cycle that does not hold: it may not have been read.
 */
function ofPresentVariants({ memory, variants }: World): Memory {
  const uids = new Map(variants.map(({ key, uid }) => [key, uid]));
  const isOther = (key: string, uid: string | undefined) =>
    uid !== undefined && (uids.get(key) ?? "") !== "" && uids.get(key) !== uid;
  const kept = Object.entries(memory.variants).filter(([key, { uid }]) => !isOther(key, uid));
  return { ...memory, variants: Object.fromEntries(kept) };
}

/** What became of one variant in a cycle. */
export interface Outcome {
  /** `spec.replicas` before. */
  asked: number;
  /** What the plan without behavior gave it; absent: it was not planned, or somebody decided its count. */
  recommended?: number;
  /** What was written, where something was. */
  written?: number;
}

/** A variant's memory with what a cycle recommended and wrote. */
export function recordedVariant(
  memory: VariantMemory,
  behavior: Behavior,
  { asked, recommended, written }: Outcome,
  nowMs: number,
): VariantMemory {
  const rules = [behavior.scaleUp, behavior.scaleDown];
  const windowMs = Math.max(...rules.map((rule) => rule.stabilizationWindowSeconds)) * 1000;
  const periodMs = Math.max(0, ...rules.flatMap(({ policies }) => policies.map((p) => p.periodSeconds))) * 1000;
  const told =
    recommended === undefined ? memory.recommendations : withRecommendation(memory, asked, recommended, nowMs);
  const events = written === undefined || written === asked ? [] : [{ atMs: nowMs, change: written - asked }];
  return {
    ...memory,
    // The last one stays, however old: without any, the next cycle would take itself for the first.
    recommendations: told.filter(({ atMs }, i) => i === told.length - 1 || atMs > nowMs - windowMs),
    scaleEvents: [...memory.scaleEvents, ...events].filter(({ atMs }) => atMs > nowMs - periodMs),
    ...(written === undefined ? {} : { asked: { replicas: written, atMs: nowMs } }),
  };
}

/** Of equal ones in a row the last is enough: it is the last to leave any window. */
function withRecommendation(
  memory: VariantMemory,
  asked: number,
  replicas: number,
  nowMs: number,
): VariantMemory["recommendations"] {
  const before = recommendationsOf(memory, asked, nowMs);
  const rest = before.at(-1)?.replicas === replicas ? before.slice(0, -1) : before;
  return [...rest, { atMs: nowMs, replicas }];
}
