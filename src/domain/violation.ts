/** One thing that is wrong with an input. `path` is like `workloads[3].variants[0].pool`. */
export interface Violation {
  path: string;
  /** What was found, shortened. */
  value: string;
  rule: string;
  fix: string;
}

/** Answer of everything that reads unknown data: the value, or all that is wrong with it. */
export type Parsed<T> = { ok: true; value: T } | { ok: false; violations: Violation[] };

/** Longest value that a message repeats: enough to find it, short enough for a terminal line. */
const SHOWN_CHARACTERS = 60;

/** A value as a message shows it: strings quoted, NaN and infinities by name, long ones cut. */
export function shown(value: unknown): string {
  if (value === undefined) return "absent";
  if (typeof value === "number") return Object.is(value, -0) ? "-0" : String(value);
  if (typeof value === "string") return JSON.stringify(cut(value));
  if (Array.isArray(value)) return `a list of ${value.length}`;
  if (typeof value === "object" && value !== null) return "an object";
  return String(value);
}

/** A name as a path or sentence shows it. */
export function cut(text: string): string {
  return text.length <= SHOWN_CHARACTERS ? text : `${text.slice(0, SHOWN_CHARACTERS)}… (${text.length} characters)`;
}
