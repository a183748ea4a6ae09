import type { Violation } from "../../domain/violation.ts";
import type * as message from "../../gen/apportion/v1/plan.ts";
import {
  certificateMethods,
  certificateSenses,
  conflictRules,
  objectives,
  planStatuses,
  poolFits,
  reasonCodes,
  rules,
  shadowPriceUnits,
} from "./enums.ts";
import { type Input, nonEmpty, present, toRecord } from "./input-value.ts";

/** A plan message as the plain data of the plan file, for the same reader. `path` ends in a dot, or is empty at the root. */
export function planFromMessage(plan: message.Plan, violations: Violation[], path = ""): Input {
  return present({
    apiVersion: "apportion.dev/v1",
    kind: "PlacementPlan",
    status: planStatuses.toWord(plan.status),
    objective: plan.objective && present({ ...plan.objective, name: objectives.toWord(plan.objective.name) }),
    classes: plan.classes.map((report) => present({ ...report, rule: rules.toWord(report.rule) })),
    workloads: plan.workloads.map((workload, i) => workloadInput(workload, `${path}workloads[${i}]`, violations)),
    pools: plan.pools.map((pool, i) => poolInput(pool, `${path}pools[${i}]`, violations)),
    conflicts: plan.conflicts.map((conflict) => present({ ...conflict, rule: conflictRules.toWord(conflict.rule) })),
    guarantees: plan.guarantees.map((report, i) =>
      present({
        ...report,
        plan: report.plan && planFromMessage(report.plan, violations, `${path}guarantees[${i}].plan.`),
      }),
    ),
    certificate: plan.certificate.map((entry) =>
      present({
        ...entry,
        method: certificateMethods.toWord(entry.method),
        sense: certificateSenses.toWord(entry.sense),
        prices: entry.method === "CERTIFICATE_METHOD_DUAL" ? entry.prices : nonEmpty(entry.prices),
      }),
    ),
    engine: plan.engine,
    elapsedMs: plan.elapsedMs,
    stoppedAt: plan.stoppedAt,
  });
}

function workloadInput(workload: message.WorkloadPlan, path: string, violations: Violation[]): Input {
  return present({
    name: workload.name,
    attainment: workload.attainment,
    reason: workload.reason && reasonInput(workload.reason),
    variants: workload.variants.map((variant, index) =>
      present({
        name: variant.name,
        replicas: variant.replicas,
        servedByType: toRecord(
          variant.servedByType,
          (rate) => rate.requestType,
          (rate) => rate.requestsPerSecond,
          `${path}.variants[${index}].servedByType`,
          violations,
        ),
      }),
    ),
  });
}

function reasonInput(reason: message.Reason): Input {
  return present({
    code: reasonCodes.toWord(reason.code),
    sentence: reason.sentence,
    binding: reason.binding,
    cure: reason.cureSearch && (reason.cureSearch.cure ?? null),
  });
}

function poolInput(pool: message.PoolPlan, path: string, violations: Violation[]): Input {
  const packing = pool.packing.map((nodes, index) => ({
    row: nodes.row,
    count: nodes.count,
    replicas:
      toRecord(
        nodes.replicas,
        (held) => held.variant,
        (held) => held.replicas,
        `${path}.packing[${index}].replicas`,
        violations,
      ) ?? {},
  }));
  return present({
    ...pool,
    fits: poolFits.toWord(pool.fits),
    rows: pool.rows.map((row) => present({ ...row, shadowPriceUnit: shadowPriceUnits.toWord(row.shadowPriceUnit) })),
    packing: pool.fits === "POOL_FIT_PACKING" ? packing : nonEmpty(packing),
  });
}
