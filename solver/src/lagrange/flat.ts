import type { Instance, VariantModel } from "../model/instance.ts";
import type { Role } from "../problem/types.ts";
import { Arena } from "./parallel/arena.ts";

/** Kinds of workloads as numbers. */
export const KIND = { idle: 0, plain: 1, lanes: 2, types: 3 } as const;

/** Roles of variants as numbers. */
export const ROLE: Record<Role, number> = { both: 0, prefill: 1, decode: 2 };

/**
 * The instance as flat arrays: W workloads, n variants (those of one workload stand together), R capacity rows. Does not change from
 * stage to stage.
 */
export interface Flat extends FlatArrays {
  instance: Instance;
}

/** What of it other threads can see: numbers. */
export interface FlatArrays {
  /** True where the arrays lie in memory that threads share. */
  shared: boolean;
  workloads: number;
  variants: number;
  rows: number;
  /** W+1: variants of m are first[m] … first[m+1]−1. */
  first: Int32Array;
  kind: Uint8Array;
  cls: Int32Array;
  /** By variant. */
  gain: Float64Array;
  role: Uint8Array;
  cost: Float64Array;
  startCost: Float64Array;
  current: Float64Array;
  most: Float64Array;
  /** n+1: rows of v are useRow[useStart[v]] …, with what one replica uses. */
  useStart: Int32Array;
  useRow: Int32Array;
  useAmount: Float64Array;
  capacity: Float64Array;
  /** W+1: rows that any variant of m uses, rising. */
  ownStart: Int32Array;
  ownRow: Int32Array;
  /** As useRow, but the position in the workload's own rows. */
  useOwn: Int32Array;
  /** Largest number of variants of one workload. */
  widest: number;
}

/** Rows of each workload, rising, and where each use stands among them. */
function ownRows(flat: Pick<Flat, "workloads" | "first" | "useStart" | "useRow" | "rows">) {
  const ownStart = new Int32Array(flat.workloads + 1);
  const useOwn = new Int32Array(flat.useRow.length);
  const position = new Int32Array(flat.rows).fill(-1);
  const ownRow: number[] = [];
  const mine: number[] = [];
  for (let m = 0; m < flat.workloads; m++) {
    mine.length = 0;
    const from = flat.useStart[flat.first[m]!]!;
    const to = flat.useStart[flat.first[m + 1]!]!;
    for (let u = from; u < to; u++)
      if (position[flat.useRow[u]!] === -1) {
        position[flat.useRow[u]!] = 0;
        mine.push(flat.useRow[u]!);
      }
    mine.sort((a, b) => a - b);
    for (let i = 0; i < mine.length; i++) position[mine[i]!] = i;
    for (let u = from; u < to; u++) useOwn[u] = position[flat.useRow[u]!]!;
    for (let i = 0; i < mine.length; i++) {
      position[mine[i]!] = -1;
      ownRow.push(mine[i]!);
    }
    ownStart[m + 1] = ownRow.length;
  }
  return { ownStart, ownRow: Int32Array.from(ownRow), useOwn };
}

/** `shared`: in memory that threads share. */
export function flatten(instance: Instance, shared = false): Flat {
  const { workloads, variants, rows, rowsOf } = instance;
  const n = variants.length;
  const first = new Int32Array(workloads.length + 1);
  let widest = 1;
  for (let m = 0; m < workloads.length; m++) {
    const own = workloads[m]!.variants.length;
    first[m + 1] = first[m]! + own;
    widest = Math.max(widest, own);
  }
  const useStart = new Int32Array(n + 1);
  for (let v = 0; v < n; v++) useStart[v + 1] = useStart[v]! + rowsOf[v]!.length;
  const useRow = new Int32Array(useStart[n]!);
  const useAmount = new Float64Array(useStart[n]!);
  let u = 0;
  for (let v = 0; v < n; v++)
    for (const { row, coefficient } of rowsOf[v]!) {
      useRow[u] = row;
      useAmount[u++] = coefficient;
    }
  const column = (of: (v: VariantModel) => number) => {
    const values = new Float64Array(n);
    for (let v = 0; v < n; v++) values[v] = of(variants[v]!);
    return values;
  };
  const base = {
    instance,
    shared,
    workloads: workloads.length,
    variants: n,
    rows: rows.length,
    first,
    kind: Uint8Array.from(workloads, (w) => KIND[w.kind]),
    cls: Int32Array.from(workloads, (w) => w.cls),
    gain: column((v) => v.gain),
    role: Uint8Array.from(variants, (v) => ROLE[v.role]),
    cost: column((v) => v.cost),
    startCost: column((v) => v.startCost),
    current: column((v) => v.current),
    most: column((v) => v.useful),
    useStart,
    useRow,
    useAmount,
    capacity: Float64Array.from(rows, (r) => r.capacity),
    widest,
  };
  const flat = { ...base, ...ownRows(base) };
  return shared ? new Arena(true).copy(flat) : flat;
}
