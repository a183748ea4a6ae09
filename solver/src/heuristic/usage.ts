import { fitsBeside } from "../model/beside.ts";
import type { Instance } from "../model/instance.ts";
import { packs } from "../model/packing.ts";

const SLACK = 1e-9;
/** Variants times nodes of all packings together: about a second. */
const PACKING_WORK = 2e7;

/** Replica counts with the rows they use; changes are checked and undone in place. */
export class Usage {
  readonly x: Float64Array;
  readonly used: Float64Array;
  private readonly instance: Instance;
  private readonly capacity: Float64Array;
  private packingWork = 0;

  /** `used`: by row, what `x` uses, where that is known. */
  constructor(instance: Instance, x?: ArrayLike<number>, used?: Float64Array) {
    this.instance = instance;
    this.x = x && used ? Float64Array.from(x) : new Float64Array(instance.variants.length);
    this.used = used ? used.slice() : new Float64Array(instance.rows.length);
    this.capacity = Float64Array.from(instance.rows, (row) => row.capacity);
    if (x && !used) for (let v = 0; v < this.x.length; v++) if (x[v] !== 0) this.add(v, x[v]!);
  }

  add(v: number, replicas: number): void {
    this.x[v] = this.x[v]! + replicas;
    for (const { row, coefficient } of this.instance.rowsOf[v]!)
      this.used[row] = this.used[row]! + coefficient * replicas;
  }

  /** The most replicas of v that the rows still hold on top of what is there. */
  room(v: number): number {
    let most = this.instance.variants[v]!.useful - this.x[v]!;
    for (const { row, coefficient } of this.instance.rowsOf[v]!) {
      if (most < 1) break;
      const free = this.capacity[row]! - this.used[row]!;
      most = Math.min(most, Math.floor(free / coefficient + SLACK));
    }
    return Math.max(0, most);
  }

  /** True where rows, box and packing hold so many more replicas of v. */
  holds(v: number, replicas: number): boolean {
    const { pool, useful } = this.instance.variants[v]!;
    if (this.x[v]! + replicas > useful) return false;
    for (const { row, coefficient } of this.instance.rowsOf[v]!)
      if (this.used[row]! + coefficient * replicas > this.limit(row)) return false;
    if (this.instance.pools[pool]!.rowsAreExact) return true;
    this.x[v] = this.x[v]! + replicas;
    const packed = this.packsPool(pool);
    this.x[v] = this.x[v]! - replicas;
    return packed;
  }

  private limit(row: number): number {
    const capacity = this.capacity[row]!;
    return capacity + SLACK * Math.max(1, capacity);
  }

  rowsHold(): boolean {
    return this.used.every((used, r) => used <= this.limit(r));
  }

  /** Pools whose packing is not decided by rows can be packed by the greedy packer. */
  packs(pools: Iterable<number>): boolean {
    for (const p of pools) if (!this.instance.pools[p]!.rowsAreExact && !this.packsPool(p)) return false;
    return true;
  }

  /** Packings that would take too much work in all are not tried: counts that need one then do not fit. */
  private packsPool(p: number): boolean {
    if (fitsBeside(this.instance, p, this.x)) return true;
    const { nodes, variants } = this.instance.pools[p]!;
    this.packingWork += variants.length * nodes.reduce((sum, node) => sum + node.count, 0);
    return this.packingWork <= PACKING_WORK && packs(this.instance, p, this.x);
  }

  /** Adds the replicas if rows, boxes and packings allow it; true where they do. */
  tryAdd(changes: readonly (readonly [variant: number, replicas: number])[]): boolean {
    for (const [v, k] of changes) this.add(v, k);
    const fits =
      changes.every(([v, k]) => k <= 0 || this.x[v]! <= this.instance.variants[v]!.useful) &&
      changes.every(([v]) => this.rowsOfHold(v)) &&
      this.packs(new Set(changes.map(([v]) => this.instance.variants[v]!.pool)));
    if (!fits) for (const [v, k] of changes) this.add(v, -k);
    return fits;
  }

  private rowsOfHold(v: number): boolean {
    for (const { row } of this.instance.rowsOf[v]!) if (this.used[row]! > this.limit(row)) return false;
    return true;
  }
}

/** True where counts fit rows and packings (by the greedy packer). */
export function fits(instance: Instance, x: ArrayLike<number>): boolean {
  const usage = new Usage(instance, x);
  return usage.rowsHold() && usage.packs(instance.pools.keys());
}
