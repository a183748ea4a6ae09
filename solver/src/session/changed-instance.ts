import { attainmentCap } from "../model/attainment.ts";
import type { Goals } from "../model/goals.ts";
import { compile, type Instance, replicasToServeAll } from "../model/instance.ts";
import type { PlacementProblem } from "../problem/types.ts";
import type { Base } from "./base.ts";
import { type ChangeSet, changedPool, changedWorkload, touchedBy } from "./changes.ts";

/** A problem with a change set, compiled by changing only what differs: everything else is shared with the base. */
export interface Changed {
  problem: PlacementProblem;
  instance: Instance;
  goals: Goals;
  /** Workloads with another demand, bound, cost or use of a pool, by index, and pools with other rows. */
  workloads: Set<number>;
  pools: Set<number>;
}

/** The base with changes; undefined where they change more than amounts. @throws UnknownNameError */
export function changedInstance(base: Base, changes: ChangeSet): Changed | undefined {
  const touched = touchedBy(base.names, changes);
  const before = base.instance;
  const problem: PlacementProblem = { ...base.problem };
  if (touched.workloads.size > 0) problem.workloads = base.problem.workloads.slice();
  if (touched.pools.size > 0) problem.pools = base.problem.pools.slice();
  for (const at of touched.workloads) problem.workloads[at] = changedWorkload(problem.workloads[at]!, changes);
  for (const at of touched.pools) problem.pools[at] = changedPool(problem.pools[at]!, changes);
  const instance: Instance = { ...before, problem };
  const goals: Goals = { ...base.goals };
  const changed: Changed = { problem, instance, goals, workloads: new Set(), pools: new Set() };
  for (const at of touched.pools) {
    const p = before.pools.findIndex((pool) => pool.name === problem.pools[at]!.name);
    if (!replacePool(changed, p, at)) return undefined;
  }
  return replaceWorkloads(changed, base, [...touched.workloads]) ? changed : undefined;
}

/** Pool p with other nodes or devices; false where its rows are others than before. */
function replacePool(changed: Changed, p: number, at: number): boolean {
  const { instance, problem } = changed;
  const own = new Set(instance.pools[p]!.variants.map((v) => instance.variants[v]!.workload));
  const pool = instance.pools[p]!.name;
  const names = [...own].map((m) => instance.workloads[m]!.name);
  const byName = new Set(names);
  const workloads = problem.workloads.flatMap((w) =>
    byName.has(w.name) ? [{ ...w, variants: w.variants.filter((v) => v.pool === pool) }] : [],
  );
  const alone = compile({ ...problem, pools: [problem.pools[at]!], workloads, quotas: [], cohorts: [] });
  const variants = instance.pools[p]!.variants;
  const rows = instance.rowsOfPool[p]!;
  if (alone.rows.length !== rows.length || alone.variants.length !== variants.length) return false;
  const same = rows.every((r, i) => {
    const [old, next] = [instance.rows[r]!, alone.rows[i]!];
    return (
      old.key === next.key &&
      old.variants.length === next.variants.length &&
      old.variants.every((v, k) => v === variants[next.variants[k]!] && old.coefficients[k] === next.coefficients[k])
    );
  });
  if (!same) return false;
  instance.rows = instance.rows.slice();
  rows.forEach((r, i) => {
    instance.rows[r] = { ...instance.rows[r]!, capacity: alone.rows[i]!.capacity };
  });
  instance.pools = instance.pools.slice();
  const nodes = alone.pools[0]!.nodes.map((n) => ({
    ...n,
    holds: new Map([...n.holds].map(([v, k]) => [variants[v]!, k] as const)),
  }));
  instance.pools[p] = { ...alone.pools[0]!, nodes, variants };
  instance.variants = instance.variants.slice();
  for (const [i, v] of variants.entries()) {
    const model = { ...instance.variants[v]!, eligible: alone.variants[i]!.eligible };
    const before = model.useful;
    instance.variants[v] = model;
    model.useful = usefulOf(instance, v);
    if (model.useful !== before) changed.workloads.add(model.workload);
  }
  changed.pools.add(p);
  return true;
}

/** What can ever be of use of a variant, as `compile` has it. */
function usefulOf(instance: Instance, v: number): number {
  const model = instance.variants[v]!;
  let useful = Math.min(model.max, replicasToServeAll(model, instance.workloads[model.workload]!.kind));
  for (const { row, coefficient } of instance.rowsOf[v]!)
    useful = Math.min(useful, Math.floor(instance.rows[row]!.capacity / coefficient + 1e-9));
  return Math.max(model.min, useful);
}

/** Workloads (by position in the problem) as they are now; false where that changes rows, or what the others of a class compare with. */
function replaceWorkloads(changed: Changed, base: Base, positions: number[]): boolean {
  if (positions.length === 0) return true;
  const { instance, goals, problem } = changed;
  // rows stay as they are: bags that hold nothing do for what belongs to the workloads alone
  const few = compile({
    ...problem,
    pools: problem.pools.map((p) => ({ name: p.name, devices: 0 })),
    workloads: positions.map((at) => problem.workloads[at]!),
    quotas: [],
    cohorts: [],
  });
  const costRows = problem.quotas.some((q) => q.maxCostPerHour !== undefined);
  instance.workloads = instance.workloads.slice();
  if (instance.variants === base.instance.variants) instance.variants = instance.variants.slice();
  goals.weight = goals.weight.slice();
  goals.cap = goals.cap.slice();
  for (const w of few.workloads) {
    const m = base.modelOf[base.names.workloads.get(w.name)!]!;
    const { cls, variants } = instance.workloads[m]!;
    const model = { ...w, cls, variants };
    if (model.kind !== instance.workloads[m]!.kind) return false;
    instance.workloads[m] = model;
    w.variants.forEach((own, i) => {
      const v = variants[i]!;
      const { eligible } = instance.variants[v]!;
      const next = { ...few.variants[own]!, workload: m, pool: instance.variants[v]!.pool, eligible };
      instance.variants[v] = next;
      next.useful = usefulOf(instance, v);
    });
    if (costRows && variants.some((v) => instance.variants[v]!.cost !== base.instance.variants[v]!.cost)) return false;
    if (variants.some((v) => instance.variants[v]!.min > instance.variants[v]!.max)) return false;
    changed.workloads.add(m);
    goals.cap[m] = model.kind === "idle" ? 1 : attainmentCap(instance, m);
    if (!reweigh(instance, base, goals, m)) return false;
  }
  return true;
}

/** Takes over another weight; false where the smallest of the class, which all are divided by, may have changed. */
function reweigh(instance: Instance, base: Base, goals: Goals, m: number): boolean {
  const [before, now] = [base.instance.workloads[m]!.weight, instance.workloads[m]!.weight];
  if (before === now || instance.workloads[m]!.kind === "idle") return true;
  const unit = before / base.goals.weight[m]!;
  if (now < unit || before <= unit * (1 + 1e-12)) return false;
  goals.weight[m] = now / unit;
  return true;
}
