import type { z } from "zod";
import { checkPools } from "./check-pools.ts";
import { checkCohorts, checkQuotas } from "./check-quotas.ts";
import { checkUnique } from "./check-unique.ts";
import { checkVariants } from "./check-variants.ts";
import { checkWorkloads } from "./check-workloads.ts";
import { demandOfTypes } from "./demand-of-types.ts";
import { directoryOf } from "./directory.ts";
import { type Draft, withoutRefused } from "./draft.ts";
import { refusedOf, violationsOf } from "./issues.ts";
import { Report } from "./report.ts";
import { draftSchema, problemSchema, type ReadProblem, type ReadWorkload } from "./schema.ts";
import type { PlacementProblem, Violation, Workload } from "./types.ts";

export type ParsedProblem = { ok: true; problem: PlacementProblem } | { ok: false; violations: Violation[] };

/**
 * Reads a problem from plain data (parsed JSON or YAML) and fills in defaults. Never throws: everything that is wrong comes back at
 * once, fields first, then what crosses them. The order of entries is kept; `value` is not changed.
 */
export function parseProblem(value: unknown): ParsedProblem {
  const report = new Report();
  const read = problemSchema.safeParse(value);
  if (read.success) {
    checkCrossings(read.data, report);
  } else {
    for (const violation of violationsOf(read.error.issues, value, report.guesser)) report.violations.push(violation);
    const draft = draftOf(value, read.error.issues);
    if (draft !== null) checkCrossings(draft, report);
  }
  if (!read.success || report.violations.length > 0) return { ok: false, violations: report.violations };
  return { ok: true, problem: { ...read.data, workloads: read.data.workloads.map(withDemand), sharedServers: [] } };
}

/** What remains without the refused places; null where the document as a whole is refused. */
function draftOf(value: unknown, issues: readonly z.core.$ZodIssue[]): Draft<ReadProblem> | null {
  const read = draftSchema.nullable().safeParse(withoutRefused(value, refusedOf(issues)));
  return read.success ? read.data : null;
}

function checkCrossings(problem: Draft<ReadProblem>, report: Report): void {
  const directory = directoryOf(problem);
  checkUnique(problem, report);
  checkPools(problem, directory, report);
  checkQuotas(problem, directory, report);
  checkCohorts(problem, directory, report);
  checkWorkloads(problem, report);
  checkVariants(problem, directory, report);
  if (problem.sharedServers !== null && problem.sharedServers.length > 0) {
    const fix = "leave it out, and give each model replicas of its own";
    report.add("sharedServers", problem.sharedServers, "shared servers are not supported yet", fix);
  }
}

function withDemand(workload: ReadWorkload): Workload {
  const { demandPerSecond, requestTypes } = workload;
  return { ...workload, demandPerSecond: requestTypes ? demandOfTypes(requestTypes) : (demandPerSecond ?? 0) };
}
