import type { z } from "zod";
import { didYouMean } from "../domain/nearest-name.ts";
import { cut, shown, type Violation } from "../domain/violation.ts";

/** The `fix` of a violation, by the name of the field that it is in. */
type HintOf = (field: string) => string;

/** What zod found, in the words of this project: every violation names path, value, rule and fix. */
export function violationsOf(error: z.ZodError, input: unknown, hintOf: HintOf): Violation[] {
  return error.issues.flatMap((issue) => violationsOfIssue(issue, input, hintOf));
}

function violationsOfIssue(issue: z.core.$ZodIssue, input: unknown, hintOf: HintOf): Violation[] {
  const path = pathText(issue.path);
  if (issue.code === "unrecognized_keys") {
    const known = issue.message.split(", ");
    return issue.keys.map((key) => ({
      path: path === "" ? cut(key) : `${path}.${cut(key)}`,
      value: shown(valueAt(input, [...issue.path, key])),
      rule: `no such field here; known are ${known.join(", ")}`,
      fix: didYouMean(key, known),
    }));
  }
  const value = valueAt(input, issue.path);
  const field = issue.path.findLast((step) => typeof step === "string");
  const fix = hintOf(field === undefined ? "" : String(field));
  return [{ path: path === "" ? "(the file)" : path, value: shown(value), rule: ruleOf(issue, value), fix }];
}

function ruleOf(issue: z.core.$ZodIssue, value: unknown): string {
  switch (issue.code) {
    case "invalid_type":
      if (value === undefined) return "required";
      if (typeof value === "number" && issue.expected === "number") return "a finite number";
      return issue.expected === "int" ? "a whole number" : `a value of type ${typeName(issue.expected)}`;
    case "too_small":
      if (issue.origin === "string") return "not empty";
      if (issue.origin === "array") return "at least one entry";
      return issue.inclusive ? `at least ${issue.minimum}` : `more than ${issue.minimum}`;
    case "too_big":
      return issue.origin === "string" ? `at most ${issue.maximum} characters` : `at most ${issue.maximum}`;
    case "invalid_value":
      return `one of ${issue.values.map((allowed) => JSON.stringify(allowed)).join(", ")}`;
    case "invalid_union":
      return 'one of "continuous", "D1", "D2", "D3"';
    case "invalid_format":
      return "no control characters";
    default:
      return issue.message;
  }
}

function typeName(expected: string): string {
  if (expected === "array") return "list";
  return expected === "record" ? "object" : expected;
}

/** Like `workloads[3].variants[0].pool`. */
function pathText(path: readonly PropertyKey[]): string {
  let text = "";
  for (const step of path) {
    if (typeof step === "number") text += `[${step}]`;
    else text += text === "" ? cut(String(step)) : `.${cut(String(step))}`;
  }
  return text;
}

function valueAt(input: unknown, path: readonly PropertyKey[]): unknown {
  let value = input;
  for (const step of path) {
    if (typeof value !== "object" || value === null || !Object.hasOwn(value, step)) return undefined;
    value = (value as Record<PropertyKey, unknown>)[step];
  }
  return value;
}
