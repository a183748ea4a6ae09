import { type LinearProgram, maximise } from "./simplex.ts";
import type { WorkloadFacts, World } from "./world.ts";

/** Columns of the split program: a, then y[variant][type] = fraction of the type's demand served by the variant. */
function splitProgram(world: World, w: WorkloadFacts, replicas: (v: number) => number): LinearProgram {
  const kinds = w.types.length;
  const lp: LinearProgram = { objective: [1], rows: [[{ at: 0, by: 1 }]], limits: [1] };
  const column = (i: number, t: number) => 1 + i * kinds + t;
  for (let i = 0; i < w.variants.length * kinds; i++) lp.objective.push(0);
  w.types.forEach((_, t) => {
    const servers = w.variants.flatMap((v, i) =>
      Number.isFinite(world.variants[v]!.replicasByType[t]!) ? [{ at: column(i, t), by: -1 }] : [],
    );
    lp.rows.push([{ at: 0, by: 1 }, ...servers]);
    lp.limits.push(0);
  });
  w.variants.forEach((v, i) => {
    const needs = world.variants[v]!.replicasByType;
    lp.rows.push(needs.flatMap((by, t) => (Number.isFinite(by) ? [{ at: column(i, t), by }] : [])));
    lp.limits.push(Math.max(0, replicas(v)));
  });
  return lp;
}

/** What a variant needs to serve all that it can serve of its workload: more replicas never add attainment. */
export function replicasToServeAll(world: World, variant: number): number {
  const v = world.variants[variant]!;
  if (world.workloads[v.workload]!.kind !== "types") return v.gain > 0 ? Math.ceil(1 / v.gain - 1e-9) : 0;
  return Math.ceil(v.replicasByType.reduce((sum, r) => (Number.isFinite(r) ? sum + r : sum), 0) - 1e-9);
}

/** a = min(1, served / demand), from the replicas of each variant of the world. */
export function attainmentOf(world: World, w: WorkloadFacts, replicas: (v: number) => number): number {
  if (w.kind === "idle") return 1;
  if (w.kind === "types") return Math.min(1, maximise(splitProgram(world, w, replicas)).value);
  let both = 0;
  let prefill = 0;
  let decode = 0;
  for (const i of w.variants) {
    const v = world.variants[i]!;
    const served = v.gain * replicas(i);
    if (v.role === "both") both += served;
    else if (v.role === "prefill") prefill += served;
    else decode += served;
  }
  return Math.min(1, both + Math.min(prefill, decode));
}

/** The attainment that the workload's own maxima allow, inventory aside. */
export function attainmentCap(world: World, w: WorkloadFacts): number {
  return attainmentOf(world, w, (v) => Math.min(world.variants[v]!.max, replicasToServeAll(world, v)));
}
