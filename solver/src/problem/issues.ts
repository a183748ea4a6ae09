import type { z } from "zod";
import type { Refused } from "./draft.ts";
import { RULE_FIX } from "./fields.ts";
import type { NameGuesser } from "./nearest-name.ts";
import { keyStep, pathText, valueAt } from "./paths.ts";
import { printed } from "./printed.ts";
import type { Violation } from "./types.ts";

type Issue = z.core.$ZodIssue;

/** What zod found, in the words of this project; several issues of one place become one violation. */
export function violationsOf(issues: readonly Issue[], input: unknown, guesser: NameGuesser): Violation[] {
  const byPath = new Map<string, Violation>();
  for (const violation of issues.flatMap((issue) => violationsOfIssue(issue, input, guesser))) {
    if (!byPath.has(violation.path)) byPath.set(violation.path, violation);
  }
  return [...byPath.values()];
}

function violationsOfIssue(issue: Issue, input: unknown, guesser: NameGuesser): Violation[] {
  const path = pathText(issue.path);
  if (issue.code === "unrecognized_keys") {
    const known = issue.message.split(RULE_FIX);
    return issue.keys.map((key) => ({
      path: issue.path.length === 0 ? keyStep(key).replace(/^\./, "") : `${path}${keyStep(key)}`,
      value: printed(valueAt(input, [...issue.path, key])),
      rule: `unknown field; known are ${known.join(", ")}`,
      fix: guesser.fix(key, known, "remove it"),
    }));
  }
  const value = valueAt(input, issue.path);
  if (issue.code === "invalid_key") {
    const [rule, fix] = words(issue.issues[0]?.message ?? "");
    return [{ path, value: printed(issue.path.at(-1)), rule: `names are ${rule}`, fix }];
  }
  const [rule, fix] = words(issue.message);
  if (issue.code === "invalid_value" && typeof value === "string") {
    return [{ path, value: printed(value), rule, fix: guesser.fix(value, issue.values.map(String), fix) }];
  }
  return [{ path, value: printed(value), rule, fix }];
}

function words(message: string): [rule: string, fix: string] {
  const [rule = "", fix = ""] = message.split(RULE_FIX);
  return [rule, fix];
}

/** What to take out of the input so that the rest of it can be checked further. */
export function refusedOf(issues: readonly Issue[]): Refused[] {
  return issues.flatMap((issue) => {
    if (issue.code === "unrecognized_keys") {
      return issue.keys.map((key) => ({ path: [...issue.path, key], drop: true }));
    }
    return [{ path: issue.path, drop: issue.code === "invalid_key" }];
  });
}
