import { fillMinima } from "../heuristic/minima.ts";
import { fits } from "../heuristic/usage.ts";
import { attainments } from "../model/attainment.ts";
import type { Instance } from "../model/instance.ts";
import type { Conflict } from "../plan/types.ts";
import type { ChainContext } from "./context.ts";
import { keeps, missingAttainment, missingReplicas } from "./keep-check.ts";
import { runStage } from "./stage.ts";

/** The pool whose row the floors of one class and those before overload most, with what they ask and what there is (devices). */
function overloaded(instance: Instance, asked: ArrayLike<number>, variants: number[]): { pool: number; asked: number } {
  const pools = new Map<number, number>();
  for (const v of variants) pools.set(instance.variants[v]!.pool, 0);
  instance.variants.forEach((v, i) => {
    if (pools.has(v.pool)) pools.set(v.pool, pools.get(v.pool)! + v.size * v.members * asked[i]!);
  });
  const worst = [...pools].sort(
    ([p, a], [q, b]) => b - instance.pools[q]!.devices - (a - instance.pools[p]!.devices) || p - q,
  )[0]!;
  return { pool: worst[0], asked: worst[1] };
}

/**
 * Minimum replicas, highest class first. Where they fit, they become bounds. Where not, each class in turn misses as few replicas as
 * possible, and how many that are is kept, not which: later stages choose.
 */
export async function settleMinReplicas(context: ChainContext): Promise<void> {
  const { instance, goals, keep } = context;
  const asked = Float64Array.from(instance.variants, (v) => v.min);
  keep.minReplicas = asked;
  context.x = asked;
  if (fits(instance, asked)) return;
  keep.minReplicas = new Float64Array(asked.length);
  keep.brokenMinima = { asked, missing: [] };
  context.x = fillMinima(instance);
  for (let cls = 0; cls < instance.classes.length; cls++) {
    const result = await runStage(context, {
      name: `floors/${instance.classes[cls]!.priority}`,
      sense: "min",
      trivialBound: 0,
      tolerance: 1e-6,
      value: (x) => (keeps(instance, goals, keep, x) ? missingReplicas(instance, cls, asked, x) : Number.NaN),
      objective: (f) => {
        f.addObjective(f.missingReplicaTerms(cls, asked));
        return { offset: 0, factor: 1 };
      },
      goal: { cost: 0, offset: 0, missing: { cls, asked } },
      sharpen: (bound) => Math.ceil(bound - 1e-6),
    });
    keep.brokenMinima.missing.push({ cls, reached: result.reached });
  }
  // no search was allowed, or it showed that they fit after all
  if (keep.brokenMinima.missing.every((m) => m.reached === 0)) {
    delete keep.brokenMinima;
    keep.minReplicas = asked;
  }
}

/** One conflict for each pool that cannot hold the minima: what the plan had to break. */
export function minimaConflicts(instance: Instance, x: ArrayLike<number>): Conflict[] {
  const asked = instance.variants.map((v) => v.min);
  const byPool = new Map<number, number[]>();
  instance.variants.forEach((variant, v) => {
    if (x[v]! < variant.min) byPool.set(variant.pool, [...(byPool.get(variant.pool) ?? []), v]);
  });
  return [...byPool].map(([pool, variants]) => ({
    rule: "MinReplicas" as const,
    pool: instance.pools[pool]!.name,
    workloads: [...new Set(variants.map((v) => instance.workloads[instance.variants[v]!.workload]!.name))],
    variants: variants.map((v) => instance.variants[v]!.name),
    asked: overloaded(instance, asked, variants).asked,
    available: instance.pools[pool]!.devices,
  }));
}

/**
 * Guarantees: every workload keeps at least the attainment that its tenant's guaranteed devices alone would give. Where they do not
 * fit together, each class in turn misses as little as possible. `promised` by workload.
 */
export async function settleGuarantees(context: ChainContext, promised: Float64Array): Promise<void> {
  const { instance, goals, keep } = context;
  if (promised.every((p) => p === 0)) return;
  for (let cls = 0; cls < instance.classes.length; cls++) {
    const members = instance.classes[cls]!.members.filter((m) => promised[m]! > 0);
    if (members.length === 0) continue;
    const result = await runStage(context, {
      name: `floors/${instance.classes[cls]!.priority}/guarantees`,
      sense: "min",
      trivialBound: 0,
      tolerance: 1e-6,
      value: (x) => {
        const a = attainments(instance, x);
        return keeps(instance, goals, keep, x, a) ? missingAttainment(instance, cls, promised, a) : Number.NaN;
      },
      objective: (f) => {
        f.addObjective(f.missingAttainmentTerms(cls, promised));
        return { offset: 0, factor: 1 };
      },
    });
    if (result.reached <= 1e-6) for (const m of members) goals.floor[m] = promised[m]!;
    else {
      keep.brokenGuarantees ??= { asked: promised, missing: [] };
      keep.brokenGuarantees.missing.push({ cls, reached: result.reached });
    }
  }
}

/** One conflict for each workload that gets less than its guarantee. */
export function guaranteeConflicts(instance: Instance, promised: ArrayLike<number>, a: ArrayLike<number>): Conflict[] {
  return instance.workloads.flatMap((w, m) => {
    if (a[m]! >= promised[m]! - 1e-6) return [];
    return [
      {
        rule: "Guarantee" as const,
        pool: "",
        workloads: [w.name],
        variants: [],
        asked: promised[m]!,
        available: a[m]!,
      },
    ];
  });
}
