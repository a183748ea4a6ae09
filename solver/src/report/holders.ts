import type { Usage } from "../heuristic/usage.ts";
import type { Instance } from "../model/instance.ts";
import type { BindingRow } from "../plan/types.ts";

/** Who holds the rows and devices of a finished plan: gathered once for each row, since thousands may be short of the same ones. */
export class Holders {
  readonly usage: Usage;
  private readonly instance: Instance;
  private readonly rows: Map<number, BindingRow>;
  private readonly free = new Map<number, number>();

  /** `rows`: those that are known already. */
  constructor(instance: Instance, usage: Usage, rows = new Map<number, BindingRow>()) {
    this.instance = instance;
    this.usage = usage;
    this.rows = rows;
  }

  row(r: number): BindingRow {
    let row = this.rows.get(r);
    if (!row) {
      const { key, capacity } = this.instance.rows[r]!;
      row = { key, used: this.usage.used[r]!, capacity, heldBy: this.heldBy(r) };
      this.rows.set(r, row);
    }
    return row;
  }

  /** By class: devices (or cost per hour). */
  private heldBy(r: number): BindingRow["heldBy"] {
    const { classes, workloads, variants, rows } = this.instance;
    const row = rows[r]!;
    const amounts = new Map<number, number>();
    for (let i = 0; i < row.variants.length; i++) {
      const v = row.variants[i]!;
      const replicas = this.usage.x[v]!;
      if (replicas === 0) continue;
      const { priority } = classes[workloads[variants[v]!.workload]!.cls]!;
      const amount = row.coefficients[i]! * replicas * Math.max(1, row.size);
      amounts.set(priority, (amounts.get(priority) ?? 0) + amount);
    }
    return [...amounts].sort(([a], [b]) => a - b).map(([priority, amount]) => ({ priority, amount }));
  }

  freeDevices(p: number): number {
    let free = this.free.get(p);
    if (free === undefined) {
      let used = 0;
      for (const v of this.instance.pools[p]!.variants) {
        const { size, members } = this.instance.variants[v]!;
        used += this.usage.x[v]! * size * members;
      }
      free = this.instance.pools[p]!.devices - used;
      this.free.set(p, free);
    }
    return free;
  }
}
