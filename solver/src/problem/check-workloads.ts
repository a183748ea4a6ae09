import { demandOfTypes, isSumOfTypes } from "./demand-of-types.ts";
import type { Draft } from "./draft.ts";
import { MAX_AMOUNT } from "./limits.ts";
import type { Report } from "./report.ts";
import type { ReadProblem, ReadWorkload } from "./schema.ts";
import type { RequestType } from "./types.ts";

/** What must hold inside one workload: its demand, and partners for its roles. */
export function checkWorkloads(problem: Draft<ReadProblem>, report: Report): void {
  problem.workloads?.forEach((workload, w) => {
    if (workload === null) return;
    checkDemand(workload, `workloads[${w}]`, report);
    // With request types, roles are refused anyway.
    if (workload.requestTypes === undefined) checkRoles(workload, `workloads[${w}]`, report);
  });
}

function checkDemand(workload: Draft<ReadWorkload>, path: string, report: Report): void {
  const given = workload.demandPerSecond;
  if (workload.requestTypes === undefined) {
    if (given === undefined)
      report.add(`${path}.demandPerSecond`, given, "required", "give the offered requests per second");
    return;
  }
  const types = workload.requestTypes;
  if (types === null || !types.every(isWhole)) return;
  const sum = demandOfTypes(types);
  if (sum > MAX_AMOUNT) {
    report.add(`${path}.requestTypes`, sum, `at most ${MAX_AMOUNT} requests per second together`, "lower the demands");
  }
  if (given == null || isSumOfTypes(given, sum)) return;
  report.add(`${path}.demandPerSecond`, given, `the sum over requestTypes, ${sum}`, "correct it, or leave it out");
}

function isWhole(type: Draft<RequestType> | null): type is RequestType {
  return type !== null && type.name !== null && type.demandPerSecond !== null;
}

function checkRoles(workload: Draft<ReadWorkload>, path: string, report: Report): void {
  const roles = workload.variants?.map((variant) => variant?.role ?? null) ?? [];
  // A refused role may be the missing partner.
  if (roles.includes(null)) return;
  for (const [role, partner] of [
    ["prefill", "decode"],
    ["decode", "prefill"],
  ] as const) {
    if (roles.includes(partner)) continue;
    roles.forEach((found, v) => {
      if (found !== role) return;
      const rule = `${role} serves only together with a ${partner} variant of the same workload`;
      report.add(`${path}.variants[${v}].role`, role, rule, `add a ${partner} variant, or write role: both`);
    });
  }
}
