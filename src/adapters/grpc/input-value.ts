import type { Violation } from "../../domain/violation.ts";

/** Plain input data under construction, as a file would hold it. */
export type Input = Record<string, unknown>;

/** Leaves out what is not set, so that the defaults of the file format apply. */
export function present(fields: Input): Input {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));
}

/** An empty repeated field and an absent one are the same message; optional lists are then left out. */
export function nonEmpty<T>(list: T[]): T[] | undefined {
  return list.length > 0 ? list : undefined;
}

/**
 * A repeated field of named entries as the map that the file format has. Messages can name one twice, maps cannot: that
 * is added to `violations`.
 */
export function toRecord<T>(
  entries: T[],
  nameOf: (entry: T) => string,
  numberOf: (entry: T) => number,
  path: string,
  violations: Violation[],
): Record<string, number> | undefined {
  const seen = new Set<string>();
  for (const entry of entries) {
    const name = nameOf(entry);
    if (seen.has(name)) {
      violations.push({
        path,
        value: name.slice(0, 100),
        rule: "each name stands at most once",
        fix: "merge the two entries into one",
      });
    }
    seen.add(name);
  }
  return entries.length > 0 ? Object.fromEntries(entries.map((entry) => [nameOf(entry), numberOf(entry)])) : undefined;
}
