import type { WorldOverride } from "../../snapshot/world/types.ts";
import type { CycleOutcome } from "./cycle.ts";

/** What an override does at present, in the words of the notes that it caused. */
export function overrideEffect({ bounds, decision }: CycleOutcome, { action, subject }: WorldOverride): string {
  if (subject.kind === "variant") {
    const range = bounds.get(subject.name);
    if (range === undefined) return "the variant is gone: it does nothing";
    const own = range.notes.filter(({ code }) => code.startsWith("Override") || code === "FloorLowered");
    const count = `${range.asked} replicas now, ${decision.counts[subject.name] ?? range.asked} decided`;
    return [...own.map((note) => note.sentence), count].join("; ");
  }
  const touched = [...bounds].filter(([, range]) => range.notes.some(({ code }) => code === "OverrideDrain"));
  return `${action.type} of ${subject.kind} ${subject.name}: ${touched.length} variants place their replicas elsewhere`;
}
