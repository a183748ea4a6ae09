import { COLUMNS, type Columns } from "../columns.ts";
import type { StageArrays } from "../stage-model.ts";
import type { Arena } from "./arena.ts";

/** Columns this many temperatures above a workload's cheapest weigh less than e^−35: they are left out. */
const WINDOW = 35;
/** Weights below this add nothing to gradients. */
const LEAST_WEIGHT = 1e-9;
/** e to this power is lost in the rounding of 1. */
const VANISHED = -37;

/** Lists of fewer workloads are gathered as a whole. */
const LEAST_LIST = 1024;
/** Into how many blocks others are cut: fixed, so that sums come out the same however many threads add them. */
const MOST_BLOCKS = 8;
/** Rows beyond which the Hessians of that many blocks would take longer to add than to fill. */
const MANY_ROWS = 256;

/** Blocks of a list of workloads. */
export function blocksOf(list: number, rows: number): number {
  if (list < LEAST_LIST) return 1;
  return rows > MANY_ROWS ? MOST_BLOCKS / 2 : MOST_BLOCKS;
}

/**
 * Memory of the selection of at most W workloads with L local rows. Block b of a list has its share of each array: workloads from its first
 * place in the list on, `rowsFrom[b]` local rows, and COLUMNS times that many columns and uses.
 */
export function selectionStore(model: StageArrays, arena: Arena) {
  const rows = model.capacity.length;
  const w = model.flat.workloads;
  const local = model.locRow.length;
  const blocks = blocksOf(w, rows);
  return {
    /** Temperature of each workload at τ = 1, in the unit of the objective. */
    scale: arena.floats(w),
    /** How many workloads each one stands for. */
    standsFor: arena.floats(w).fill(1),
    list: arena.ints(w),
    /** Blocks + 1: first place of each in the list. */
    from: arena.ints(MOST_BLOCKS + 1),
    rowsFrom: arena.ints(MOST_BLOCKS),
    /** By block: workloads with a choice. */
    active: arena.ints(MOST_BLOCKS),
    workload: arena.ints(w),
    /** By active workload: its columns, its local rows, and whether more than one column has weight. */
    columns: arena.ints(w),
    rowCount: arena.ints(w),
    mixed: arena.bytes(w),
    /** By gathered column: its objective, its weight at the last prices, which of its workload's it is. */
    objective: arena.floats(w * COLUMNS),
    weight: arena.floats(w * COLUMNS),
    column: arena.bytes(w * COLUMNS),
    localRow: arena.ints(local),
    uses: arena.floats(local * COLUMNS),
    /** By block: use and objective of the workloads with a single column. */
    baseUse: arena.floats(blocks * rows),
    baseObjective: arena.floats(blocks),
    value: arena.floats(blocks),
    gradient: arena.floats(blocks * rows),
    /** By row: its place among the rows that Newton moves; −1 where it stays. */
    place: arena.ints(rows),
    hessian: arena.floats(blocks * rows * rows),
  };
}
export type SelectionStore = ReturnType<typeof selectionStore>;

/** Work on blocks of the columns that matter near some prices. Each call touches its own block only: any thread can make it. */
export class Selection {
  readonly store: SelectionStore;
  private readonly known: Columns;
  private readonly rows: number;
  private readonly priced = new Float64Array(COLUMNS);
  /** Prices of the local rows of the workload at hand. */
  private readonly local: Float64Array;
  private readonly keptAt: Int32Array;
  private readonly mean: Float64Array;
  private readonly covariance: Float64Array;

  constructor(known: Columns, store: SelectionStore) {
    this.known = known;
    this.store = store;
    const { locStart, capacity, flat } = known.model;
    this.rows = capacity.length;
    let widest = 1;
    for (let m = 0; m < flat.workloads; m++) widest = Math.max(widest, locStart[m + 1]! - locStart[m]!);
    this.local = new Float64Array(widest);
    this.keptAt = new Int32Array(widest);
    this.mean = new Float64Array(widest);
    this.covariance = new Float64Array(widest * widest);
  }

