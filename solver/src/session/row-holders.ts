import type { Instance } from "../model/instance.ts";
import type { BindingRow, Plan } from "../plan/types.ts";

/** By plan: what it says of rows, by index. Gathered once, since every reason may name some. */
const known = new WeakMap<Plan, Map<number, BindingRow>>();

/** What the reasons of a plan say of rows, by index in its instance. */
export function rowsSaid(plan: Plan, instance: Instance): Map<number, BindingRow> {
  let said = known.get(plan);
  if (!said) {
    said = new Map();
    const rowOf = new Map(instance.rows.map((row, r) => [row.key, r]));
    for (const w of plan.workloads)
      for (const b of w.reason?.binding ?? []) {
        const r = rowOf.get(b.key)!;
        if (!said.has(r)) said.set(r, b);
      }
    known.set(plan, said);
  }
  return said;
}

/** Remembers what a plan says of rows. */
export function remember(plan: Plan, said: Map<number, BindingRow>): void {
  known.set(plan, said);
}

/** What moved since a plan: workloads, counts and row use, of an instance whose names are those of the plan's. */
interface Moved {
  instance: Instance;
  moved: Set<number>;
  x: Float64Array;
  used: Float64Array;
}

/** Rows of pools of which the plan before (with its counts) says who holds them, with what has moved since. */
export function rowsMoved(
  base: { plan: Plan; x: Float64Array },
  { instance, moved, x, used }: Moved,
): Map<number, BindingRow> {
  const said = rowsSaid(base.plan, instance);
  const amounts = new Map<number, Map<number, number>>();
  for (const r of said.keys()) if (instance.rows[r]!.pool >= 0) amounts.set(r, amountsOf(said.get(r)!));
  for (const m of moved) {
    const { cls, variants } = instance.workloads[m]!;
    const { priority } = instance.classes[cls]!;
    for (const v of variants) {
      const more = x[v]! - base.x[v]!;
      if (more === 0) continue;
      for (const { row, coefficient } of instance.rowsOf[v]!) {
        const held = amounts.get(row);
        const amount = coefficient * more * Math.max(1, instance.rows[row]!.size);
        held?.set(priority, (held.get(priority) ?? 0) + amount);
      }
    }
  }
  const rows = new Map<number, BindingRow>();
  for (const [r, held] of amounts) {
    const { key, capacity } = instance.rows[r]!;
    const heldBy = [...held].filter(([, amount]) => amount > 0).sort(([a], [b]) => a - b);
    rows.set(r, { key, used: used[r]!, capacity, heldBy: heldBy.map(([priority, amount]) => ({ priority, amount })) });
  }
  return rows;
}

function amountsOf(row: BindingRow): Map<number, number> {
  return new Map(row.heldBy.map(({ priority, amount }) => [priority, amount]));
}
