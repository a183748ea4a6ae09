import type { Note } from "../domain/reason-codes.ts";
import { variantMemory } from "../model/replicas/observe.ts";
import type { ReplicaStates } from "../model/replicas/types.ts";
import type { PlannableVariant } from "../plan/plannable-variant.ts";
import type { ResolvedWorld } from "../plan/world-to-snapshot-resolve.ts";
import type { World } from "../snapshot/world/types.ts";
import { type BehaviorRange, behaviorRange, withinTolerance } from "./behavior.ts";
import { BoundsLayers, type VariantBounds } from "./bounds-layers.ts";
import { overridesOf, type VariantOverrides } from "./overrides.ts";
import { isQuarantined } from "./quarantine.ts";
import { trustCaps } from "./trust.ts";

export type Bounds = ReadonlyMap<string, VariantBounds>;

/**
 * Bounds of every variant, without behavior: what the recommendation is planned within. Expects a world whose memory is that
 * of this cycle (trust, quarantine and pins updated). Layers, each above the one before:
 * policy (min, max), missing data, behavior, a person's `kubectl scale`, overrides, quarantine (below an override's pin or
 * floor), lost trust. A floor above what the last ones leave is lowered, with a note.
 */
export function recommendationBounds(world: World, states: ReplicaStates, resolved: ResolvedWorld): Bounds {
  return boundsOf(world, states, resolved, () => undefined);
}

export interface BehavedBounds {
  /** Variants whose recommendation lies outside: empty means that the recommended plan stands, with its proof. */
  limited: string[];
  bounds: Bounds;
}

/** Bounds with behavior, given what was recommended for each variant (the plan inside `recommendationBounds`). */
export function behavedBounds(
  world: World,
  states: ReplicaStates,
  resolved: ResolvedWorld,
  recommended: ReadonlyMap<string, number>,
  givesWay: ReadonlySet<string> = new Set(),
): BehavedBounds {
  const bounds = boundsOf(world, states, resolved, ({ variant }, asked) => {
    const replicas = recommended.get(variant.key);
    if (replicas === undefined) return undefined;
    const gives = givesWay.has(variant.key) && replicas < asked;
    if (gives) return { min: replicas, max: asked, minNote: GIVES_WAY };
    if (withinTolerance(variant.behavior, asked, replicas)) {
      const sentence = `${replicas} is within the tolerance of ${asked}`;
      const note: Note = { code: "WithinTolerance", sentence };
      return { min: asked, max: asked, minNote: note, maxNote: note };
    }
    return behaviorRange(variant.behavior, asked, variantMemory(world, variant.key), world.takenAtMs);
  });
  const limited = [...recommended].filter(([variant, replicas]) => {
    const range = bounds.get(variant);
    return range !== undefined && (replicas < range.minReplicas || replicas > range.maxReplicas);
  });
  return { limited: limited.map(([variant]) => variant), bounds };
}

const GIVES_WAY: Note = {
  code: "GivesWay",
  sentence: "a higher class is short of devices here: its window for scaling down does not hold",
};

type BehaviorOf = (member: PlannableVariant, asked: number) => BehaviorRange | undefined;

function boundsOf(world: World, states: ReplicaStates, resolved: ResolvedWorld, behaviorOf: BehaviorOf): Bounds {
  const overrides = new Map(
    world.variants.map(({ key }) => [key, overridesOf(world, key, resolved.plannable.get(key)?.pool)]),
  );
  const caps = trustCaps(world, states, resolved, world.memory.trust, barred(world, resolved, overrides));
  const bounds = new Map<string, VariantBounds>();
  for (const { key } of [...world.variants].sort((a, b) => (a.key < b.key ? -1 : 1))) {
    const member = resolved.plannable.get(key);
    const state = states.get(key);
    const [asked, current] = [state?.asked ?? 0, state?.current ?? 0];
    if (member === undefined) {
      bounds.set(key, outside(asked, current, resolved.leftAlone.get(key)));
      continue;
    }
    const layers = new BoundsLayers(world, resolved, member, asked, current);
    layers.applyDemand();
    layers.applyWakeUp();
    layers.applyBehavior(behaviorOf(member, asked));
    layers.applyManualPin();
    layers.applyOverrides(overrides.get(key)!);
    layers.applyQuarantine();
    layers.applyTrust(caps.get(key));
    layers.applyHandover();
    bounds.set(key, layers.result());
  }
  return bounds;
}

/** Variants that cannot probe: their count is decided, or they are not to grow. */
function barred(
  world: World,
  resolved: ResolvedWorld,
  overrides: ReadonlyMap<string, VariantOverrides>,
): ReadonlySet<string> {
  const names = [...resolved.plannable.values()].flatMap(({ variant, target }) => {
    const own = overrides.get(variant.key)!;
    const memory = variantMemory(world, variant.key);
    const demand = resolved.demands.get(variant.workload);
    const pinned = memory.manualPin !== undefined && world.takenAtMs < memory.manualPin.untilMs;
    const decided = own.fixed !== undefined || own.freeze !== undefined || pinned;
    const still = variant.suspended || target.ownedBy !== undefined || (demand?.perSecond ?? 0) === 0;
    const unknown = demand === undefined || demand.known === "none";
    return decided || still || unknown || isQuarantined(memory.quarantine, world.takenAtMs) ? [variant.key] : [];
  });
  return new Set(names);
}

function outside(asked: number, current: number, note: Note | undefined): VariantBounds {
  return {
    minReplicas: asked,
    maxReplicas: asked,
    asked,
    current,
    leaveAlone: true,
    handed: false,
    neverShrink: true,
    behaves: false,
    notes: note === undefined ? [] : [note],
  };
}