  /** Gathers the columns of a block within reach of `prices` at temperature τ. */
  gather(block: number, prices: Float64Array, tau: number): void {
    const { store, known, priced, rows } = this;
    const { count } = known;
    const { list, scale, standsFor, baseUse } = store;
    const first = store.from[block]!;
    const end = store.from[block + 1]!;
    baseUse.fill(0, block * rows, (block + 1) * rows);
    let base = 0;
    let k = first;
    let n = first * COLUMNS;
    let row = store.rowsFrom[block]!;
    let use = row * COLUMNS;
    for (let i = first; i < end; i++) {
      const m = list[i]!;
      const all = count[m]!;
      if (all === 0) continue;
      const arg = known.priceAll(m, prices, priced);
      const most = priced[arg]! + WINDOW * tau * scale[m]!;
      const from = n;
      for (let c = 0; c < all; c++) if (priced[c]! <= most) store.column[n++] = c;
      if (n - from <= 1) {
        n = from;
        base += standsFor[m]! * known.objective[m * COLUMNS + arg]!;
        this.addToBase(block, m, arg);
        continue;
      }
      for (let c = from; c < n; c++) store.objective[c] = known.objective[m * COLUMNS + store.column[c]!]!;
      const kept = this.compact(block, m, from, n, row, use);
      store.workload[k] = m;
      store.columns[k] = n - from;
      store.rowCount[k++] = kept;
      row += kept;
      use += kept * (n - from);
    }
    store.baseObjective[block] = base;
    store.active[block] = k - first;
  }

  private addToBase(block: number, m: number, c: number): void {
    const { baseUse, standsFor } = this.store;
    const { use, model } = this.known;
    const l0 = model.locStart[m]!;
    const l = model.locStart[m + 1]! - l0;
    const to = block * this.rows;
    const times = standsFor[m]!;
    const u0 = l0 * COLUMNS + c * l;
    for (let i = 0; i < l; i++) {
      const r = to + model.locRow[l0 + i]!;
      baseUse[r] = baseUse[r]! + times * use[u0 + i]!;
    }
  }

  /** Copies the uses of the gathered columns from..to of m side by side; rows that all of them use alike go to the base. */
  private compact(block: number, m: number, from: number, to: number, row: number, write: number): number {
    const { store, keptAt } = this;
    const { use, model } = this.known;
    const { column, localRow, uses, baseUse } = store;
    const l0 = model.locStart[m]!;
    const l = model.locStart[m + 1]! - l0;
    const first = l0 * COLUMNS + column[from]! * l;
    let kept = 0;
    for (let i = 0; i < l; i++) {
      const u = use[first + i]!;
      let same = true;
      for (let c = from + 1; c < to && same; c++) same = use[l0 * COLUMNS + column[c]! * l + i] === u;
      const r = model.locRow[l0 + i]!;
      if (same) {
        if (u !== 0) baseUse[block * this.rows + r] = baseUse[block * this.rows + r]! + store.standsFor[m]! * u;
      } else {
        localRow[row + kept] = r;
        keptAt[kept++] = i;
      }
    }
    let at = write;
    for (let c = from; c < to; c++) {
      const u0 = l0 * COLUMNS + column[c]! * l;
      for (let i = 0; i < kept; i++) uses[at++] = use[u0 + keptAt[i]!]!;
    }
    return kept;
  }

