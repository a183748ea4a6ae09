import type { PlacementProblem, Plan } from "@apportion/solver";
import type { Parsed } from "../domain/violation.ts";
import { parseSnapshot } from "../snapshot/codec.ts";
import { parseSimulation } from "../snapshot/simulation/codec.ts";
import type { Simulation } from "../snapshot/simulation/types.ts";
import type { Snapshot } from "../snapshot/types.ts";
import type { CliContext } from "./context.ts";
import { BadInputError, badDocument } from "./exit.ts";

/** Plain data of a file, YAML or JSON. @throws BadInputError */
export async function loadDocument(context: CliContext, file: string): Promise<unknown> {
  return unwrap(file, context.placement.readText(await context.readFile(file)));
}

/** @throws BadInputError */
export async function loadProblem(context: CliContext, file: string): Promise<PlacementProblem> {
  return unwrap(file, context.placement.readProblem(await loadDocument(context, file)));
}

/** @throws BadInputError */
export async function loadSnapshot(context: CliContext, file: string): Promise<Snapshot> {
  return unwrap(file, parseSnapshot(await loadDocument(context, file)));
}

/** @throws BadInputError */
export async function loadSimulation(context: CliContext, file: string): Promise<Simulation> {
  return unwrap(file, parseSimulation(await loadDocument(context, file)));
}

/** @throws BadInputError */
export async function loadPlan(context: CliContext, file: string): Promise<Plan> {
  return unwrap(file, context.placement.readPlan(await loadDocument(context, file)));
}

/** The value, or its violations as an error that names the file. @throws BadInputError */
export function unwrap<T>(file: string, read: Parsed<T>): T {
  if (read.ok) return read.value;
  throw badDocument(file === "-" ? "standard input" : file, read.violations);
}

/** Two documents cannot both come from standard input. @throws BadInputError */
export function refuseTwoStdins(...files: string[]): void {
  if (files.filter((file) => file === "-").length > 1) {
    throw new BadInputError(["- is given twice: only one document can be standard input; write the other to a file"]);
  }
}
