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
      Number.isFinite(world.variants.replicasByType(v)[t]!) ? [{ at: column(i, t), by: -1 }] : [],
    );
    lp.rows.push([{ at: 0, by: 1 }, ...servers]);
    lp.limits.push(0);
  });
  w.variants.forEach((v, i) => {
    const needs = world.variants.replicasByType(v);
    lp.rows.push(needs.flatMap((by, t) => (Number.isFinite(by) ? [{ at: column(i, t), by }] : [])));
    lp.limits.push(Math.max(0, replicas(v)));
  });
  return lp;
}

/** What a variant needs to serve all that it can serve of its workload: more replicas never add attainment. */
export function replicasToServeAll(world: World, variant: number): number {
  const { variants, workloads } = world;
  const gain = variants.gain[variant]!;
  if (gain > 0) return Math.ceil(1 / gain - 1e-9);
  if (workloads[variants.workload[variant]!]!.kind !== "types") return 0;
  const needs = variants.replicasByType(variant);
  return Math.ceil(needs.reduce((sum, r) => (Number.isFinite(r) ? sum + r : sum), 0) - 1e-9);
}

/** a = min(1, served / demand), from the replicas of each variant of the world. */
export function attainmentOf(world: World, w: WorkloadFacts, replicas: (v: number) => number): number {
  if (w.kind === "idle") return 1;
  if (w.kind === "types") return Math.min(1, maximise(splitProgram(world, w, replicas)).value);
  const { gain, given } = world.variants;
  let both = 0;
  let prefill = 0;
  let decode = 0;
  for (const i of w.variants) {
    const served = gain[i]! * replicas(i);
    const role = w.kind === "plain" ? "both" : given[i]!.role;
    if (role === "both") both += served;
    else if (role === "prefill") prefill += served;
    else decode += served;
  }
  return Math.min(1, both + Math.min(prefill, decode));
}

/** The attainment that the workload's own maxima allow, inventory aside. */
export function attainmentCap(world: World, w: WorkloadFacts): number {
  return attainmentOf(world, w, (v) => Math.min(world.variants.max[v]!, replicasToServeAll(world, v)));
}
