import { relativeGap } from "../chain/context.ts";
import { attainmentOf } from "../model/attainment.ts";
import { pack } from "../model/packing.ts";
import { type Base, costOfWorkload, reachedIn } from "./base.ts";
import type { Changed } from "./changed-instance.ts";
import { partOf } from "./part.ts";
import { leastValues } from "./stages.ts";
import { type Effort, RUNG_SLACK, touchedUp } from "./touch-up.ts";

/** How much wider than that of the last full solve a gap may be before a round is solved in full: of the objective, in parts. */
const GAP_SLACK = 1e-3;
/** Share of the workloads beyond which a change is no small one. */
const MOST_CHANGED = 0.25;
/** So few workloads are always a small change. */
const FEW = 16;

/** What a quick round found: the state after it. */
export interface Round {
  changed: Changed;
  /** Workloads with other counts than before. */
  moved: Set<number>;
  x: Float64Array;
  a: Float64Array;
  cost: Float64Array;
  used: Float64Array;
  reached: Float64Array;
  /** By stage: proved. */
  bounds: Float64Array;
  /** By stage: least priced values that are others than before. */
  values: Map<number, number>[];
}

/** What a plan of the changed problem uses, serves and costs, where only `members` have other counts. */
function measured(base: Base, changed: Changed, affected: Set<number>, x: Float64Array, members: Int32Array) {
  const { instance, goals } = changed;
  const a = base.a.slice();
  const cost = base.cost.slice();
  const used = base.used.slice();
  const moved = new Set<number>();
  for (const m of members) {
    let same = true;
    for (const v of instance.workloads[m]!.variants) {
      const more = x[v]! - base.x[v]!;
      if (more === 0) continue;
      same = false;
      for (const { row, coefficient } of instance.rowsOf[v]!) used[row] = used[row]! + coefficient * more;
    }
    if (!same) moved.add(m);
    else if (!affected.has(m)) continue;
    a[m] = attainmentOf(instance, m, x);
    cost[m] = costOfWorkload(instance, m, x);
  }
  const reached = Float64Array.from(base.stages, (s) => reachedIn(s, instance, goals, cost, a));
  return { a, cost, used, moved, reached };
}

/** True where the counts can be packed on the pools whose rows do not decide it. */
function packs(base: Base, changed: Changed, x: Float64Array): boolean {
  return changed.instance.pools.every((pool, p) => {
    if (pool.rowsAreExact) return true;
    const same = !changed.pools.has(p) && pool.variants.every((v) => x[v] === base.x[v]);
    return same || pack(changed.instance, p, x) !== undefined;
  });
}

/** Members of a class whom a rung bound hard when the stage's values were taken, and that may miss it now. */
function released(base: Base, reached: Float64Array, at: number): Set<number> {
  const found = new Set<number>();
  for (let i = 0; i < at; i++) {
    const [before, now] = [base.reached[i]!, reached[i]!];
    if (now <= before) continue;
    for (const m of base.instance.classes[base.stages[i]!.cls]!.members) {
      const weight = base.goals.weight[m]!;
      if (weight > before && weight <= now + 2e-6) found.add(m);
    }
  }
  return found;
}

/** Workloads priced anew because a rung was lost, over all stages and workloads: more are a solve of their own. */
const MOST_RELEASED = 2;

/** The proved bound of each stage at its old prices; undefined where too much would have to be priced anew. */
function bounded(
  base: Base,
  changed: Changed,
  affected: Set<number>,
  reached: Float64Array,
): { bounds: Float64Array; values: Map<number, number>[] } | undefined {
  const { instance, goals } = changed;
  const rowIndex = new Map(instance.rows.map((row, r) => [row.key, r]));
  const stageIndex = new Map(base.stages.map((s, i) => [s.name, i]));
  const bounds = new Float64Array(base.stages.length);
  const values: Map<number, number>[] = [];
  const own = partOf(instance, goals, Int32Array.from(affected).sort());
  let most = MOST_RELEASED * instance.workloads.length;
  for (const [at, stage] of base.stages.entries()) {
    const fresh = new Map<number, number>();
    values.push(fresh);
    const before = at > 0 && base.stages[at - 1]!.cls === stage.cls ? bounds[at - 1]! : 0;
    bounds[at] = stage.kind === "rung" ? before : Number.NEGATIVE_INFINITY;
    const least = base.least[at];
    if (!stage.prices || !least) continue;
    const others = released(base, reached, at);
    for (const m of affected) others.delete(m);
    most -= others.size;
    if (most < 0) return undefined;
    const parts = others.size > 0 ? [own, partOf(instance, goals, Int32Array.from(others).sort())] : [own];
    for (const part of parts) {
      const found = leastValues(part, base.stages, reached, at);
      if (!found) return undefined;
      part.members.forEach((m, i) => {
        fresh.set(m, found[i]!);
      });
    }
    let value = 0;
    for (let m = 0; m < least.length; m++) value += least[m]!;
    for (const [m, v] of fresh) value += v - least[m]!;
    for (const [key, price] of stage.prices) {
      const r = rowIndex.get(key);
      value -= price * (r === undefined ? reached[stageIndex.get(key)!]! : instance.rows[r]!.capacity);
    }
    bounds[at] = Math.max(bounds[at]!, stage.kind === "rung" ? sharpened(base, stage.cls, value) : value);
    if (bounds[at]! > reached[at]!) bounds[at] = reached[at]!;
  }
  return { bounds, values };
}

