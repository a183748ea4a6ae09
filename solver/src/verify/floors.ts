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
  const { min } = world.variants;
  const missingReplicas = new Map<number, number>();
  const missingAttainment = new Map<number, number>();
  for (let m = 0; m < world.workloads.length; m++) {
    const w = world.workloads[m]!;
    let missing = 0;
    for (const i of w.variants) {
      const lack = min[i]! - replicas[i]!;
      if (lack > 0) missing += lack;
    }
    missingReplicas.set(w.priority, (missingReplicas.get(w.priority) ?? 0) + missing);
    const lack = promised[m]! - kept[m]!;
    missingAttainment.set(w.priority, (missingAttainment.get(w.priority) ?? 0) + (lack > 1e-7 ? lack : 0));
  }
  const leastReplicas = new Float64Array(replicas.length);
  const leastAttainment = new Float64Array(promised.length);
  for (let m = 0; m < promised.length; m++) {
    const { priority, variants } = world.workloads[m]!;
    const missing = missingReplicas.get(priority)!;
    for (const i of variants) leastReplicas[i] = Math.max(0, min[i]! - missing);
    leastAttainment[m] = Math.max(0, promised[m]! - missingAttainment.get(priority)!);
  }
  return { missingReplicas, missingAttainment, leastReplicas, leastAttainment };
}
