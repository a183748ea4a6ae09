import { relativeGap } from "../chain/context.ts";
import { Usage } from "../heuristic/usage.ts";
import { levelOf } from "../model/goals.ts";
import { pack } from "../model/packing.ts";
import type {
  BindingRow,
  CertificateEntry,
  ClassReport,
  ObjectiveReport,
  Plan,
  PlanStatus,
  PoolPlan,
  WorkloadPlan,
} from "../plan/types.ts";
import { Holders } from "../report/holders.ts";
import type { Base } from "./base.ts";
import type { Round } from "./quick-round.ts";
import { ReasonRefresher } from "./refresh-reasons.ts";
import { remember, rowsMoved } from "./row-holders.ts";

/** What a round comes to. */
export interface Summary {
  status: PlanStatus;
  objective: ObjectiveReport;
  classes: ClassReport[];
  /** Names of the workloads with other counts than in the plan before, in the order of plans. */
  changed: string[];
}

export function summaryOf(base: Base, round: Round): Summary {
  const { reached, bounds, changed, moved } = round;
  const open = reached.some((r, i) => relativeGap(r, bounds[i]!) > 1e-6 && Math.abs(r - bounds[i]!) > 1e-6);
  return {
    status: open ? "feasible" : "optimal",
    objective: objectiveOf(base, round),
    classes: base.plan.classes.map((c, cls) => classOf(base, round, c, cls)),
    changed: [...moved].sort((m, n) => m - n).map((m) => changed.instance.workloads[m]!.name),
  };
}

/** The plan of a round: what is as before is shared with the plan before. */
export function quickPlan(base: Base, round: Round): Plan {
  const { stoppedAt: _, ...before } = base.plan;
  const { status, objective, classes } = summaryOf(base, round);
  const rows = rowsMoved(base, { ...round, instance: round.changed.instance });
  const more = moreDevices(base, round);
  const plan: Plan = {
    ...before,
    status,
    objective,
    classes,
    workloads: workloadsOf(base, round, rows),
    pools: before.pools.map((pool, p) => poolOf(round, pool, p, more.get(p))),
    certificate: certificateOf(base, round),
    elapsedMs: 0,
  };
  remember(plan, rows);
  return plan;
}

function certificateOf(base: Base, { reached, bounds }: Round): CertificateEntry[] {
  return base.stages.map((stage, i) => {
    const value = { stage: stage.name, sense: "min" as const, reached: reached[i]!, bound: bounds[i]! };
    // what the rung before bounds needs no prices of its own
    const trivial = stage.kind === "rung" && bounds[i]! <= boundBefore(base, bounds, i);
    if (trivial) return { ...value, method: "trivial" as const };
    // the prices of the full solve: an entry of the plan before may have gone without
    const prices = [...(stage.prices ?? [])].map(([row, price]) => ({ row, price }));
    return { ...value, method: "dual" as const, prices };
  });
}

function boundBefore(base: Base, bounds: Float64Array, at: number): number {
  return at > 0 && base.stages[at - 1]!.cls === base.stages[at]!.cls ? bounds[at - 1]! : 0;
}

function objectiveOf(base: Base, { reached, bounds }: Round): ObjectiveReport {
  const [primal, bound] = [reached.at(-1)!, bounds.at(-1)!];
  const gap = relativeGap(primal, bound);
  return gap <= 1e-12
    ? { name: base.plan.objective.name, primal, bound: primal, gap: 0 }
    : { name: base.plan.objective.name, primal, bound, gap };
}

function classOf(base: Base, { changed, a, reached, bounds }: Round, before: ClassReport, cls: number): ClassReport {
  const level = levelOf(changed.goals, changed.instance.classes[cls]!, a);
  const ladder = base.stages.flatMap((s, i) =>
    s.cls === cls ? [{ rung: s.rung, reached: reached[i]!, bound: bounds[i]! }] : [],
  );
  const short = ladder.find((r) => r.bound > 0);
  return { ...before, level, levelBound: short ? Math.max(level, short.rung) : 1, ladder };
}

/** `rows`: who holds them, as far as that is known; what else is asked for is added. */
function workloadsOf(base: Base, round: Round, rows: Map<number, BindingRow>): WorkloadPlan[] {
  const { changed, x, a, moved, used } = round;
  const { instance } = changed;
  const refresher = new ReasonRefresher(base, round, new Holders(instance, new Usage(instance, x, used), rows));
  const plans = base.plan.workloads.slice();
  for (let m = 0; m < plans.length; m++) {
    const before = plans[m]!;
    if (!moved.has(m) && !changed.workloads.has(m)) {
      if (before.reason) plans[m] = refresher.refreshed(m, before);
      continue;
    }
    const { name, variants } = instance.workloads[m]!;
    const counts = variants.map((v) => ({ name: instance.variants[v]!.name, replicas: x[v]! }));
    plans[m] = { name, attainment: a[m]!, variants: counts };
    if (a[m]! < 1 - 1e-7) plans[m]!.reason = refresher.reason(m);
  }
  return plans;
}

/** By pool where counts are others than before: how many devices more are used. */
function moreDevices(base: Base, { changed, moved, x }: Round): Map<number, number> {
  const { workloads, variants } = changed.instance;
  const more = new Map<number, number>();
  for (const m of moved)
    for (const v of workloads[m]!.variants) {
      const { pool, size, members } = variants[v]!;
      const change = x[v]! - base.x[v]!;
      if (change !== 0) more.set(pool, (more.get(pool) ?? 0) + size * members * change);
    }
  return more;
}

/** `more`: devices used beside those before; undefined where no counts changed. */
function poolOf({ changed, x, used }: Round, before: PoolPlan, p: number, more: number | undefined): PoolPlan {
  const { instance } = changed;
  const pool = instance.pools[p]!;
  if (!changed.pools.has(p) && more === undefined) return before;
  const usedDevices = before.usedDevices + (more ?? 0);
  const rows = instance.rowsOfPool[p]!.map((r, i) => ({
    ...before.rows[i]!,
    used: used[r]!,
    capacity: instance.rows[r]!.capacity,
  }));
  const plan: PoolPlan = { name: pool.name, usedDevices, freeDevices: pool.devices - usedDevices, rows, fits: "rows" };
  if (pool.rowsAreExact) return plan;
  return { ...plan, fits: "packing", packing: pack(instance, p, x)! };
}
