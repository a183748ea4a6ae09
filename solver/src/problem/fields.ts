import { z } from "zod";
import * as limits from "./limits.ts";

/** Makes the strict schema (identity), or the one for drafts, in which every field may be null. */
export type Wrap = <S extends z.ZodType>(schema: S) => S;

/** Separates rule and fix in a zod message. */
export const RULE_FIX = "\n";

/** The words of a violation, for zod: what is asked, and what to do. */
export function said(rule: string, fix: string): { error: (issue: { input?: unknown }) => string } {
  return { error: (issue) => `${issue.input === undefined ? "required" : rule}${RULE_FIX}${fix}` };
}

/** -0 is 0: they print alike and must sort alike. */
const unsigned = (value: number): number => value + 0;

function ranged(rule: string, min: number, max: number, fix: string): z.ZodNumber {
  const words = said(`${rule} from ${min} to ${max}`, fix);
  return z.number(words).min(min, words).max(max, words).overwrite(unsigned);
}

export function number(min: number, max: number, fix: string): z.ZodNumber {
  return ranged("a finite number", min, max, fix);
}

export function whole(min: number, max: number, fix: string): z.ZodNumber {
  const words = said(`a whole number from ${min} to ${max}`, fix);
  return ranged("a whole number", min, max, fix).int(words);
}

/** Requests per second that may be zero, but not so little that ratios overflow. */
export function demand(fix: string): z.ZodNumber {
  const rule = `0, or a finite number from ${limits.MIN_RATE} to ${limits.MAX_AMOUNT}`;
  const words = said(rule, fix);
  return z
    .number(words)
    .min(0, words)
    .max(limits.MAX_AMOUNT, words)
    .refine((value) => value === 0 || value >= limits.MIN_RATE || value < 0, words)
    .overwrite(unsigned);
}

export const capacity = (fix: string): z.ZodNumber => number(limits.MIN_RATE, limits.MAX_AMOUNT, fix);

export const cost = (fix: string): z.ZodNumber => number(0, limits.MAX_AMOUNT, fix);

/** Maps are plain objects with names as keys: a name that every JavaScript object carries would be found in all of them. */
const inEveryObject = (name: string): boolean => name in Object.prototype;

const NAME_RULE = `1 to ${limits.MAX_NAME_LENGTH} characters, no control characters, not a word that every JavaScript object carries`;

export function name(fix: string): z.ZodString {
  const words = said(NAME_RULE, fix);
  return z
    .string(words)
    .min(1, words)
    .max(limits.MAX_NAME_LENGTH, words)
    .refine((text) => !/\p{Cc}/u.test(text) && text.isWellFormed() && !inEveryObject(text), words);
}

export function oneOf<const T extends readonly string[]>(...values: T): z.ZodEnum<{ [K in T[number]]: K }> {
  const list = values.join(", ");
  return z.enum(values, said(`one of ${list}`, `write one of ${list}`));
}

export function list<S extends z.ZodType>(entry: S, min: number, max: number, fix: string): z.ZodArray<S> {
  const words = said(min === 0 ? `a list of at most ${max}` : `a list of ${min} to ${max}`, fix);
  return z.array(entry, words).min(min, words).max(max, words);
}

/** An object of just these fields. For an unknown field, zod's message lists the known ones. */
export function fields<S extends z.core.$ZodLooseShape>(
  shape: S,
  fix: string,
  rule = "an object",
): z.ZodObject<S, z.core.$strict> {
  const words = said(rule, fix);
  return z.strictObject(shape, {
    error: (issue) => (issue.code === "unrecognized_keys" ? Object.keys(shape).join(RULE_FIX) : words.error(issue)),
  });
}

/** A map from names to numbers. */
export function amounts<S extends z.ZodType<number>>(amount: S, min: number, max: number, fix: string) {
  const words = said(min === 0 ? `a map of at most ${max} entries` : `a map of ${min} to ${max} entries`, fix);
  const sized = (map: object): boolean => {
    const size = Object.keys(map).length;
    return size >= min && size <= max;
  };
  // zod skips a key "__proto__" in silence.
  const plain = (map: object): boolean => !Object.hasOwn(map, "__proto__");
  return z
    .custom<object>((map) => typeof map !== "object" || map === null || plain(map), said("no key __proto__", fix))
    .pipe(z.record(name("name an entry"), amount, words).refine(sized, words));
}
