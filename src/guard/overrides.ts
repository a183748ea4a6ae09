import type { Note } from "../domain/reason-codes.ts";
import { overridesInForce } from "../plan/pools-nodes.ts";
import type { World, WorldOverride } from "../snapshot/world/types.ts";

/** What people decided about one variant, made one: at most one of `fixed`, `freeze`, and `floor` ≤ `ceiling`. */
export interface VariantOverrides {
  fixed?: { replicas: number; note: Note };
  freeze?: Note;
  floor?: { replicas: number; note: Note };
  ceiling?: { replicas: number; note: Note };
  /** Overrides that others set aside. */
  superseded: Note[];
}

/**
 * Overrides of a variant in force. Of one kind the newest stands; exclude and drain stand above pin, pin above freeze, freeze
 * above floor and ceiling; of a floor above a ceiling the newer stands and the other gives way to it.
 */
export function overridesOf(world: World, variant: string, pool: string | undefined): VariantOverrides {
  const own = overridesInForce(world)
    .filter(({ action, subject }) =>
      action.type === "drain"
        ? subject.kind === "pool" && subject.name === pool
        : subject.kind === "variant" && subject.name === variant,
    )
    .reverse();
  const newest = (type: WorldOverride["action"]["type"]) => own.find(({ action }) => action.type === type);
  const out = newest("exclude") ?? newest("drain");
  const head = out ?? newest("pin") ?? newest("freeze");
  if (head !== undefined) return { ...headOf(head), superseded: setAside(own, [head], head) };
  const [floor, ceiling] = [newest("floor"), newest("ceiling")];
  const standing = [floor, ceiling].filter((override) => override !== undefined);
  if (standing.length === 0) return { superseded: [] };
  return { ...edges(own, floor, ceiling), superseded: setAside(own, standing, standing[0]!) };
}

function headOf(override: WorldOverride): Pick<VariantOverrides, "fixed" | "freeze"> {
  switch (override.action.type) {
    case "exclude":
      return { fixed: { replicas: 0, note: noteOf(override, "OverrideExclude", "is excluded") } };
    case "drain":
      return { fixed: { replicas: 0, note: noteOf(override, "OverrideDrain", "has its pool drained") } };
    case "freeze":
      return { freeze: noteOf(override, "OverrideFreeze", "is frozen") };
    default: {
      const replicas = replicasOf(override);
      return { fixed: { replicas, note: noteOf(override, "OverridePin", `is pinned to ${replicas}`) } };
    }
  }
}

function edges(
  own: readonly WorldOverride[],
  floor: WorldOverride | undefined,
  ceiling: WorldOverride | undefined,
): Pick<VariantOverrides, "floor" | "ceiling"> {
  const newer = own.find((override) => override === floor || override === ceiling);
  let [low, high] = [floor && replicasOf(floor), ceiling && replicasOf(ceiling)];
  if (low !== undefined && high !== undefined && low > high) {
    if (newer === floor) high = low;
    else low = high;
  }
  return {
    ...(floor === undefined || low === undefined
      ? {}
      : { floor: { replicas: low, note: noteOf(floor, "OverrideFloor", `has a floor of ${low}`) } }),
    ...(ceiling === undefined || high === undefined
      ? {}
      : { ceiling: { replicas: high, note: noteOf(ceiling, "OverrideCeiling", `has a ceiling of ${high}`) } }),
  };
}

function setAside(own: readonly WorldOverride[], standing: readonly WorldOverride[], by: WorldOverride): Note[] {
  return own
    .filter((override) => !standing.includes(override))
    .map(({ id, action }) => ({
      code: "OverrideSuperseded",
      sentence: `override ${id} (${action.type}) is set aside by ${by.id} (${by.action.type})`,
    }));
}

function replicasOf({ action }: WorldOverride): number {
  return "replicas" in action ? action.replicas : 0;
}

function noteOf({ id, author, reason }: WorldOverride, code: Note["code"], what: string): Note {
  return { code, sentence: `${what} by override ${id} of ${author}: ${reason}` };
}
