import type { PlacementProblem, Plan, SolveOptions } from "@apportion/solver";
import type { Parsed, Violation } from "../../domain/violation.ts";
import type { SolveRequest, VerifyRequest } from "../../gen/apportion/v1/placement.ts";
import type { Placement } from "../../ports/placement.ts";
import { planFromMessage } from "./plan-from-message.ts";
import { problemFromMessage } from "./problem-from-message.ts";
import { solveOptionsFromMessage } from "./solve-options.ts";

/** What a solve is asked with. */
export interface SolveInput {
  problem: PlacementProblem;
  options: SolveOptions;
}

/** Reads a request. All that is wrong is reported together. */
export function readSolveRequest(placement: Placement, request: SolveRequest): Parsed<SolveInput> {
  const violations: Violation[] = [];
  const options = solveOptionsFromMessage(request.options, violations);
  const problem = readProblem(placement, request.input, violations);
  if (problem === undefined || violations.length > 0) return { ok: false, violations };
  return { ok: true, value: { problem, options } };
}

/** Likewise. */
export function readVerifyRequest(
  placement: Placement,
  request: VerifyRequest,
): Parsed<{ problem: PlacementProblem; plan: Plan }> {
  const violations: Violation[] = [];
  const input = request.problemInput;
  const problem = readProblem(
    placement,
    input?.$case === "problemDocument" ? { $case: "document", value: input.value } : input,
    violations,
  );
  const plan = readPlan(placement, request.planInput, violations);
  if (problem === undefined || plan === undefined || violations.length > 0) return { ok: false, violations };
  return { ok: true, value: { problem, plan } };
}

function readProblem(
  placement: Placement,
  input: SolveRequest["input"],
  violations: Violation[],
): PlacementProblem | undefined {
  if (input === undefined) {
    violations.push({ path: "input", value: "not set", rule: "is required", fix: "set problem or document" });
    return undefined;
  }
  const before = violations.length;
  const value =
    input.$case === "document"
      ? readText(placement, input.value, violations)
      : problemFromMessage(input.value, violations);
  return violations.length > before ? undefined : take(placement.readProblem(value), violations);
}

function readPlan(placement: Placement, input: VerifyRequest["planInput"], violations: Violation[]): Plan | undefined {
  if (input === undefined) {
    violations.push({ path: "planInput", value: "not set", rule: "is required", fix: "set plan or planDocument" });
    return undefined;
  }
  const before = violations.length;
  const value =
    input.$case === "planDocument"
      ? readText(placement, input.value, violations)
      : planFromMessage(input.value, violations);
  return violations.length > before ? undefined : take(placement.readPlan(value), violations);
}

function readText(placement: Placement, text: string, violations: Violation[]): unknown {
  return take(placement.readText(text), violations);
}

function take<T>(read: Parsed<T>, violations: Violation[]): T | undefined {
  if (read.ok) return read.value;
  violations.push(...read.violations);
  return undefined;
}
