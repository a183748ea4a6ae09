import type { Plan, PoolPlan, Reason, WorkloadPlan } from "@apportion/solver";
import * as message from "../../gen/apportion/v1/plan.ts";
import type { TypeRate, VariantReplicas } from "../../gen/apportion/v1/problem.ts";
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

/** The plan as a message. */
export function planToMessage(plan: Plan): message.Plan {
  return message.Plan.fromPartial({
    status: planStatuses.toMessage(plan.status),
    objective: { ...plan.objective, name: objectives.toMessage(plan.objective.name) },
    classes: plan.classes.map((report) => ({ ...report, rule: rules.toMessage(report.rule) })),
    workloads: plan.workloads.map(workloadMessage),
    pools: plan.pools.map(poolMessage),
    conflicts: plan.conflicts.map((conflict) => ({ ...conflict, rule: conflictRules.toMessage(conflict.rule) })),
    guarantees: plan.guarantees.map((report) => ({ ...report, plan: planToMessage(report.plan) })),
    certificate: plan.certificate.map((entry) => ({
      ...entry,
      method: certificateMethods.toMessage(entry.method),
      sense: certificateSenses.toMessage(entry.sense),
      prices: entry.prices ?? [],
    })),
    engine: plan.engine,
    elapsedMs: plan.elapsedMs,
    stoppedAt: plan.stoppedAt,
  });
}

function workloadMessage(workload: WorkloadPlan): message.WorkloadPlan {
  return {
    name: workload.name,
    attainment: workload.attainment,
    reason: workload.reason && reasonMessage(workload.reason),
    variants: workload.variants.map((variant) => ({
      name: variant.name,
      replicas: variant.replicas,
      servedByType: Object.entries(variant.servedByType ?? {}).map(
        ([requestType, requestsPerSecond]): TypeRate => ({ requestType, requestsPerSecond }),
      ),
    })),
  };
}

function reasonMessage(reason: Reason): message.Reason {
  return {
    code: reasonCodes.toMessage(reason.code),
    sentence: reason.sentence,
    binding: reason.binding,
    cureSearch: reason.cure === undefined ? undefined : { cure: reason.cure ?? undefined },
  };
}

function poolMessage(pool: PoolPlan): message.PoolPlan {
  return {
    ...pool,
    fits: poolFits.toMessage(pool.fits),
    rows: pool.rows.map((row) => ({ ...row, shadowPriceUnit: shadowPriceUnits.toMessage(row.shadowPriceUnit) })),
    packing: (pool.packing ?? []).map((nodes) => ({
      ...nodes,
      replicas: Object.entries(nodes.replicas).map(([variant, replicas]): VariantReplicas => ({ variant, replicas })),
    })),
  };
}
