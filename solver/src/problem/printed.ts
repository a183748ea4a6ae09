const SHOWN_CHARACTERS = 80;

/** Invisible characters that JSON leaves as they are: they could rewrite what a terminal shows. */
const INVISIBLE = /[\p{Cc}\p{Cf}\u2028\u2029]/gu;

/** `text` without anything that a terminal would act on, cut to one short line. */
export function clipped(text: string): string {
  const visible = text
    .slice(0, SHOWN_CHARACTERS + 1)
    .replace(INVISIBLE, (char) => `\\u${(char.codePointAt(0) ?? 0).toString(16).padStart(4, "0")}`);
  const short = visible.length > SHOWN_CHARACTERS ? `${visible.slice(0, SHOWN_CHARACTERS - 1)}…` : visible;
  return short.toWellFormed();
}

/** A value as a violation shows it: strings quoted, numbers as JavaScript writes them, the rest by kind and size. */
export function printed(value: unknown): string {
  if (value === undefined) return "absent";
  if (typeof value === "string") return clipped(JSON.stringify(value.slice(0, SHOWN_CHARACTERS + 1)));
  if (Array.isArray(value)) return `a list of ${value.length}`;
  if (typeof value === "object" && value !== null) return "an object";
  if (typeof value === "function" || typeof value === "symbol") return `a ${typeof value}`;
  return clipped(String(value));
}
