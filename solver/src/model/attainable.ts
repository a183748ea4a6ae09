import { attainmentOf } from "./attainment.ts";
import type { Instance } from "./instance.ts";

/** Nodes of the search before the threshold itself is taken, which is always valid. */
const NODE_LIMIT = 4000;

/**
 * The smallest attainment ≥ `atLeast` (up to 1) that integer replicas of workload m can have, inside its boxes: thresholds rounded
 * up to it exclude nothing and make the rows of a MILP tight. A depth-first subset sum over the gains; `atLeast` where it
 * is not found within the node limit.
 */
export function nextAttainable(instance: Instance, m: number, atLeast: number): number {
  const w = instance.workloads[m]!;
  if (w.kind === "idle" || atLeast <= 0) return atLeast;
  if (w.kind === "types") return nextOfTypes(instance, m, atLeast);
  const gains: { gain: number; most: number }[] = [];
  const lanes: { gain: number; most: number }[][] = [[], []];
  for (const v of w.variants) {
    const model = instance.variants[v]!;
    const item = { gain: model.gain, most: model.useful };
    if (model.role === "both") gains.push(item);
    else lanes[model.role === "prefill" ? 0 : 1]!.push(item);
  }
  const goal = atLeast - 1e-9;
  if (w.kind === "plain") return smallestSum(gains, goal, atLeast);
  // whatever the lanes, the attained value is a sum of gains of `both` and of one lane
  const viaPrefill = smallestSum([...gains, ...lanes[0]!], goal, atLeast);
  const viaDecode = smallestSum([...gains, ...lanes[1]!], goal, atLeast);
  return Math.min(viaPrefill, viaDecode);
}

function smallestSum(items: { gain: number; most: number }[], goal: number, fallback: number): number {
  const order = [...items].sort((a, b) => b.gain - a.gain);
  let best = Number.POSITIVE_INFINITY;
  let nodes = 0;
  const visit = (i: number, sum: number): boolean => {
    if (sum >= goal) {
      best = Math.min(best, sum);
      return true;
    }
    if (i === order.length) return true;
    if (++nodes > NODE_LIMIT) return false;
    const { gain, most } = order[i]!;
    const needed = Math.min(most, Math.ceil((goal - sum) / gain));
    for (let k = needed; k >= 0; k--) {
      if (++nodes > NODE_LIMIT) return false;
      if (sum + k * gain >= best) continue;
      if (!visit(i + 1, sum + k * gain)) return false;
      if (best <= goal + 2e-9) return true;
    }
    return true;
  };
  const complete = visit(0, 0);
  return complete && Number.isFinite(best) ? Math.min(1, Math.max(fallback, best)) : fallback;
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
