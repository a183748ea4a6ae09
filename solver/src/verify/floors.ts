import type { World } from "./world.ts";

/** Floors of a plan: what each class misses to them, by priority, and what every plan that misses no more must keep. */
export interface Floors {
  /** Replicas that miss to minReplicas. */
  missingReplicas: Map<number, number>;
  /** Attainment that misses to what guarantees promise. */
  missingAttainment: Map<number, number>;
  /** By variant: replicas that any plan keeps whose class misses no more. */
  leastReplicas: Float64Array;
  /** By workload, the same for attainments. */
  leastAttainment: Float64Array;
}

/** Later stages keep how much a class misses, not whose floor it is: any one of the class may miss all of it. */
export function floorsOf(world: World, replicas: Float64Array, promised: Float64Array, kept: Float64Array): Floors {
  const missingReplicas = new Map<number, number>();
  const missingAttainment = new Map<number, number>();
  world.workloads.forEach((w, m) => {
    let missing = missingReplicas.get(w.priority) ?? 0;
    for (const i of w.variants) missing += Math.max(0, world.variants[i]!.min - replicas[i]!);
    missingReplicas.set(w.priority, missing);
    const lack = promised[m]! - kept[m]!;
    missingAttainment.set(w.priority, (missingAttainment.get(w.priority) ?? 0) + (lack > 1e-7 ? lack : 0));
  });
  return {
    missingReplicas,
    missingAttainment,
    leastReplicas: Float64Array.from(world.variants, (v) =>
      Math.max(0, v.min - missingReplicas.get(world.workloads[v.workload]!.priority)!),
    ),
    leastAttainment: Float64Array.from(world.workloads, (w, m) =>
      Math.max(0, promised[m]! - missingAttainment.get(w.priority)!),
    ),
  };
}
