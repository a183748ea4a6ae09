import type { Conflict, Plan } from "../plan/types.ts";
import type { Findings } from "./findings.ts";
import type { Promises } from "./guarantees.ts";
import type { Measured } from "./stages.ts";

/** True where the plan really breaks something that the conflict names. */
function breaksSomething({ world, replicas }: Measured, promises: Promises, c: Conflict): boolean {
  if (c.rule === "MinReplicas")
    return c.variants.some((name) => {
      const i = world.variantNamed(name);
      return i !== undefined && replicas[i]! < world.variants.min[i]!;
    });
  return c.workloads.some((name) => {
    const m = world.workloadNamed(name);
    return m !== undefined && promises.floor[m]! < promises.promised[m]! - 1e-9;
  });
}

/** Conflicts name what is in the problem, ask for more than there is, and excuse only what the plan really breaks. */
export function checkConflicts(
  measured: Measured,
  promises: Promises,
  plan: Plan,
  proved: boolean,
  findings: Findings,
): void {
  const { world } = measured;
  const pools = new Set(world.pools.map((p) => p.name));
  plan.conflicts.forEach((c, i) => {
    const subject = `conflicts[${i}]`;
    for (const name of c.workloads)
      if (world.workloadNamed(name) === undefined)
        findings.add(subject, "names a workload that is not in the problem", "a workload", name);
    for (const name of c.variants)
      if (world.variantNamed(name) === undefined)
        findings.add(subject, "names a variant that is not in the problem", "a variant", name);
    if (c.pool !== "" && !pools.has(c.pool))
      findings.add(subject, "names a pool that is not in the problem", "a pool", c.pool);
    if (c.rule !== "MinReplicas" && c.rule !== "Guarantee")
      findings.add(subject, "has an unknown rule", "a rule", String(c.rule));
    else if (!breaksSomething(measured, promises, c))
      findings.add(subject, "excuses nothing: the plan keeps what it names", "a broken floor", "none");
    if (!(Number.isFinite(c.asked) && Number.isFinite(c.available)))
      findings.add(subject, "has no numbers", "finite", `${c.asked} of ${c.available}`);
  });
  const infeasible = plan.conflicts.length > 0;
  if (infeasible !== (plan.status === "infeasible"))
    findings.add(
      "status",
      "infeasible goes with conflicts",
      infeasible ? "infeasible" : "optimal or feasible",
      String(plan.status),
    );
  if (plan.status === "optimal" && !proved)
    findings.add("status", "is optimal, but a stage is not proved", "feasible", "optimal");
  if (!["optimal", "feasible", "infeasible"].includes(plan.status))
    findings.add("status", "is unknown", "optimal, feasible or infeasible", String(plan.status));
}
