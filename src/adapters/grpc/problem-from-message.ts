import type { Violation } from "../../domain/violation.ts";
import type * as message from "../../gen/apportion/v1/problem.ts";
import { objectives, roles, rules, taintEffects, tolerationOperators } from "./enums.ts";
import { type Input, nonEmpty, present, toRecord } from "./input-value.ts";

/**
 * A typed problem as the plain data of the file format, for the same reader that files go through. Names that stand twice
 * where the format has a map are added to `violations`.
 */
export function problemFromMessage(problem: message.PlacementProblem, violations: Violation[]): Input {
  return present({
    apiVersion: "apportion.dev/v1",
    kind: "PlacementProblem",
    objective: objectives.toWord(problem.objective),
    pools: problem.pools.map((pool, index) => poolInput(pool, `pools[${index}]`, violations)),
    classes: nonEmpty(
      problem.classes.map((rule) => present({ priority: rule.priority, rule: rules.toWord(rule.rule) })),
    ),
    quotas: nonEmpty(problem.quotas.map((quota) => present({ ...quota }))),
    cohorts: nonEmpty(problem.cohorts.map((cohort) => present({ ...cohort }))),
    workloads: problem.workloads.map((workload, index) => workloadInput(workload, `workloads[${index}]`, violations)),
    sharedServers: nonEmpty(problem.sharedServers.map((server) => present({ ...server }))),
  });
}

function poolInput(pool: message.Pool, path: string, violations: Violation[]): Input {
  const nodes = pool.nodes.map((row, index) =>
    present({
      freeDevices: row.freeDevices,
      count: row.count,
      taints: nonEmpty(row.taints.map((taint) => present({ ...taint, effect: taintEffects.toWord(taint.effect) }))),
      holds: toRecord(
        row.holds,
        (held) => held.variant,
        (held) => held.replicas,
        `${path}.nodes[${index}].holds`,
        violations,
      ),
    }),
  );
  return present({ name: pool.name, nodes: nonEmpty(nodes), devices: pool.devices });
}

function workloadInput(workload: message.Workload, path: string, violations: Violation[]): Input {
  return present({
    ...workload,
    requestTypes: nonEmpty(workload.requestTypes.map((type) => present({ ...type }))),
    variants: workload.variants.map((variant, index) =>
      variantInput(variant, `${path}.variants[${index}]`, violations),
    ),
  });
}

function variantInput(variant: message.Variant, path: string, violations: Violation[]): Input {
  return present({
    ...variant,
    role: roles.toWord(variant.role),
    capacityByType: toRecord(
      variant.capacityByType,
      (rate) => rate.requestType,
      (rate) => rate.requestsPerSecond,
      `${path}.capacityByType`,
      violations,
    ),
    tolerations: nonEmpty(variant.tolerations.map(tolerationInput)),
  });
}

function tolerationInput(toleration: message.Toleration): Input {
  return present({
    ...toleration,
    operator: tolerationOperators.toWord(toleration.operator),
    effect: taintEffects.toWord(toleration.effect),
  });
}
