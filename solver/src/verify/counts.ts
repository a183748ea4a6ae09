import type { Plan } from "../plan/types.ts";
import type { Findings } from "./findings.ts";
import type { World } from "./world.ts";

/** What the plan says of one workload, by the world's indexes. */
export interface Counts {
  /** By variant; 0 where the plan gives no usable number. */
  replicas: Float64Array;
  /** Attainment that the plan reports, by workload; NaN where it does not. */
  reported: Float64Array;
  /** By variant: requests per second by type. */
  served: (Record<string, number> | undefined)[];
}

/** Variants whose minimum a conflict of the plan excuses. */
function excusedVariants(plan: Plan): Set<string> {
  return new Set(plan.conflicts.filter((c) => c.rule === "MinReplicas").flatMap((c) => c.variants));
}

function checkCount(world: World, v: number, count: number, excused: boolean, findings: Findings): number {
  const facts = world.variants[v]!;
  const subject = `variants[${facts.name}].replicas`;
  if (!Number.isInteger(count) || count < 0) {
    findings.add(subject, "is no whole number of replicas", "integer >= 0", count);
    return 0;
  }
  if (count > facts.max) findings.add(subject, "is above maxReplicas", `<= ${facts.max}`, count);
  if (count < facts.min && !excused)
    findings.add(subject, "is below minReplicas, and no conflict names it", `>= ${facts.min}`, count);
  return count;
}

/** Reads replicas by name: every workload and variant of the problem exactly once, whole numbers inside their bounds. */
export function readCounts(world: World, plan: Plan, findings: Findings): Counts {
  const counts: Counts = {
    replicas: new Float64Array(world.variants.length),
    reported: new Float64Array(world.workloads.length).fill(Number.NaN),
    served: world.variants.map(() => undefined),
  };
  const excused = excusedVariants(plan);
  const seen = new Set<string>();
  const once = (kind: string, name: string, known: boolean) => {
    const subject = `${kind}[${name}]`;
    if (!known) findings.add(subject, "is not in the problem", "a name of the problem", name);
    else if (seen.has(subject)) findings.add(subject, "stands twice in the plan", 1, 2);
    seen.add(subject);
  };
  for (const w of plan.workloads) {
    const m = world.workloadIndex.get(w.name);
    once("workloads", w.name, m !== undefined);
    if (m !== undefined) counts.reported[m] = w.attainment;
    for (const v of w.variants) {
      const i = world.variantIndex.get(v.name);
      once("variants", v.name, i !== undefined && world.variants[i]!.workload === m);
      if (i === undefined) continue;
      counts.replicas[i] = checkCount(world, i, v.replicas, excused.has(v.name), findings);
      counts.served[i] = v.servedByType;
    }
  }
  for (const w of world.workloads)
    if (!seen.has(`workloads[${w.name}]`)) findings.add(`workloads[${w.name}]`, "is missing in the plan", 1, 0);
  for (const v of world.variants)
    if (!seen.has(`variants[${v.name}]`)) findings.add(`variants[${v.name}]`, "is missing in the plan", 1, 0);
  return counts;
}
