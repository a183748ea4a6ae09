import type { Plan } from "../plan/types.ts";
import type { Findings } from "./findings.ts";
import type { World } from "./world.ts";

/** What the plan says of one workload, by the world's indexes. */
export interface Counts {
  /** By variant; 0 where the plan gives no usable number. */
  replicas: Float64Array;
  /** Attainment that the plan reports, by workload; NaN where it does not. */
  reported: Float64Array;
  /** By variant, where the plan gives it: requests per second by type. */
  served: Map<number, Record<string, number>>;
}

/** Variants whose minimum a conflict of the plan excuses. */
function excusedVariants(plan: Plan): Set<string> {
  return new Set(plan.conflicts.filter((c) => c.rule === "MinReplicas").flatMap((c) => c.variants));
}

function checkCount(world: World, v: number, count: number, excused: Set<string>, findings: Findings): number {
  const name = () => world.variants.name(v);
  const min = world.variants.min[v]!;
  const max = world.variants.max[v]!;
  if (!Number.isInteger(count) || count < 0) {
    findings.add(`variants[${name()}].replicas`, "is no whole number of replicas", "integer >= 0", count);
    return 0;
  }
  if (count > max) findings.add(`variants[${name()}].replicas`, "is above maxReplicas", `<= ${max}`, count);
  if (count < min && !excused.has(name()))
    findings.add(`variants[${name()}].replicas`, "is below minReplicas, and no conflict names it", `>= ${min}`, count);
  return count;
}

/** Which names of one kind a plan has used: each must be of the problem, and stand once. */
class Once {
  private readonly kind: string;
  private readonly seen: Uint8Array;
  private readonly strangers = new Set<string>();
  private readonly findings: Findings;

  constructor(kind: string, size: number, findings: Findings) {
    this.kind = kind;
    this.seen = new Uint8Array(size);
    this.findings = findings;
  }

  /** `known`: the name stands where it belongs. */
  see(name: string, index: number | undefined, known: boolean): void {
    if (!known) this.findings.add(`${this.kind}[${name}]`, "is not in the problem", "a name of the problem", name);
    else if (index === undefined ? this.strangers.has(name) : this.seen[index] === 1)
      this.findings.add(`${this.kind}[${name}]`, "stands twice in the plan", 1, 2);
    if (index === undefined) this.strangers.add(name);
    else this.seen[index] = 1;
  }

  missing(nameOf: (index: number) => string): void {
    for (let i = 0; i < this.seen.length; i++)
      if (this.seen[i] === 0) this.findings.add(`${this.kind}[${nameOf(i)}]`, "is missing in the plan", 1, 0);
  }
}

/** A plan mostly names the variants of a workload under it: only strangers are looked up in the whole problem. */
function variantOf(world: World, m: number | undefined, name: string): number | undefined {
  if (m !== undefined) for (const i of world.workloads[m]!.variants) if (world.variants.name(i) === name) return i;
  return world.variantNamed(name);
}

/** Plans mostly name workloads in the order of the problem: `expected` is looked at first. */
function workloadOf(world: World, expected: number, name: string): number | undefined {
  return world.workloads[expected]?.name === name ? expected : world.workloadNamed(name);
}

/** Reads replicas by name: every workload and variant of the problem exactly once, whole numbers inside their bounds. */
export function readCounts(world: World, plan: Plan, findings: Findings): Counts {
  const counts: Counts = {
    replicas: new Float64Array(world.variants.length),
    reported: new Float64Array(world.workloads.length).fill(Number.NaN),
    served: new Map(),
  };
  const excused = excusedVariants(plan);
  const workloads = new Once("workloads", world.workloads.length, findings);
  const variants = new Once("variants", world.variants.length, findings);
  let last = -1;
  for (const w of plan.workloads) {
    const m = workloadOf(world, last + 1, w.name);
    last = m ?? last;
    workloads.see(w.name, m, m !== undefined);
    if (m !== undefined) counts.reported[m] = w.attainment;
    for (const v of w.variants) {
      const i = variantOf(world, m, v.name);
      variants.see(v.name, i, i !== undefined && world.variants.workload[i] === m);
      if (i === undefined) continue;
      counts.replicas[i] = checkCount(world, i, v.replicas, excused, findings);
      if (v.servedByType === undefined) counts.served.delete(i);
      else counts.served.set(i, v.servedByType);
    }
  }
  workloads.missing((m) => world.workloads[m]!.name);
  variants.missing((i) => world.variants.name(i));
  return counts;
}
