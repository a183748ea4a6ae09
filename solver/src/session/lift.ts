import type { Dual } from "../lagrange/dual.ts";
import type { Placement } from "../lagrange/placement.ts";
import { threshold } from "../model/goals.ts";
import type { Base } from "./base.ts";
import type { Part } from "./part.ts";

/** Needs stand this far below the threshold that they ask for. */
const BELOW = 1e-8;

/**
 * Gives short workloads more in the room that is free, most important class and least attainment first: all that they ask for, else as
 * much as a rung of their class. What is won is kept: as a need of its own, and by the rungs.
 */
export function lift(base: Base, part: Part, plan: Placement, dual: Dual, prices: Float64Array): void {
  const { model } = dual;
  const { flat, goals } = part;
  const limits = new Float64Array(flat.widest);
  const from = Float64Array.from(part.members, (_, i) => plan.attainment(i));
  const short = [...part.members.keys()].filter(
    (i) => goals.weight[i]! > 0 && from[i]! < Math.min(1, goals.cap[i]!) - 1e-7,
  );
  short.sort((i, j) => flat.cls[i]! - flat.cls[j]! || from[i]! - from[j]! || i - j);
  const rungs = base.instance.classes.map((_, cls) => base.stages.filter((s) => s.cls === cls).map((s) => s.rung));
  for (const i of short) {
    const needs = new Set(rungs[flat.cls[i]!]!.map((rung) => threshold(goals, i, rung)));
    plan.limits(i, limits);
    const kept = model.hard[i]!;
    for (const need of [...needs].sort((a, b) => b - a)) {
      if (need <= from[i]! + 1e-7) break;
      model.hard[i] = need - BELOW;
      const found = dual.pricer.solve(i, prices, 1, limits) < Number.POSITIVE_INFINITY;
      if (found && !Number.isNaN(plan.look(i, dual.pricer.x, 0))) {
        plan.set(i, dual.pricer.x, 0);
        break;
      }
      model.hard[i] = kept;
    }
  }
  for (let r = flat.rows; r < model.capacity.length; r++)
    model.capacity[r] = Math.min(model.capacity[r]!, plan.used[r]!);
}
