import type { Note } from "../domain/reason-codes.ts";
import type { Memory, VariantMemory } from "../snapshot/world/memory.ts";
import type { World } from "../snapshot/world/types.ts";

/** Clocks that are slewed go back a little. */
const BACKWARD_TOLERANCE_MS = 1_000;
/** Cycles are seconds apart: after a longer silence, one cycle looks before the next one acts. */
const FORWARD_TOLERANCE_MS = 3_600_000;
const SKEW_TOLERANCE_MS = 60_000;

/**
 * Why this cycle holds as a whole: nothing is written, nothing is learned, the last good plan stands. `undefined`: it goes on.
 */
export function holdReason(world: World): Note | undefined {
  const { inventory, takenAtMs, clusterTimeMs, memory } = world;
  if (clusterTimeMs !== undefined && Math.abs(takenAtMs - clusterTimeMs) > SKEW_TOLERANCE_MS) {
    const seconds = Math.round((takenAtMs - clusterTimeMs) / 1000);
    return { code: "ClockSkew", sentence: `the clock here is ${seconds} s ahead of the cluster's` };
  }
  if (world.otherInstallation !== undefined) {
    const sentence = `${world.otherInstallation} (namespace/replica) of another installation acts on policy ${world.policy.name}: this one waits until that has written nothing for a minute`;
    return { code: "OtherInstallation", sentence };
  }
  const elapsedMs = memory.lastCycleAtMs === 0 ? 0 : takenAtMs - memory.lastCycleAtMs;
  if (elapsedMs < -BACKWARD_TOLERANCE_MS || elapsedMs > FORWARD_TOLERANCE_MS) {
    return { code: "ClockJump", sentence: `${Math.round(elapsedMs / 1000)} s passed since the last cycle` };
  }
  if (!inventory.known) {
    return { code: "InventoryUnknown", sentence: inventory.reason ?? "what nodes and pods there are is not known" };
  }
  return undefined;
}

/**
 * The memory with no time in the future, for the cycle that holds after the clock went back: a clock that was ahead leaves
 * no window, pin or back-off behind that lasts longer than one that begins now.
 */
export function rebasedMemory(world: World): Memory {
  const { memory, policy, takenAtMs: nowMs } = world;
  const past = <T extends { atMs: number }>(entry: T): T => (entry.atMs <= nowMs ? entry : { ...entry, atMs: nowMs });
  const until = (ms: number, longest: number) => Math.min(ms, nowMs + longest);
  const rebased = (variant: VariantMemory): VariantMemory => ({
    ...variant,
    recommendations: variant.recommendations.map(past),
    scaleEvents: variant.scaleEvents.map(past),
    ...(variant.asked === undefined ? {} : { asked: past(variant.asked) }),
    ...(variant.seen === undefined ? {} : { seen: past(variant.seen) }),
    ...(variant.unready === undefined ? {} : { unready: mapValues(variant.unready, (ms) => Math.min(ms, nowMs)) }),
    ...(variant.missingSinceMs === undefined ? {} : { missingSinceMs: Math.min(variant.missingSinceMs, nowMs) }),
    ...(variant.quarantine === undefined
      ? {}
      : { quarantine: { ...variant.quarantine, untilMs: until(variant.quarantine.untilMs, policy.quarantineMaxMs) } }),
    ...(variant.manualPin === undefined
      ? {}
      : { manualPin: { ...variant.manualPin, untilMs: until(variant.manualPin.untilMs, policy.manualPinMs) } }),
  });
  return {
    ...memory,
    lastCycleAtMs: nowMs,
    // Planning ahead is tried again at once: nothing is lost by it.
    presentUntilMs: undefined,
    variants: mapValues(memory.variants, rebased),
    trust: mapValues(memory.trust, (trust) => ({
      ...trust,
      lostAtMs: Math.min(trust.lostAtMs, nowMs),
      probeAtMs: trust.probing ? Math.min(trust.probeAtMs, nowMs) : until(trust.probeAtMs, policy.probeAfterMaxMs),
    })),
  };
}

function mapValues<T>(record: Record<string, T>, change: (value: T) => T): Record<string, T> {
  return Object.fromEntries(Object.entries(record).map(([key, value]) => [key, change(value)]));
}
