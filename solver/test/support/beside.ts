import type { PlacementProblem } from "../../src/index.ts";

/** The problem with a prefix to all its names: pools, tenants, cohorts, workloads, variants. */
function renamed(problem: PlacementProblem, prefix: string): PlacementProblem {
  const name = <T extends string | undefined>(text: T) => (text === undefined ? text : `${prefix}${text}`) as T;
  return {
    ...problem,
    pools: problem.pools.map((p) =>
      p.nodes
        ? {
            ...p,
            name: name(p.name),
            nodes: p.nodes.map((n) => ({
              ...n,
              holds: Object.fromEntries(Object.entries(n.holds).map(([v, count]) => [name(v), count])),
            })),
          }
        : { ...p, name: name(p.name) },
    ),
    quotas: problem.quotas.map((q) => ({
      ...q,
      tenant: name(q.tenant),
      ...(q.pool === undefined ? {} : { pool: name(q.pool) }),
      ...(q.cohort === undefined ? {} : { cohort: name(q.cohort) }),
    })),
    cohorts: problem.cohorts.map((c) => ({
      ...c,
      name: name(c.name),
      ...(c.parent === undefined ? {} : { parent: name(c.parent) }),
    })),
    workloads: problem.workloads.map((w) => ({
      ...w,
      name: name(w.name),
      ...(w.tenant === undefined ? {} : { tenant: name(w.tenant) }),
      variants: w.variants.map((v) => ({ ...v, name: name(v.name), pool: name(v.pool) })),
    })),
  };
}

/** Problems side by side, of which none takes anything from another. Objective and rules are those of the first. */
export function beside(...problems: PlacementProblem[]): PlacementProblem {
  const parts = problems.map((p, i) => renamed(p, `p${i}-`));
  return {
    ...parts[0]!,
    pools: parts.flatMap((p) => p.pools),
    quotas: parts.flatMap((p) => p.quotas),
    cohorts: parts.flatMap((p) => p.cohorts),
    workloads: parts.flatMap((p) => p.workloads),
  };
}
