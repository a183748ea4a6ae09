import { cut, shown, type Violation } from "../domain/violation.ts";
import { variantViolations } from "./check-variant.ts";
import { dangling } from "./dangling.ts";
import type { Snapshot } from "./types.ts";

/** What fields cannot say alone: unique names, references that lead somewhere, relations between fields. */
export function referenceViolations(snapshot: Snapshot): Violation[] {
  const pools = snapshot.inventory.pools.map((pool) => pool.name);
  const variants = snapshot.workloads.flatMap((workload) => workload.variants.map((variant) => variant.name));
  return [
    ...duplicates("inventory.pools", "name", pools),
    ...duplicates(
      "classes",
      "priority",
      snapshot.classes.map((rule) => rule.priority),
    ),
    ...duplicates(
      "cohorts",
      "name",
      snapshot.cohorts.map((cohort) => cohort.name),
    ),
    ...duplicates(
      "workloads",
      "name",
      snapshot.workloads.map((workload) => workload.name),
    ),
    ...poolViolations(snapshot, variants),
    ...quotaViolations(snapshot, pools),
    ...cohortViolations(snapshot, pools),
    ...variantViolations(snapshot, pools),
  ];
}

function duplicates(list: string, field: string, values: readonly (string | number)[]): Violation[] {
  const first = new Map<string | number, number>();
  return values.flatMap((value, i) => {
    const earlier = first.get(value);
    if (earlier === undefined) {
      first.set(value, i);
      return [];
    }
    const rule = `unique; ${list}[${earlier}] has it already`;
    return [{ path: `${list}[${i}].${field}`, value: shown(value), rule, fix: "rename one, or merge the two" }];
  });
}

function poolViolations(snapshot: Snapshot, variants: readonly string[]): Violation[] {
  return snapshot.inventory.pools.flatMap((pool, p) => {
    const path = `inventory.pools[${p}]`;
    const found: Violation[] = [];
    if ((pool.nodes === undefined) === (pool.devices === undefined)) {
      const value = pool.nodes === undefined ? "neither" : "both";
      found.push({ path, value, rule: "either nodes or devices", fix: "keep nodes where replicas must fit on nodes" });
    }
    for (const [k, row] of (pool.nodes ?? []).entries()) {
      for (const held of Object.keys(row.holds)) {
        found.push(...dangling(`${path}.nodes[${k}].holds.${cut(held)}`, held, variants, "variant"));
      }
    }
    return found;
  });
}

function quotaViolations(snapshot: Snapshot, pools: readonly string[]): Violation[] {
  const cohorts = snapshot.cohorts.map((cohort) => cohort.name);
  const seen = new Set<string>();
  return snapshot.quotas.flatMap((quota, q) => {
    const path = `quotas[${q}]`;
    const found = [
      ...dangling(`${path}.pool`, quota.pool, pools, "pool"),
      ...dangling(`${path}.cohort`, quota.cohort, cohorts, "cohort"),
    ];
    const key = JSON.stringify([quota.tenant, quota.pool]);
    if (seen.has(key)) {
      const rule = "one quota for each tenant and pool";
      found.push({ path: `${path}.tenant`, value: shown(quota.tenant), rule, fix: "merge the two" });
    }
    seen.add(key);
    if (quota.guaranteedDevices > 0 && quota.pool === undefined) {
      found.push({
        path: `${path}.guaranteedDevices`,
        value: shown(quota.guaranteedDevices),
        rule: "a guarantee is of devices of one pool",
        fix: "name the pool",
      });
    }
    if (quota.maxDevices !== undefined && quota.maxDevices < quota.guaranteedDevices) {
      const rule = `at least guaranteedDevices (${quota.guaranteedDevices})`;
      found.push({
        path: `${path}.maxDevices`,
        value: shown(quota.maxDevices),
        rule,
        fix: "raise it, or guarantee less",
      });
    }
    return found;
  });
}

function cohortViolations(snapshot: Snapshot, pools: readonly string[]): Violation[] {
  const byName = new Map(snapshot.cohorts.map((cohort) => [cohort.name, cohort]));
  const names = [...byName.keys()];
  return snapshot.cohorts.flatMap((cohort, c) => {
    const path = `cohorts[${c}]`;
    const found = [
      ...dangling(`${path}.parent`, cohort.parent, names, "cohort"),
      ...dangling(`${path}.pool`, cohort.pool, pools, "pool"),
    ];
    const passed = new Set<string>();
    let above = cohort.parent;
    while (above !== undefined && above !== cohort.name && !passed.has(above)) {
      passed.add(above);
      above = byName.get(above)?.parent;
    }
    if (above === cohort.name) {
      const rule = "cohorts form a tree: this one is its own ancestor";
      found.push({
        path: `${path}.parent`,
        value: shown(cohort.parent),
        rule,
        fix: "remove the parent of one of them",
      });
    }
    return found;
  });
}
