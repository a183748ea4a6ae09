import type { Plan } from "@apportion/solver";
import type { ResolvedWorld } from "../plan/world-to-snapshot-resolve.ts";

/** Attainments closer than this are the same. */
const SAME = 1e-6;

/**
 * Variants whose window for scaling down does not hold: a workload of a higher class gets less than it was recommended, and they stand
 * in a pool that it could use. Windows smooth what goes up and down by itself; they are no claim against those that go first.
 */
export function givingWay(resolved: ResolvedWorld, recommended: Plan, inside: Plan): Set<string> {
  const wanted = new Map(recommended.workloads.map(({ name, attainment }) => [name, attainment]));
  const shortOf = new Map<string, number>();
  for (const { name, attainment } of inside.workloads) {
    if (attainment >= (wanted.get(name) ?? 0) - SAME) continue;
    for (const { variant, pool, serviceClass } of resolved.plannable.values()) {
      if (variant.workload !== name) continue;
      shortOf.set(pool, Math.min(shortOf.get(pool) ?? Number.POSITIVE_INFINITY, serviceClass.priority));
    }
  }
  const giving = [...resolved.plannable.values()].filter(
    ({ pool, serviceClass }) => serviceClass.priority > (shortOf.get(pool) ?? Number.POSITIVE_INFINITY),
  );
  return new Set(giving.map(({ variant }) => variant.key));
}
