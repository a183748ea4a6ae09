import type { ClassFacts } from "./goals.ts";
import type { World } from "./world.ts";

/** Attainments up to here are nothing: the rung "anything at all" of a proportional class. */
export const NOTHING = 1e-10;

function demanded(world: World, cls: ClassFacts): number[] {
  return cls.members.filter((m) => world.workloads[m]!.kind !== "idle");
}

/** Σ w·a·d of a class that follows `total`, and the Σ w·d that nothing passes. Weights as given. */
export function totalServed(world: World, cls: ClassFacts, attainment: Float64Array) {
  let value = 0;
  let most = 0;
  for (const m of demanded(world, cls)) {
    const all = world.workloads[m]!.weight * world.workloads[m]!.demand;
    value += all * attainment[m]!;
    most += all;
  }
  return { value, most };
}

/** Σ w·ln a and Σ w over the members above zero, and Σ w of those at zero. Weights as given. */
export function logServed(world: World, cls: ClassFacts, attainment: Float64Array) {
  let value = 0;
  let weight = 0;
  let zeroWeight = 0;
  for (const m of demanded(world, cls)) {
    const w = world.workloads[m]!.weight;
    if (attainment[m]! > NOTHING) {
      value += w * Math.log(attainment[m]!);
      weight += w;
    } else zeroWeight += w;
  }
  return { value, weight, zeroWeight };
}

/** Σ costPerHour·x + Σ startCost·max(0, x − current). */
export function costOf(world: World, replicas: Float64Array): number {
  let sum = 0;
  const { cost, startCost, current } = world.variants;
  for (let i = 0; i < replicas.length; i++)
    sum += cost[i]! * replicas[i]! + startCost[i]! * Math.max(0, replicas[i]! - current[i]!);
  return sum;
}

/** Σ shedPenalty·(1 − a). */
export function shedOf(world: World, attainment: Float64Array): number {
  let sum = 0;
  for (let m = 0; m < attainment.length; m++) sum += world.workloads[m]!.shedPenalty * (1 - attainment[m]!);
  return sum;
}

/**
 * Weights, by workload, of those that idle guarantees are lent to first: their tenant shares a cohort with a guarantee on a pool
 * that one of their variants runs on. 0 for all others.
 */
export function cohortFirstWeights(world: World): Float64Array {
  const guaranteed = new Map<string, Set<string | undefined>>();
  const cohorts = new Map<string, Set<string>>();
  for (const q of world.problem.quotas) {
    if (q.cohort === undefined) continue;
    if (q.guaranteedDevices > 0) {
      const pools = guaranteed.get(q.cohort);
      if (pools) pools.add(q.pool);
      else guaranteed.set(q.cohort, new Set([q.pool]));
    }
    const own = cohorts.get(q.tenant);
    if (own) own.add(q.cohort);
    else cohorts.set(q.tenant, new Set([q.cohort]));
  }
  return Float64Array.from(world.workloads, (w) => {
    const own = w.tenant === undefined ? undefined : cohorts.get(w.tenant);
    if (!own || w.kind === "idle") return 0;
    const first = w.variants.some((v) => {
      const pool = world.pools[world.variants.pool[v]!]?.name;
      for (const c of own) if (guaranteed.get(c)?.has(pool)) return true;
      return false;
    });
    return first ? w.weight : 0;
  });
}
