import { attainments } from "../model/attainment.ts";
import { type Component, componentsOf } from "../model/components.ts";
import { weightBelow } from "../model/goals.ts";
import { type ChainContext, relativeGap } from "./context.ts";
import type { Keep } from "./keep.ts";

/**
 * The independent parts of a problem, where all that is kept is a sum over workloads that they share out (minima, floors and weight below
 * rungs); undefined where there is only one, or where something else is kept.
 */
export function partsOf({ instance, keep }: ChainContext): Component[] | undefined {
  if (keep.brokenMinima || keep.brokenGuarantees || keep.cohortFirst || keep.cost !== undefined) return undefined;
  if (keep.totals.length > 0 || keep.logs.length > 0) return undefined;
  const components = componentsOf(instance);
  return components.length > 1 ? components : undefined;
}

/**
 * True where every stage so far is proved: then each part reaches its own optimum in each of them, and keeping the parts' values is
 * the same as keeping their sums. Where one is open, a part could give what another needs, and bounds of parts would claim too much.
 */
export function isProvedSoFar(context: ChainContext): boolean {
  return context.certificate.every(
    (c) => Math.abs(c.reached - c.bound) <= 1e-6 || relativeGap(c.reached, c.bound) <= context.gap,
  );
}

/** What the plan in hand has of everything kept, counted over some workloads alone. */
export function keepOfPart({ instance, goals, keep, x }: ChainContext, workloads: ReadonlySet<number>): Keep {
  const a = attainments(instance, x);
  const rungs = keep.rungs.map((r) => {
    const klass = instance.classes[r.cls]!;
    const part = { ...klass, members: klass.members.filter((m) => workloads.has(m)) };
    return { ...r, reached: weightBelow(goals, part, a, r.rung) };
  });
  return { ...keep, rungs };
}
