import { overridesInForce } from "../../plan/pools-nodes.ts";
import type { OverrideStatus } from "../../ports/cluster.ts";
import type { WorldOverride } from "../../snapshot/world/types.ts";
import type { CycleOutcome } from "./cycle.ts";

/** Status of every override of the scope, by id: of those in force what they do, of the others that they are over. */
export function overrideStatuses(outcome: CycleOutcome): Map<string, OverrideStatus> {
  const { world, revision } = outcome;
  const inForce = new Set(overridesInForce(world).map(({ id }) => id));
  return new Map(
    world.overrides.map((override) => {
      const applied = inForce.has(override.id);
      return [override.id, { applied, effect: applied ? overrideEffect(outcome, override) : "it is over", revision }];
    }),
  );
}

/** Overrides that were in force in the cycle before, and have reached their end since. */
export function expiredSince(before: CycleOutcome, nowMs: number): WorldOverride[] {
  return overridesInForce(before.world).filter(({ expiresAtMs }) => expiresAtMs !== undefined && expiresAtMs <= nowMs);
}

/** What an override does at present, in the words of the notes that it caused. */
export function overrideEffect({ bounds, decision, states }: CycleOutcome, { action, subject }: WorldOverride): string {
  if (subject.kind === "variant") {
    const range = bounds.get(subject.name);
    if (range === undefined) return "the variant is gone: it does nothing";
    const own = range.notes.filter(({ code }) => code.startsWith("Override") || code === "FloorLowered");
    const count = `${range.asked} replicas now, ${decision.counts[subject.name] ?? range.asked} decided`;
    return [...own.map((note) => note.sentence), count].join("; ");
  }
  if (subject.kind === "node") {
    const replicas = [...states.values()].flatMap((state) => state.replicas);
    const left = replicas.filter(({ nodes }) => nodes.includes(subject.name)).length;
    return left === 0
      ? `no replica is on node ${subject.name}`
      : `${left} replicas on node ${subject.name} are to move`;
  }
  const touched = [...bounds].filter(([, range]) => range.notes.some(({ code }) => code === "OverrideDrain"));
  return `${action.type} of ${subject.kind} ${subject.name}: ${touched.length} variants place their replicas elsewhere`;
}

/** What physics or other overrides keep an override from doing, in the plan that was made with it. */
export function overrideConflicts({ solved, bounds }: CycleOutcome, override: WorldOverride): string[] {
  const floors = solved?.plan.conflicts.map(
    ({ rule, pool, asked, available }) => `${rule} in ${pool || "all pools"}: ${asked} asked, ${available} available`,
  );
  const notes = bounds.get(override.subject.name)?.notes ?? [];
  const unmet = notes.filter(({ code }) => code === "FloorLowered" || code === "OverrideSuperseded");
  return [...(floors ?? []), ...unmet.map((note) => note.sentence)];
}
