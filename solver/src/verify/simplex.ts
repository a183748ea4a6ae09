/** Pivots before the answer found so far is taken; far above what the few columns of one workload need. */
const MOST_PIVOTS = 5000;
/** From here on Bland's rule, which cannot cycle. */
const PATIENT_PIVOTS = 500;
const EPSILON = 1e-10;

/** maximise objective·z subject to rows·z ≤ limits, z ≥ 0, with limits ≥ 0 (so that z = 0 is feasible). */
export interface LinearProgram {
  objective: number[];
  rows: { at: number; by: number }[][];
  limits: number[];
}

function enteringColumn(costs: Float64Array, columns: number, first: boolean): number {
  let best = -1;
  let most = EPSILON;
  for (let j = 0; j < columns; j++) {
    if (costs[j]! <= most) continue;
    best = j;
    if (first) return best;
    most = costs[j]!;
  }
  return best;
}

function leavingRow(table: Float64Array[], width: number, column: number, basis: number[]): number {
  let best = -1;
  let least = Number.POSITIVE_INFINITY;
  table.forEach((row, i) => {
    const pivot = row[column]!;
    if (pivot <= EPSILON) return;
    const ratio = row[width]! / pivot;
    if (ratio < least - 1e-12 || (ratio <= least + 1e-12 && best >= 0 && basis[i]! < basis[best]!)) {
      least = Math.min(least, ratio);
      best = i;
    }
  });
  return best;
}

function eliminate(row: Float64Array, pivotRow: Float64Array, column: number): void {
  const factor = row[column]!;
  if (factor === 0) return;
  for (let j = 0; j < row.length; j++) row[j] = row[j]! - factor * pivotRow[j]!;
  row[column] = 0;
}

/**
 * Dense primal simplex on the slack basis (Dantzig's rule, then Bland's). Small programs only: rows × (columns + rows) numbers.
 * `solved` is false where the pivots ran out or the program is unbounded; `z` is feasible all the same.
 */
export function maximise(lp: LinearProgram): { value: number; z: Float64Array; solved: boolean } {
  const n = lp.objective.length;
  const width = n + lp.rows.length;
  const table = lp.rows.map((terms, i) => {
    const row = new Float64Array(width + 1);
    for (const { at, by } of terms) row[at] = row[at]! + by;
    row[n + i] = 1;
    row[width] = lp.limits[i]!;
    return row;
  });
  const costs = new Float64Array(width + 1);
  costs.set(lp.objective);
  const basis = table.map((_, i) => n + i);
  let solved = false;
  for (let pivots = 0; pivots < MOST_PIVOTS; pivots++) {
    const column = enteringColumn(costs, width, pivots >= PATIENT_PIVOTS);
    if (column < 0) {
      solved = true;
      break;
    }
    const at = leavingRow(table, width, column, basis);
    if (at < 0) break;
    const pivotRow = table[at]!;
    const pivot = pivotRow[column]!;
    for (let j = 0; j <= width; j++) pivotRow[j] = pivotRow[j]! / pivot;
    table.forEach((row, i) => {
      if (i !== at) eliminate(row, pivotRow, column);
    });
    eliminate(costs, pivotRow, column);
    basis[at] = column;
  }
  const z = new Float64Array(n);
  basis.forEach((column, i) => {
    if (column < n) z[column] = table[i]![width]!;
  });
  const value = lp.objective.reduce((sum, c, j) => sum + c * z[j]!, 0);
  return { value, z, solved };
}
