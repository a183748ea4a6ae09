import { parsePlan, parseProblem, solve, verify, warmUp } from "@apportion/solver";
import type { Parsed } from "../domain/violation.ts";
import type { Placement } from "../ports/placement.ts";

/** The solver in this process, behind the port. */
export function inProcessPlacement(readText: (text: string) => Parsed<unknown>): Placement {
  return {
    warmUp,
    readText,
    readProblem: (value) => {
      const result = parseProblem(value);
      return result.ok ? { ok: true, value: result.problem } : result;
    },
    readPlan: (value) => {
      const result = parsePlan(value);
      return result.ok ? { ok: true, value: result.plan } : result;
    },
    solve,
    verify,
  };
}
