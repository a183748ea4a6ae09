import { UnverifiedPlanError, type VerifyReport } from "../api.ts";
import { EngineError } from "../certify.ts";
import type { Plan } from "../plan/types.ts";

/** How a solve ended, as plain data: errors lose their class and their fields when they are copied to another thread. */
export type Outcome =
  | { kind: "plan"; plan: Plan }
  | { kind: "unverified"; plan: Plan; report: VerifyReport }
  | { kind: "engine"; message: string }
  | { kind: "error"; name: string; message: string; stack: string | undefined };

export function outcomeOfError(error: unknown): Outcome {
  if (error instanceof UnverifiedPlanError) return { kind: "unverified", plan: error.plan, report: error.report };
  if (error instanceof EngineError) return { kind: "engine", message: error.message };
  if (error instanceof Error) return { kind: "error", name: error.name, message: error.message, stack: error.stack };
  return { kind: "error", name: "Error", message: String(error), stack: undefined };
}

/** The plan, or the error as it was thrown. */
export function planOf(outcome: Outcome): Plan {
  if (outcome.kind === "plan") return outcome.plan;
  if (outcome.kind === "unverified") throw new UnverifiedPlanError(outcome.plan, outcome.report);
  if (outcome.kind === "engine") throw new EngineError(outcome.message);
  const error = new Error(outcome.message);
  error.name = outcome.name;
  // where it arose says more than where it was received
  if (outcome.stack) error.stack = outcome.stack;
  throw error;
}
