import { type Flat, flatten } from "../lagrange/flat.ts";
import type { Goals } from "../model/goals.ts";
import type { Instance } from "../model/instance.ts";

/** Some workloads of an instance as an instance of their own, all rows included: what the others use is not part of it. */
export interface Part {
  instance: Instance;
  goals: Goals;
  flat: Flat;
  /** The workloads' indexes in the whole instance, rising. */
  members: Int32Array;
}

export function whole(instance: Instance, goals: Goals): Part {
  const members = Int32Array.from(instance.workloads, (_, m) => m);
  return { instance, goals, flat: flatten(instance), members };
}

/** `members`: rising indexes into the workloads of `instance`. Row members are left out: nobody reads them here. */
export function partOf(instance: Instance, goals: Goals, members: Int32Array): Part {
  const part: Instance = {
    ...instance,
    workloads: [],
    variants: [],
    rowsOf: [],
    classes: instance.classes.map((c) => ({ ...c, members: [] })),
  };
  const own: Goals = {
    weight: new Float64Array(members.length),
    cap: new Float64Array(members.length),
    floor: new Float64Array(members.length),
  };
  members.forEach((m, i) => {
    const w = instance.workloads[m]!;
    const first = part.variants.length;
    for (const v of w.variants) {
      part.variants.push({ ...instance.variants[v]!, workload: i });
      part.rowsOf.push(instance.rowsOf[v]!);
    }
    part.workloads.push({ ...w, variants: w.variants.map((_, k) => first + k) });
    part.classes[w.cls]!.members.push(i);
    own.weight[i] = goals.weight[m]!;
    own.cap[i] = goals.cap[m]!;
    own.floor[i] = goals.floor[m]!;
  });
  return { instance: part, goals: own, flat: flatten(part), members };
}

/** Counts of the part's variants out of those of the whole instance (`back`: into them). */
export function countsOf(part: Part, instance: Instance, x: Float64Array, back?: Float64Array): Float64Array {
  const own = back ?? new Float64Array(part.flat.variants);
  part.members.forEach((m, i) => {
    const from = instance.workloads[m]!.variants;
    for (let k = 0; k < from.length; k++) {
      const at = part.flat.first[i]! + k;
      if (back) x[from[k]!] = own[at]!;
      else own[at] = x[from[k]!]!;
    }
  });
  return own;
}
