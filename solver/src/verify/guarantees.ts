import type { VerifyReport } from "../api.ts";
import type { GuaranteeReport, Plan } from "../plan/types.ts";
import type { PlacementProblem } from "../problem/types.ts";
import type { Findings } from "./findings.ts";
import { leastReaching } from "./goals.ts";
import type { World } from "./world.ts";

/** What guarantees promise and what the plan says it keeps of it, by workload. */
export interface Promises {
  promised: Float64Array;
  floor: Float64Array;
}

/** A tenant alone with its guaranteed devices, as bags; its own maxima, nobody else, nothing guaranteed. */
function aloneWith(problem: PlacementProblem, tenant: string): PlacementProblem {
  const own = problem.quotas.filter((q) => q.tenant === tenant);
  const guaranteed = (pool: string) => own.reduce((sum, q) => (q.pool === pool ? sum + q.guaranteedDevices : sum), 0);
  return {
    ...problem,
    objective: "lexicographic",
    pools: problem.pools.map((p) => ({ name: p.name, devices: guaranteed(p.name) })),
    quotas: own.map(({ cohort: _, ...q }) => ({ ...q, guaranteedDevices: 0 })),
    cohorts: [],
    workloads: problem.workloads.filter((w) => w.tenant === tenant),
  };
}

function checkFloors(
  world: World,
  g: GuaranteeReport,
  broken: Set<string>,
  promises: Promises,
  findings: Findings,
): void {
  const floors = new Map(g.floors.map((f) => [f.workload, f.attainment]));
  const promised = new Map(g.plan.workloads.map((w) => [w.name, w.attainment]));
  world.workloads.forEach((w, m) => {
    if (w.tenant !== g.tenant || w.kind === "idle") return;
    const subject = `guarantees[${g.tenant}].floors[${w.name}]`;
    const full = promised.get(w.name) ?? 0;
    const floor = floors.get(w.name);
    promises.promised[m] = full;
    if (floor === undefined) findings.add(subject, "is missing", full, "none");
    else if (!broken.has(w.name))
      findings.near(subject, "is not what the tenant gets alone, and no conflict names it", full, floor);
    else findings.atMost(subject, "is more than the tenant gets alone", full, floor);
    promises.floor[m] = Math.max(0, floor ?? full) || 0;
  });
  for (const name of floors.keys())
    if (world.workloads[world.workloadNamed(name) ?? -1]?.tenant !== g.tenant)
      findings.add(`guarantees[${g.tenant}].floors[${name}]`, "is no workload of the tenant", g.tenant, name);
}

/**
 * Guarantees: for each tenant that has one, the certified plan of what it would get alone, checked like any other by `verifyAlone`,
 * and floors at its attainments, less what conflicts broke.
 */
export function checkGuarantees(
  world: World,
  plan: Plan,
  attainment: Float64Array,
  verifyAlone: (problem: PlacementProblem, plan: Plan) => VerifyReport,
  findings: Findings,
): Promises & { bounds: VerifyReport["bounds"] } {
  const n = world.workloads.length;
  const promises: Promises = { promised: new Float64Array(n), floor: new Float64Array(n) };
  const bounds: VerifyReport["bounds"] = [];
  const inUse = new Set(world.workloads.map((w) => w.tenant));
  const tenants = new Set(
    world.problem.quotas.filter((q) => q.guaranteedDevices > 0 && inUse.has(q.tenant)).map((q) => q.tenant),
  );
  const broken = new Set(plan.conflicts.filter((c) => c.rule === "Guarantee").flatMap((c) => c.workloads));
  for (const g of plan.guarantees) {
    const subject = `guarantees[${g.tenant}]`;
    if (!tenants.delete(g.tenant)) {
      findings.add(subject, "has no guarantee in the problem, or stands twice", "a tenant once", g.tenant);
      continue;
    }
    const report = verifyAlone(aloneWith(world.problem, g.tenant), g.plan);
    findings.include(subject, report.findings);
    for (const b of report.bounds) bounds.push({ ...b, stage: `${subject}/${b.stage}` });
    if (plan.status === "optimal" && g.plan.status === "feasible")
      findings.add("status", `is optimal, but the plan of ${g.tenant} alone is not proved`, "feasible", "optimal");
    checkFloors(world, g, broken, promises, findings);
  }
  for (const tenant of tenants) findings.add(`guarantees[${tenant}]`, "is missing in the plan", 1, 0);
  world.workloads.forEach((w, m) => {
    if (!(attainment[m]! >= leastReaching(promises.floor[m]!)))
      findings.add(
        `workloads[${w.name}].attainment`,
        "is below the floor of its guarantee",
        promises.floor[m]!,
        attainment[m]!,
      );
  });
  return { ...promises, bounds };
}