  /** Smoothed value of a block and its share of the gradient; weights of its columns are kept for `curve`. */
  evaluate(block: number, prices: Float64Array, tau: number): void {
    const { store, rows, priced, local } = this;
    const { objective, weight, localRow, uses, gradient, scale, standsFor, columns, rowCount, workload, mixed } = store;
    const g0 = block * rows;
    let value = store.baseObjective[block]!;
    for (let r = 0; r < rows; r++) {
      const used = store.baseUse[g0 + r]!;
      value += prices[r]! * used;
      gradient[g0 + r] = used;
    }
    const first = store.from[block]!;
    const end = first + store.active[block]!;
    let c0 = first * COLUMNS;
    let l0 = store.rowsFrom[block]!;
    let u0 = l0 * COLUMNS;
    for (let k = first; k < end; k++) {
      const m = workload[k]!;
      const n = columns[k]!;
      const l = rowCount[k]!;
      const t = tau * scale[m]!;
      let least = Number.POSITIVE_INFINITY;
      for (let i = 0; i < l; i++) local[i] = prices[localRow[l0 + i]!]!;
      for (let c = 0, u = u0; c < n; c++) {
        let p = objective[c0 + c]!;
        for (let i = 0; i < l; i++) p += local[i]! * uses[u++]!;
        priced[c] = p;
        if (p < least) least = p;
      }
      let sum = 0;
      for (let c = 0; c < n; c++) {
        const e = (least - priced[c]!) / t;
        sum += priced[c] = e < VANISHED ? 0 : Math.exp(e);
      }
      const times = standsFor[m]!;
      value += times * (sum === 1 ? least : least - t * Math.log(sum));
      let single = 0;
      for (let c = 0, u = u0; c < n; c++, u += l) {
        const share = priced[c]! / sum;
        weight[c0 + c] = share;
        if (share < LEAST_WEIGHT) continue;
        if (share > 1 - LEAST_WEIGHT) single = 1;
        const part = times * share;
        for (let i = 0; i < l; i++) {
          const r = g0 + localRow[l0 + i]!;
          gradient[r] = gradient[r]! + part * uses[u + i]!;
        }
      }
      mixed[k] = 1 - single;
      c0 += n;
      l0 += l;
      u0 += n * l;
    }
    store.value[block] = value;
  }

  /**
   * Negated Hessian of a block at the prices of the last `evaluate` (lower triangle over the `size` rows that have a place): the covariances
   * of the uses over the temperature.
   */
  curve(block: number, tau: number, size: number): void {
    const { store, mean, covariance, keptAt } = this;
    const { weight, localRow, uses, scale, standsFor, columns, rowCount, workload, mixed, place, hessian } = store;
    const h0 = block * this.rows * this.rows;
    hessian.fill(0, h0, h0 + size * size);
    const first = store.from[block]!;
    const end = first + store.active[block]!;
    let c0 = first * COLUMNS;
    let l0 = store.rowsFrom[block]!;
    let u0 = l0 * COLUMNS;
    for (let k = first; k < end; k++) {
      const n = columns[k]!;
      const l = rowCount[k]!;
      if (mixed[k]) {
        let free = 0;
        for (let i = 0; i < l; i++) if (place[localRow[l0 + i]!]! >= 0) keptAt[free++] = i;
        for (let i = 0; i < free; i++) mean[i] = 0;
        for (let i = 0; i < free * free; i++) covariance[i] = 0;
        for (let c = 0, u = u0; c < n; c++, u += l) {
          const share = weight[c0 + c]!;
          if (share < LEAST_WEIGHT) continue;
          for (let i = 0; i < free; i++) mean[i] = mean[i]! + share * uses[u + keptAt[i]!]!;
        }
        for (let c = 0, u = u0; c < n; c++, u += l) {
          const share = weight[c0 + c]!;
          if (share < LEAST_WEIGHT) continue;
          for (let i = 0; i < free; i++) {
            const f = share * (uses[u + keptAt[i]!]! - mean[i]!);
            if (f === 0) continue;
            for (let j = 0; j <= i; j++)
              covariance[i * free + j] = covariance[i * free + j]! + f * (uses[u + keptAt[j]!]! - mean[j]!);
          }
        }
        const m = workload[k]!;
        const factor = standsFor[m]! / (tau * scale[m]!);
        for (let i = 0; i < free; i++) {
          const ri = place[localRow[l0 + keptAt[i]!]!]!;
          for (let j = 0; j <= i; j++) {
            const rj = place[localRow[l0 + keptAt[j]!]!]!;
            const at = h0 + (ri >= rj ? ri * size + rj : rj * size + ri);
            hessian[at] = hessian[at]! + factor * covariance[i * free + j]!;
          }
        }
      }
      c0 += n;
      l0 += l;
      u0 += n * l;
    }
  }
}