/** The smallest F above a bound: whole where all weights of the class are. */
function sharpened(base: Base, cls: number, bound: number): number {
  const whole = base.instance.classes[cls]!.members.every((m) => Number.isInteger(base.goals.weight[m]!));
  return whole ? Math.ceil(bound - 1e-6) : bound;
}

/** The first stage whose gap is wider than the last full solve left it, and than a round may add; −1 where there is none. */
function firstOpen(base: Base, reached: Float64Array, bounds: Float64Array, gapSlack: number): number {
  return base.stages.findIndex((stage, i) => {
    const open = reached[i]! - bounds[i]!;
    if (stage.kind !== "rung") return open / Math.max(1e-9, Math.abs(reached[i]!)) > base.open[i]! + gapSlack;
    return open > base.open[i]! + Math.max(RUNG_SLACK.weight, RUNG_SLACK.share * base.classWeight[stage.cls]!);
  });
}

/** How many times as wide as allowed a gap of moves among few is where moves among many no longer make up for it. */
const OUT_OF_REACH = 2;
/** Share of the rows with a price beyond which few are not enough: most moves push others. */
const TIGHT = 0.5;

/** How a round is tried, cheapest first. Under rungs, what many can give by single moves is not worth looking for. */
function effortsOf({ stages, instance }: Base): Effort[] {
  if (stages.length > 1) return ["few", "dive"];
  const tight = stages[0]!.prices!.size > TIGHT * instance.rows.length;
  return tight ? ["many", "dive"] : ["few", "many", "dive"];
}

/** True where a round reached more than another in the first stage in which they differ. */
function better(round: Round, than: Round | undefined): boolean {
  if (!than) return true;
  const at = round.reached.findIndex((r, i) => Math.abs(r - than.reached[i]!) > 1e-9 * Math.max(1, Math.abs(r)));
  return at >= 0 && round.reached[at]! < than.reached[at]!;
}

export interface RoundLimits {
  /** How much wider than that of the last full solve the gap of cost or penalty may be: of it, in parts. */
  gapSlack?: number | undefined;
  /** Takes the best round found where none comes close enough to what is proved: its gaps tell. */
  nearest?: boolean;
}

/**
 * A round that prices and places only what a change touches: by single moves first, then by placing all around it anew. undefined where
 * neither comes close enough to what is proved.
 */
export function quickRound(base: Base, changed: Changed, limits: RoundLimits = {}): Round | undefined {
  const { gapSlack = GAP_SLACK, nearest = false } = limits;
  const affected = new Set([...base.moved, ...changed.workloads]);
  if (affected.size > Math.max(FEW, MOST_CHANGED * base.instance.workloads.length)) return undefined;
  const last = base.stages.length - 1;
  let best: Round | undefined;
  let far = false;
  for (const effort of effortsOf(base)) {
    if (far && effort === "many") continue;
    const round = roundBy(effort, base, changed, affected);
    if (!round) continue;
    if (better(round, best)) best = round;
    const open = firstOpen(base, round.reached, round.bounds, gapSlack);
    if (open < 0) return round;
    // a rung that is proved too far off stays so wherever the part is placed
    if (open < last) break;
    const gap = relativeGap(round.reached[last]!, round.bounds[last]!);
    far = gap > OUT_OF_REACH * (base.open[last]! + gapSlack);
  }
  return nearest ? best : undefined;
}

function roundBy(effort: Effort, base: Base, changed: Changed, affected: Set<number>): Round | undefined {
  const placed = touchedUp(base, changed, affected, effort);
  if (!placed || !packs(base, changed, placed.x)) return undefined;
  const state = measured(base, changed, affected, placed.x, placed.members);
  const proof = bounded(base, changed, affected, state.reached);
  return proof && { changed, x: placed.x, ...state, ...proof };
}
