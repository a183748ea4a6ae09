import { nearestName } from "../domain/nearest-name.ts";
import { cut, shown, type Violation } from "../domain/violation.ts";

/** A reference to a name that does not exist. */
export function dangling(path: string, name: string | undefined, known: readonly string[], what: string): Violation[] {
  if (name === undefined || known.includes(name)) return [];
  const near = nearestName(name, known);
  const fix = near === undefined ? `name a ${what} that exists, or add it` : `did you mean "${cut(near)}"?`;
  return [{ path, value: shown(name), rule: `the name of a ${what} of this file`, fix }];
}
