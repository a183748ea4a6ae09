import type { StageArrays } from "./stage-model.ts";

/** Problems of fewer workloads are priced as a whole from the start. */
const SAMPLE_FROM = 4000;
/** Workloads of a sample, or that share of all, and how many more for each row that they are to price. */
const SAMPLE_SIZE = 2500;
const SAMPLE_SHARE = 0.05;
const SAMPLE_PER_ROW = 20;
/** The least that a sample must have: where that is more than half of the workloads, all are priced. */
const LEAST_SIZE = 1000;
/** Of the chances to be sampled, what is shared out evenly; the rest goes by size. */
const EVEN_SHARE = 0.5;

/** Some workloads that stand for all of them. */
export interface Sample {
  list: Int32Array;
  /** By workload: for how many it stands, 1 over its chance. */
  standsFor: Float64Array;
}

/** What full service of a workload takes of the rows, by its most frugal variant: a sum of shares of their capacities. */
function sizeOf({ flat, capacity }: StageArrays, m: number): number {
  let least = Number.POSITIVE_INFINITY;
  for (let v = flat.first[m]!; v < flat.first[m + 1]!; v++) {
    if (flat.gain[v]! <= 0) continue;
    let sum = 0;
    for (let u = flat.useStart[v]!; u < flat.useStart[v + 1]!; u++)
      sum += flat.useAmount[u]! / Math.max(1, capacity[flat.useRow[u]!]!);
    least = Math.min(least, sum / flat.gain[v]!);
  }
  return Number.isFinite(least) ? least : 0;
}

/**
 * A systematic sample by size (Madow 1949): the largest workloads are all in it, each of the others stands for those that are not.
 * Undefined where there are too few workloads for it to be worth while. Takes no chance: the same stage gives the same sample.
 */
export function sampleOf(model: StageArrays): Sample | undefined {
  const w = model.flat.workloads;
  const forRows = SAMPLE_PER_ROW * model.capacity.length;
  if (w < SAMPLE_FROM || LEAST_SIZE + forRows > w / 2) return undefined;
  const wanted = Math.min(w / 2, Math.max(SAMPLE_SIZE, SAMPLE_SHARE * w) + forRows);
  const size = new Float64Array(w);
  let total = 0;
  for (let m = 0; m < w; m++) total += size[m] = sizeOf(model, m);
  const list: number[] = [];
  const standsFor = new Float64Array(w).fill(1);
  let sum = 0.5;
  for (let m = 0; m < w; m++) {
    const chance = Math.min(1, wanted * (EVEN_SHARE / w + ((1 - EVEN_SHARE) * size[m]!) / Math.max(total, 1e-300)));
    sum += chance;
    if (sum < 1) continue;
    sum -= 1;
    list.push(m);
    standsFor[m] = 1 / chance;
  }
  return { list: Int32Array.from(list), standsFor };
}
