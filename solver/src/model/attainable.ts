import type { Role } from "../problem/types.ts";
import { AskedBefore } from "./asked-before.ts";
import { attainmentOf } from "./attainment.ts";
import type { Instance } from "./instance.ts";
import { SmallestSum } from "./smallest-sum.ts";

const search = new SmallestSum();
const asked = new WeakMap<Instance, AskedBefore>();

/**
 * The smallest attainment ≥ `atLeast` (up to 1) that integer replicas of workload m can have, inside its boxes: thresholds rounded
 * up to it exclude nothing and make the rows of a MILP tight. A depth-first subset sum over the gains; `atLeast` where it
 * is not found within the node limit.
 */
export function nextAttainable(instance: Instance, m: number, atLeast: number): number {
  const { kind } = instance.workloads[m]!;
  if (kind === "idle" || atLeast <= 0) return atLeast;
  if (kind === "types") return nextOfTypes(instance, m, atLeast);
  let known = asked.get(instance);
  if (!known) {
    known = new AskedBefore(instance.workloads.length);
    asked.set(instance, known);
  }
  const before = known.find(m, atLeast);
  if (before > 0) return before;
  // whatever the lanes, the attained value is a sum of gains of `both` and of one lane
  const next =
    kind === "plain"
      ? smallestSum(instance, m, "both", atLeast)
      : Math.min(smallestSum(instance, m, "prefill", atLeast), smallestSum(instance, m, "decode", atLeast));
  known.note(m, atLeast, next);
  return next;
}

/** Over the variants that serve both lanes and those of the role. */
function smallestSum(instance: Instance, m: number, role: Role, atLeast: number): number {
  search.clear();
  for (const v of instance.workloads[m]!.variants) {
    const model = instance.variants[v]!;
    if (model.role === "both") search.add(model.gain, model.useful);
  }
  if (role !== "both")
    for (const v of instance.workloads[m]!.variants) {
      const model = instance.variants[v]!;
      if (model.role === role) search.add(model.gain, model.useful);
    }
  return search.reaching(atLeast - 1e-9, atLeast);
}

/** Boxes of at most this many placements of one workload with request types are listed, larger ones are resolved to `RESOLUTION`. */
const LIST_LIMIT = 400;
/** Attainments of large workloads with request types are told apart from here on. */
const RESOLUTION = 1e-6;

const listed = new WeakMap<Instance, Map<number, number[] | undefined>>();

/** All attainments of a workload with request types, rising; undefined where there are too many placements to list. */
function attainmentsOfTypes(instance: Instance, m: number): number[] | undefined {
  const variants = instance.workloads[m]!.variants;
  if (variants.reduce((n, v) => n * (instance.variants[v]!.useful + 1), 1) > LIST_LIMIT) return undefined;
  const found = new Set<number>();
  const x: Record<number, number> = {};
  const visit = (i: number) => {
    if (i === variants.length) {
      found.add(attainmentOf(instance, m, x));
      return;
    }
    for (let k = 0; k <= instance.variants[variants[i]!]!.useful; k++) {
      x[variants[i]!] = k;
      visit(i + 1);
    }
  };
  visit(0);
  return [...found].sort((a, b) => a - b);
}

function nextOfTypes(instance: Instance, m: number, atLeast: number): number {
  const known = listed.get(instance) ?? new Map<number, number[] | undefined>();
  listed.set(instance, known);
  if (!known.has(m)) known.set(m, attainmentsOfTypes(instance, m));
  const list = known.get(m);
  // 1e-9: the linear programs behind the list end that close to the true value
  if (list) return list.find((a) => a >= atLeast - 1e-9) ?? atLeast;
  return Math.min(1, Math.max(atLeast, RESOLUTION));
}
