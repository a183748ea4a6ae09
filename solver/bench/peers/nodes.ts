import type { Pool } from "../../src/problem/types.ts";

/** Free devices of a pool, node by node; replicas go where least is left over, as a scheduler that packs would place them. */
export class Nodes {
  /** Nodes by free devices. A bag of devices is one node. */
  private readonly free = new Map<number, number>();

  constructor(pool: Pool) {
    for (const row of pool.nodes ?? [{ freeDevices: pool.devices ?? 0, count: 1 }])
      this.add(row.freeDevices, row.count);
  }

  private add(free: number, count: number): void {
    const nodes = (this.free.get(free) ?? 0) + count;
    if (nodes === 0) this.free.delete(free);
    else this.free.set(free, nodes);
  }

  /** Node sizes that can hold a replica, the smallest first. */
  private holding(size: number): number[] {
    return [...this.free.keys()].filter((f) => f >= size).sort((a, b) => a - b);
  }

  /** How many replicas of a size still fit. */
  room(size: number): number {
    let room = 0;
    for (const [free, count] of this.free) room += count * Math.floor(free / size);
    return room;
  }

  /** Places that many replicas, which must fit. */
  take(size: number, replicas: number): void {
    let left = replicas;
    for (const free of this.holding(size)) {
      const each = Math.floor(free / size);
      const full = Math.min(this.free.get(free)!, Math.floor(left / each));
      this.add(free, -full);
      this.add(free - each * size, full);
      left -= full * each;
      if (left > 0 && left < each && this.free.has(free)) {
        this.add(free, -1);
        this.add(free - left * size, 1);
        left = 0;
      }
      if (left === 0) return;
    }
    if (left > 0) throw new Error(`${left} of ${replicas} replicas of ${size} devices do not fit`);
  }
}
