/**
 * What is left of an input after everything refused has been blanked to null (inputs themselves never hold null where one is
 * accepted). Checks that cross fields run on it, so that one bad field does not hide the others; they skip what is null.
 */
export type Draft<T> = T extends readonly (infer E)[]
  ? (Draft<E> | null)[]
  : T extends object
    ? { [K in keyof T]: Draft<T[K]> | null }
    : T;

/** A place to blank; `drop` removes the entry instead (a field or map key that must not be there). */
export interface Refused {
  path: readonly PropertyKey[];
  drop: boolean;
}

interface Mark {
  refused?: "blank" | "drop";
  below: Map<PropertyKey, Mark>;
}

/** A copy of `value` without what was refused; `value` itself, which may share parts with itself, stays as it is. */
export function withoutRefused(value: unknown, refused: readonly Refused[]): unknown {
  const root: Mark = { below: new Map() };
  for (const { path, drop } of refused) {
    let mark = root;
    for (const step of path) {
      const next = mark.below.get(step) ?? { below: new Map() };
      mark.below.set(step, next);
      mark = next;
    }
    mark.refused = drop ? "drop" : "blank";
  }
  return apply(value, root);
}

function apply(value: unknown, mark: Mark): unknown {
  // Something inside a value that has no inside (the short form of a taint) refuses the whole value.
  if (mark.refused !== undefined || typeof value !== "object" || value === null) return null;
  if (Array.isArray(value)) {
    const copy: unknown[] = value.slice();
    for (const [index, below] of mark.below) copy[Number(index)] = apply(copy[Number(index)], below);
    return copy;
  }
  const fields = new Map<string, unknown>(Object.entries(value));
  for (const [key, below] of mark.below) {
    if (below.refused === "drop") fields.delete(String(key));
    else fields.set(String(key), apply(fields.get(String(key)), below));
  }
  return Object.fromEntries(fields);
}
