import { attainmentOf } from "./attainment.ts";
import type { Counts } from "./counts.ts";
import { closeTo, type Findings } from "./findings.ts";
import type { WorkloadFacts, World } from "./world.ts";

/** The split of request types is a witness: it keeps the mix at the reported attainment and fits into the replicas. */
function checkSplit(world: World, w: WorkloadFacts, counts: Counts, a: number, findings: Findings): void {
  const given = new Map(w.types.map((t) => [t.name, 0]));
  for (const i of w.variants) {
    const name = world.variants.name(i);
    const needs = world.variants.replicasByType(i);
    let load = 0;
    for (const [type, rate] of Object.entries(counts.served.get(i) ?? {})) {
      const t = w.types.findIndex((known) => known.name === type);
      if (t < 0) {
        if (rate !== 0) findings.add(`variants[${name}].servedByType`, "names a type without demand", 0, rate);
        continue;
      }
      if (!(rate >= -1e-9))
        findings.add(`variants[${name}].servedByType`, `serves less than nothing of ${type}`, ">= 0", rate);
      given.set(type, given.get(type)! + rate);
      if (rate !== 0) load += (rate / w.types[t]!.demand) * needs[t]!;
    }
    findings.atMost(`variants[${name}].servedByType`, "needs more replicas than there are", counts.replicas[i]!, load);
  }
  for (const t of w.types)
    if (!closeTo(given.get(t.name)! / t.demand, a))
      findings.add(
        `workloads[${w.name}]`,
        `the split of ${t.name} does not give the attainment`,
        a * t.demand,
        given.get(t.name)!,
      );
}

/** Recomputes every attainment from the counts and compares what the plan reports. Returns the recomputed ones, by workload. */
export function checkAttainments(world: World, counts: Counts, findings: Findings): Float64Array {
  const attainment = new Float64Array(world.workloads.length);
  const replicas = (v: number) => counts.replicas[v]!;
  for (let m = 0; m < attainment.length; m++) {
    const w = world.workloads[m]!;
    const a = attainmentOf(world, w, replicas);
    attainment[m] = a;
    const reported = counts.reported[m]!;
    if (!closeTo(a, reported))
      findings.add(`workloads[${w.name}].attainment`, "is not what the replicas serve", a, reported);
    if (w.kind === "types") checkSplit(world, w, counts, reported, findings);
  }
  return attainment;
}

/** Every row of pools, quotas and cohorts against the counts. Returns what is used, by row. */
export function checkRows(world: World, counts: Counts, findings: Findings): Float64Array {
  const used = new Float64Array(world.rows.length);
  for (let i = 0; i < world.variants.length; i++) {
    const x = counts.replicas[i]!;
    if (x === 0) continue;
    for (const { row, amount } of world.variants.uses[i]!) used[row] = used[row]! + amount * x;
  }
  world.rows.forEach((row, r) => {
    findings.atMost(row.key, "holds more than its capacity", row.capacity, used[r]!);
  });
  return used;
}
