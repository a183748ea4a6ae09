import { ProblemTooLargeError, UnverifiedPlanError, type VerifyReport } from "../api.ts";
import { EngineError } from "../certify.ts";
import type { Plan } from "../plan/types.ts";
import { type ChangeSet, UnknownNameError } from "../session/changes.ts";

/** An error as plain data: errors lose their class and their fields when they are copied to another thread. */
export type Failure =
  | { kind: "unverified"; plan: Plan; report: VerifyReport }
  | { kind: "engine"; message: string }
  | { kind: "unknown-name"; field: keyof ChangeSet; unknown: string }
  | { kind: "too-large"; estimateBytes: number; limitBytes: number }
  | { kind: "error"; name: string; message: string; stack: string | undefined };

/** How a solve ended. */
export type Outcome = { kind: "plan"; plan: Plan } | Failure;

export function outcomeOfError(error: unknown): Failure {
  if (error instanceof UnverifiedPlanError) return { kind: "unverified", plan: error.plan, report: error.report };
  if (error instanceof EngineError) return { kind: "engine", message: error.message };
  if (error instanceof UnknownNameError) return { kind: "unknown-name", field: error.field, unknown: error.unknown };
  if (error instanceof ProblemTooLargeError)
    return { kind: "too-large", estimateBytes: error.estimateBytes, limitBytes: error.limitBytes };
  if (error instanceof Error) return { kind: "error", name: error.name, message: error.message, stack: error.stack };
  return { kind: "error", name: "Error", message: String(error), stack: undefined };
}

/** The error as it was thrown. */
export function errorOf(failure: Failure): Error {
  if (failure.kind === "unverified") return new UnverifiedPlanError(failure.plan, failure.report);
  if (failure.kind === "engine") return new EngineError(failure.message);
  if (failure.kind === "unknown-name") return new UnknownNameError(failure.field, failure.unknown);
  if (failure.kind === "too-large") return new ProblemTooLargeError(failure.estimateBytes, failure.limitBytes);
  const error = new Error(failure.message);
  error.name = failure.name;
  // where it arose says more than where it was received
  if (failure.stack) error.stack = failure.stack;
  return error;
}

/** The plan, or the error as it was thrown. */
export function planOf(outcome: Outcome): Plan {
  if (outcome.kind === "plan") return outcome.plan;
  throw errorOf(outcome);
}
