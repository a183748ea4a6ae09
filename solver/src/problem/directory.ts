import type { Draft } from "./draft.ts";
import type { ReadProblem } from "./schema.ts";
import type { Cohort, Pool, Variant } from "./types.ts";

/** Names of one kind and what they name. */
export interface Names<T> {
  byName: Map<string, T>;
  /** False where an entry or its name was refused: a name that is not found may be that one, and is then not blamed. */
  complete: boolean;
}

export interface PlacedVariant {
  variant: Draft<Variant>;
  path: string;
}

/** Everything that other parts of a problem refer to by name. Of two entries with one name, the first. */
export interface Directory {
  pools: Names<Draft<Pool>>;
  cohorts: Names<Draft<Cohort>>;
  variants: Names<PlacedVariant>;
}

export function directoryOf(problem: Draft<ReadProblem>): Directory {
  const variants: Names<PlacedVariant> = { byName: new Map(), complete: problem.workloads !== null };
  problem.workloads?.forEach((workload, w) => {
    if (workload?.variants == null) variants.complete = false;
    workload?.variants?.forEach((variant, v) => {
      const path = `workloads[${w}].variants[${v}]`;
      enter(variants, variant?.name, variant && { variant, path });
    });
  });
  return { pools: namesOf(problem.pools), cohorts: namesOf(problem.cohorts), variants };
}

function namesOf<T extends { name: string | null }>(entries: (T | null)[] | null): Names<T> {
  const names: Names<T> = { byName: new Map(), complete: entries !== null };
  for (const entry of entries ?? []) enter(names, entry?.name, entry);
  return names;
}

function enter<T>(names: Names<T>, name: string | null | undefined, value: T | null): void {
  if (value === null || name == null) names.complete = false;
  else if (!names.byName.has(name)) names.byName.set(name, value);
}
