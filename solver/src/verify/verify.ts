import type { VerifyReport } from "../api.ts";
import type { Plan } from "../plan/types.ts";
import type { PlacementProblem } from "../problem/types.ts";
import { readBounds } from "./boxes.ts";
import { checkCertificate } from "./certificate.ts";
import { checkClasses } from "./classes.ts";
import { checkConflicts } from "./conflicts.ts";
import { readCounts } from "./counts.ts";
import { Findings } from "./findings.ts";
import { floorsOf } from "./floors.ts";
import { readGoals } from "./goals.ts";
import { checkGuarantees } from "./guarantees.ts";
import { checkObjective } from "./objective.ts";
import { checkPools } from "./pools.ts";
import { checkReasons } from "./reasons.ts";
import { checkAttainments, checkRows } from "./served.ts";
import { type Measured, stagesOf } from "./stages.ts";
import { cohortFirstWeights } from "./values.ts";
import { readWorld } from "./world.ts";

/**
 * Checks a plan against its problem, from the replica counts up: names and bounds, rows, packings, attainments, classes, objective,
 * pools, guarantees, conflicts, and every bound that its prices (or nothing at all) prove. Shares no code with the solver.
 * `ok` where nothing is wrong; `bounds` says which bounds were recomputed and which only a search has shown. Pure; never throws on
 * odd numbers: they are findings. Time grows with workloads × stages.
 */
export function verify(problem: PlacementProblem, plan: Plan): VerifyReport {
  const findings = new Findings();
  const world = readWorld(problem);
  const counts = readCounts(world, plan, findings);
  const used = checkRows(world, counts, findings);
  const attainment = checkAttainments(world, counts, findings);
  checkPools(world, plan, counts, used, findings);
  checkReasons(world, plan, used, findings);
  const promises = checkGuarantees(world, plan, attainment, verify, findings);
  const goals = readGoals(world);
  const cohort = cohortFirstWeights(world);
  const floors = floorsOf(world, counts.replicas, promises.promised, promises.floor);
  const boxes = readBounds(world, floors.leastReplicas);
  const measured: Measured = { world, goals, replicas: counts.replicas, attainment, floors, cohort, boxes };
  const stages = stagesOf(measured, plan);
  checkClasses(measured, stages, plan, findings);
  checkObjective(world, stages, plan, findings);
  const certificate = checkCertificate(measured, stages, plan, findings);
  checkConflicts(measured, promises, plan, certificate.proved, findings);
  return {
    ok: findings.list.length === 0,
    findings: findings.list,
    bounds: [...certificate.checks, ...promises.bounds],
  };
}
