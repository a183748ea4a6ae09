/**
 * A mixed-integer linear program: minimise or maximise offset + Σ cost·x subject to rowLower ≤ A·x ≤ rowUpper, colLower ≤ x ≤ colUpper.
 * Rows are stored one after another (compressed sparse rows). Plain arrays: it is posted to a worker as it is.
 */
export interface Milp {
  maximise: boolean;
  /** Constant of the objective: relative gaps are of the whole. */
  offset: number;
  cost: number[];
  colLower: number[];
  colUpper: number[];
  integer: boolean[];
  rowLower: number[];
  rowUpper: number[];
  starts: number[];
  indices: number[];
  values: number[];
}

export type Term = readonly [column: number, value: number];

/** Builds a `Milp` column by column and row by row. */
export class MilpBuilder {
  readonly milp: Milp = {
    maximise: false,
    offset: 0,
    cost: [],
    colLower: [],
    colUpper: [],
    integer: [],
    rowLower: [],
    rowUpper: [],
    starts: [],
    indices: [],
    values: [],
  };

  column(lower: number, upper: number, integer = false): number {
    const m = this.milp;
    m.cost.push(0);
    m.colLower.push(lower);
    m.colUpper.push(upper);
    m.integer.push(integer);
    return m.cost.length - 1;
  }

  row(lower: number, upper: number, terms: readonly Term[]): number {
    const m = this.milp;
    m.rowLower.push(lower);
    m.rowUpper.push(upper);
    m.starts.push(m.indices.length);
    for (const [column, value] of terms) {
      if (value === 0) continue;
      m.indices.push(column);
      m.values.push(value);
    }
    return m.rowLower.length - 1;
  }

  addCost(column: number, cost: number): void {
    this.milp.cost[column] = this.milp.cost[column]! + cost;
  }
}

/** `bound`: no solution is better (in the sense of the objective). `values` absent: no solution was found. */
export interface MilpAnswer {
  status: "optimal" | "infeasible" | "stopped";
  values?: Float64Array;
  objective: number;
  bound: number;
  /** Of linear programs only: dual values of the rows, in the sense of the objective. */
  rowDuals?: Float64Array;
}

export interface SparseStart {
  indices: number[];
  values: number[];
}

export interface MilpLimits {
  timeLimitMs: number;
  /** Relative gap at which the search may end. */
  gap: number;
  /** Nodes of the search tree after which it ends with what it has: work, not time, so that a run can be repeated. */
  nodeLimit?: number | undefined;
  /** How far integer columns and rows may be off while it searches; default 1e-7. Below that, bounds are not rounded to what whole columns allow. */
  tolerance?: number | undefined;
  signal?: AbortSignal | undefined;
  /** A start: values of all columns or of some. */
  start?: SparseStart | undefined;
  onProgress?: ((incumbent: number, bound: number) => void) | undefined;
}

/** A mixed-integer engine: the chain of stages runs on any of them. */
export interface MilpBackend {
  readonly name: string;
  /** Problems of more variants are not given to it. */
  readonly columnLimit?: number;
  solve(milp: Milp, limits: MilpLimits): Promise<MilpAnswer>;
}
