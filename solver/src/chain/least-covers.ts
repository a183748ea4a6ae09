/** Attainments this close to a threshold reach it. */
const CLOSE = 2e-8;

/** Counts of one workload's variants in which no replica is more than `target` needs. */
export interface CoverBox {
  gain: number[];
  low: number[];
  high: number[];
}

/** Vectors ≥ low and ≤ high with Σ gain·x ≥ target of which none can drop a replica; undefined where there are more than `limit`. */
export function leastCovers(box: CoverBox, target: number, limit: number): number[][] | undefined {
  const { gain, low, high } = box;
  const enough = target - CLOSE;
  // what the variants from i on can add at most
  const rest = new Array<number>(gain.length + 1).fill(0);
  for (let i = gain.length - 1; i >= 0; i--) rest[i] = rest[i + 1]! + gain[i]! * high[i]!;
  const found: number[][] = [];
  const x = [...low];
  const isLeast = (sum: number) => gain.every((g, i) => x[i]! <= low[i]! || sum - g < enough);
  const base = low.map((_, i) => low.slice(i).reduce((sum, l, k) => sum + gain[i + k]! * l, 0));
  const visit = (i: number, sum: number): boolean => {
    const all = sum + (base[i] ?? 0);
    if (all >= enough) {
      for (let k = i; k < gain.length; k++) x[k] = low[k]!;
      if (isLeast(all)) found.push([...x]);
      return found.length <= limit;
    }
    if (i === gain.length || sum + rest[i]! < enough) return true;
    for (let c = low[i]!; c <= high[i]!; c++) {
      x[i] = c;
      const next = sum + c * gain[i]!;
      if (!visit(i + 1, next)) return false;
      if (next + (base[i + 1] ?? 0) >= enough) break;
    }
    return true;
  };
  return visit(0, 0) ? found : undefined;
}
