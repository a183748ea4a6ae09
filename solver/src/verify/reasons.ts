import type { Plan } from "../plan/types.ts";
import { closeTo, type Findings } from "./findings.ts";
import type { World } from "./world.ts";

/** Rows that a reason says to bind: they exist, and are as full as it says. */
export function checkReasons(world: World, plan: Plan, used: Float64Array, findings: Findings): void {
  for (const w of plan.workloads)
    for (const b of w.reason?.binding ?? []) {
      const r = world.rowIndex.get(b.key);
      if (r === undefined) findings.add(`workloads[${w.name}].reason`, "names a row that is not there", "a row", b.key);
      else if (!closeTo(b.used, used[r]!))
        findings.add(`workloads[${w.name}].reason`, `${b.key} used`, used[r]!, b.used);
      else if (!closeTo(b.capacity, world.rows[r]!.capacity))
        findings.add(`workloads[${w.name}].reason`, `${b.key} capacity`, world.rows[r]!.capacity, b.capacity);
    }
}
