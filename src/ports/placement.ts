import type { PlacementProblem, Plan, SolveOptions, VerifyReport } from "@apportion/solver";
import type { Parsed } from "../domain/violation.ts";

/** What the outer rooms need of the solver: reading what it is given, solving, checking. */
export interface Placement {
  /** Starts what the first solve needs, ahead of it; returns at once. */
  warmUp(): void;
  /** Text of a document, YAML or JSON, to plain data. */
  readText(text: string): Parsed<unknown>;
  readProblem(value: unknown): Parsed<PlacementProblem>;
  readPlan(value: unknown): Parsed<Plan>;
  /** Rejects with `UnverifiedPlanError` where the plan fails its own check. */
  solve(problem: PlacementProblem, options: SolveOptions): Promise<Plan>;
  verify(problem: PlacementProblem, plan: Plan): VerifyReport;
}
