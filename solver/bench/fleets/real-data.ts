import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";
import { parseProblem } from "../../src/index.ts";
import type { PlacementProblem } from "../../src/problem/types.ts";

const EXAMPLES = join(import.meta.dirname, "../../../examples");

/** The example problem: node shapes of a published fleet, and workloads whose capacities follow from published performance data. */
export function exampleProblem(): PlacementProblem {
  const parsed = parseProblem(parse(readFileSync(join(EXAMPLES, "fleet.yaml"), "utf8")));
  if (!parsed.ok) throw new Error(`examples/fleet.yaml: ${parsed.violations.map((v) => v.path).join(", ")}`);
  return parsed.problem;
}

/** Requests and tokens of one minute of the Azure trace. */
export interface Minute {
  requests: number;
  tokens: number;
}

export function traceMinutes(): Minute[] {
  const csv = readFileSync(join(EXAMPLES, "data/azure-llm-2023-code.per-minute.csv"), "utf8");
  return csv
    .trim()
    .split("\n")
    .slice(1)
    .map((line) => {
      const [, requests = 0, input = 0, output = 0] = line.split(",").map(Number);
      return { requests, tokens: input + output };
    });
}
