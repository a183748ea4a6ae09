import { replicasToServeAll } from "./attainment.ts";
import type { World } from "./world.ts";

/** Whole replicas that a plan can have of each variant. */
export interface Bounds {
  low: Float64Array;
  high: Float64Array;
  /** Of those above `low`: how many are no more than run today, so that they start free of start cost. */
  cheap: Float64Array;
  /** Replicas of `low` that must be started. */
  started: Float64Array;
  /** Attainment of one replica: here, since every stage reads it again. */
  gain: Float64Array;
  /** By workload, where it is plain: attainment of all that the boxes hold. */
  mostAttained: Float64Array;
}

/**
 * The box of each variant. Above: its maximum, what any one row holds, and what serves all demand alone; the rows hold in every
 * plan, and a replica past full attainment only costs. Below: what the floors of its class leave.
 */
export function readBounds(world: World, leastReplicas: Float64Array): Bounds {
  const { variants, rows } = world;
  const n = variants.length;
  const bounds: Bounds = {
    low: leastReplicas,
    high: new Float64Array(n),
    cheap: new Float64Array(n),
    started: new Float64Array(n),
    gain: variants.gain,
    mostAttained: new Float64Array(world.workloads.length),
  };
  for (let i = 0; i < n; i++) {
    const m = variants.workload[i]!;
    const current = variants.current[i]!;
    let high = Math.min(variants.max[i]!, replicasToServeAll(world, i));
    for (const { row, amount } of variants.uses[i]!)
      high = Math.min(high, Math.floor(rows[row]!.capacity / amount + 1e-9));
    const low = leastReplicas[i]!;
    high = Math.max(low, high);
    bounds.high[i] = high;
    bounds.cheap[i] = Math.max(0, Math.min(high, current) - low);
    bounds.started[i] = Math.max(0, low - current);
    bounds.mostAttained[m] = Math.min(1, bounds.mostAttained[m]! + variants.gain[i]! * high);
  }
  return bounds;
}
