import { solveJslp } from "../engines/jslp-library.ts";
import type { Instance } from "./instance.ts";
import { RecentPlans } from "./recent.ts";

/** An attainment counts as reaching a threshold from this far below it on. */
export const ATTAINMENT_TOLERANCE = 1e-7;

/** Replicas by variant index. */
type Counts = { readonly [variant: number]: number };

/** Rounding of a split: far below the slack that stages leave to what earlier ones reached. */
const SPLIT_PRECISION = 1e-11;

/**
 * The best split of request types over the replicas of one workload: the largest a ≤ 1 with Σ_v share = a for every type and
 * Σ_t share_{v,t}·(d_t/c_{v,t}) ≤ x_v. A linear program of a few columns. `shares[v][t]` is a fraction of the type's demand.
 */
export function splitTypes(instance: Instance, m: number, x: Counts): { attainment: number; shares: number[][] } {
  const w = instance.workloads[m]!;
  const constraints: Record<string, { max?: number; min?: number }> = { full: { max: 1 } };
  const columns: Record<string, Record<string, number>> = { a: { a: 1, full: 1 } };
  w.types.forEach((_, t) => {
    constraints[`t${t}`] = { min: 0 };
    columns.a![`t${t}`] = -1;
  });
  w.variants.forEach((v, i) => {
    if (x[v]! <= 0) return;
    constraints[`v${i}`] = { max: x[v]! };
    instance.variants[v]!.replicasByType.forEach((replicas, t) => {
      if (Number.isFinite(replicas)) columns[`s${i},${t}`] = { [`t${t}`]: 1, [`v${i}`]: replicas };
    });
  });
  const shares = w.variants.map(() => w.types.map(() => 0));
  const answer = solveJslp({ optimize: "a", opType: "max", constraints, variables: columns }, SPLIT_PRECISION);
  const attainment = Math.min(1, Math.max(0, answer?.a ?? 0));
  w.types.forEach((_, t) => {
    const given = w.variants.reduce((sum, _v, i) => sum + (answer?.[`s${i},${t}`] ?? 0), 0);
    if (given <= 0) return;
    // more than asked is cut back, so that every type gets exactly the common attainment
    w.variants.forEach((_v, i) => {
      shares[i]![t] = ((answer?.[`s${i},${t}`] ?? 0) * attainment) / given;
    });
  });
  return { attainment, shares };
}

/** Attainment a_m = min(1, served/demand) of one workload at replica counts `x` (by variant index). */
export function attainmentOf(instance: Instance, m: number, x: Counts): number {
  const w = instance.workloads[m]!;
  if (w.kind === "idle") return 1;
  if (w.kind === "types") return splitTypes(instance, m, x).attainment;
  let both = 0;
  let prefill = 0;
  let decode = 0;
  for (const v of w.variants) {
    const model = instance.variants[v]!;
    const served = model.gain * x[v]!;
    if (model.role === "both") both += served;
    else if (model.role === "prefill") prefill += served;
    else decode += served;
  }
  return whole(both + Math.min(prefill, decode));
}

/** At most 1, and 1 where only rounding is missing. */
function whole(a: number): number {
  return a >= 1 - 1e-12 ? 1 : a;
}

const recent = new WeakMap<Instance, RecentPlans>();

/** Attainments of all workloads. The same array for the same counts as shortly before: nobody may change it. */
export function attainments(instance: Instance, x: ArrayLike<number>): Float64Array {
  let plans = recent.get(instance);
  if (!plans) {
    plans = new RecentPlans();
    recent.set(instance, plans);
  }
  const known = plans.find(x);
  if (known) return known;
  const a = new Float64Array(instance.workloads.length);
  for (let m = 0; m < a.length; m++) a[m] = attainmentOf(instance, m, x);
  plans.note(x, a);
  return a;
}

/** The attainment that the workload's own bounds allow: every variant at its maximum, inventory aside. */
export function attainmentCap(instance: Instance, m: number): number {
  const w = instance.workloads[m]!;
  const most = (v: number) => {
    const { gain, max, min } = instance.variants[v]!;
    const enough = w.kind === "types" ? 1e9 : gain > 0 ? Math.ceil(1 / gain) : 0;
    return Math.min(max, Math.max(enough, min));
  };
  if (w.kind !== "plain") return attainmentOf(instance, m, Object.fromEntries(w.variants.map((v) => [v, most(v)])));
  let a = 0;
  for (const v of w.variants) a += instance.variants[v]!.gain * most(v);
  return whole(a);
}
