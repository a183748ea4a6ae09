import { COLUMNS, type Columns } from "./columns.ts";
import { blocksOf, type Selection } from "./parallel/selection.ts";

/** Weights below this say nothing about where a workload wants to be. */
const TELLING = 0.01;

/** What a workload with a choice tends to at some prices. */
export interface Tendency {
  m: number;
  /** Its likeliest column, and that column's weight. */
  column: number;
  weight: number;
  /** Replicas by which its likely columns lie apart, at most. */
  spread: number;
}

/**
 * Visits the selected workloads with a choice, by what was last evaluated: `meanCounts` (by position) are the mean of the counts of the
 * likely columns.
 */
export function visitLikeliest(
  columns: Columns,
  { store }: Selection,
  listed: number,
  meanCounts: Float64Array,
  visit: (tendency: Tendency) => void,
): void {
  const { flat, capacity } = columns.model;
  const blocks = blocksOf(listed, capacity.length);
  for (let block = 0; block < blocks; block++) {
    const first = store.from[block]!;
    let c0 = first * COLUMNS;
    for (let k = first; k < first + store.active[block]!; k++) {
      const m = store.workload[k]!;
      const n = store.columns[k]!;
      const nv = flat.first[m + 1]! - flat.first[m]!;
      const x0 = flat.first[m]! * COLUMNS;
      let arg = 0;
      for (let c = 1; c < n; c++) if (store.weight[c0 + c]! > store.weight[c0 + arg]!) arg = c;
      let spread = 0;
      for (let i = 0; i < nv; i++) {
        let mean = 0;
        let low = Number.POSITIVE_INFINITY;
        let high = 0;
        for (let c = 0; c < n; c++) {
          const weight = store.weight[c0 + c]!;
          if (weight < TELLING) continue;
          const x = columns.x[x0 + store.column[c0 + c]! * nv + i]!;
          mean += weight * x;
          if (x < low) low = x;
          if (x > high) high = x;
        }
        meanCounts[i] = mean;
        spread = Math.max(spread, high - low);
      }
      visit({ m, column: store.column[c0 + arg]!, weight: store.weight[c0 + arg]!, spread });
      c0 += n;
    }
  }
}
