import { dive, emptyPlacement } from "../lagrange/dive.ts";
import { Dual, WARM } from "../lagrange/dual.ts";
import { LocalSearch } from "../lagrange/local-search.ts";
import { Placement } from "../lagrange/placement.ts";
import type { StageModel } from "../lagrange/stage-model.ts";
import { reaches, threshold } from "../model/goals.ts";
import type { Base } from "./base.ts";
import type { Changed } from "./changed-instance.ts";
import { lift } from "./lift.ts";
import { countsOf, type Part, partOf } from "./part.ts";
import { pricedModel } from "./stages.ts";
import { placedIn, type Wishes, wishesOf } from "./wishes.ts";

/**
 * How a changed plan is found: by moves of single workloads among the few who trade most cheaply with the changed ones, among many, or by
 * placing all of these many anew together.
 */
export type Effort = "few" | "many" | "dive";
/** Workloads asked on each pool and in each direction at least, over all of its rows. */
const ASKED = { few: 6, many: 14, dive: 24 };

/** And on each row. */
const FEWEST = 2;

/** Regrets up to this share of the mean workload's part of the objective are not worth a chain. */
const LEAST_REGRET = 1e-3;
/** Moves of one chain. */
const STEPS = 60;
const PASSES = 2;
/** Shares of the prices at which room is filled. */
const SHARES = [1, 0.3, 0];
/** Temperatures of the prices of those who are placed anew, and that of the dive. */
const TEMPERATURES = [1e-2, 1e-3, 1e-4];
const ROUNDS = 2;
const NEWTON_STEPS = 8;
const DIVE = 1e-4;
/** What a rung may lose where its weight cannot be kept: so much, or that share of the class. */
export const RUNG_SLACK = { weight: 2, share: 0.01 };

const never = () => false;

/** Capacities of the part: what those outside it leave; of kept rungs what its members had, and with `slack` half of what one may lose. */
function leaveRoom(base: Base, changed: Changed, part: Part, model: StageModel, old: Float64Array, slack: boolean) {
  const { flat } = part;
  const { capacity, keys } = model;
  for (let r = 0; r < flat.rows; r++) capacity[r] = changed.instance.rows[r]!.capacity - base.used[r]!;
  for (let v = 0; v < flat.variants; v++)
    for (let u = flat.useStart[v]!; u < flat.useStart[v + 1]!; u++)
      capacity[flat.useRow[u]!] = capacity[flat.useRow[u]!]! + flat.useAmount[u]! * old[v]!;
  const stages = new Map(base.stages.map((s) => [s.name, s]));
  for (let r = flat.rows; r < keys.length; r++) {
    const { cls, rung } = stages.get(keys[r]!)!;
    const all = base.classWeight[cls]!;
    let had = slack ? Math.max(RUNG_SLACK.weight, RUNG_SLACK.share * all) / 2 : 0;
    for (const m of part.members)
      if (base.instance.workloads[m]!.cls === cls && !reaches(base.a[m]!, threshold(base.goals, m, rung)))
        had += base.goals.weight[m]!;
    capacity[r] = had;
  }
}

/**
 * Counts for a changed problem: those of the base, but for `members`, the workloads that changed and those around them. undefined where
 * none were found that keep what higher rungs reached.
 */
export function touchedUp(
  base: Base,
  changed: Changed,
  affected: Set<number>,
  effort: Effort,
): { x: Float64Array; members: Int32Array } | undefined {
  const wishes = wishesOf(base, changed);
  if (!wishes) return undefined;
  const { pools, rows } = changed.instance;
  const few = Math.max(FEWEST, Math.round((ASKED[effort] * pools.length) / Math.max(1, rows.length)));
  const members = placedIn(base, changed, affected, wishes, few);
  const part = partOf(changed.instance, changed.goals, members);
  const old = countsOf(part, changed.instance, base.x);
  const last = base.stages.length - 1;
  // one stage alone has no rungs to give way
  for (const slack of effort === "dive" && last > 0 ? [false, true] : [false]) {
    const { model, prices } = pricedModel(part, base.stages, base.reached, last);
    leaveRoom(base, changed, part, model, old, slack);
    const search = effort === "dive" ? divedInto(model, prices) : moved(part, model, prices, old, wishes);
    if (!search) continue;
    const x = base.x.slice();
    countsOf(part, changed.instance, x, improved(base, part, search, prices));
    return { x, members };
  }
  return undefined;
}

/** The old counts inside the bounds of now. */
function kept({ flat, min }: StageModel, old: Float64Array): Float64Array {
  return old.map((k, v) => Math.max(min[v]!, Math.min(flat.most[v]!, k)));
}

/** As `kept`, but for the changed ones: they have what they want. */
function wanted(part: Part, model: StageModel, old: Float64Array, wishes: Wishes): Float64Array {
  const x = kept(model, old);
  part.members.forEach((m, i) => {
    const counts = wishes.counts.get(m);
    if (counts) x.set(counts, model.flat.first[i]!);
  });
  return x;
}

interface Search {
  dual: Dual;
  plan: Placement;
  local: LocalSearch;
}

function fitting(dual: Dual, plan: Placement, prices: Float64Array): Search | undefined {
  const local = new LocalSearch(dual, plan, prices);
  return plan.feasible() || local.settle() ? { dual, plan, local } : undefined;
}

/**
 * Moves from the counts of now, where the changed ones have what they want. Where that cannot be made to fit, they start with what they have,
 * which under rungs seldom is enough.
 */
function moved(
  part: Part,
  model: StageModel,
  prices: Float64Array,
  old: Float64Array,
  wishes: Wishes,
): Search | undefined {
  const dual = new Dual(model, prices);
  dual.run(() => true, WARM);
  if (dual.infeasible) return undefined;
  const starts = [wanted(part, model, old, wishes)];
  if (model.keys.length === part.flat.rows) starts.push(kept(model, old));
  for (const x of starts)
    for (let i = 0; i < part.members.length; i++) dual.columns.add(i, x, part.flat.first[i]!, prices);
  for (const x of starts) {
    const plan = new Placement(dual.columns);
    plan.load(x);
    const search = fitting(dual, plan, prices);
    if (search) return search;
  }
  return undefined;
}

/** All of the part placed anew, at prices of their own. */
function divedInto(model: StageModel, prices: Float64Array): Search | undefined {
  const dual = new Dual(model, prices);
  dual.run(never, TEMPERATURES, ROUNDS, NEWTON_STEPS);
  if (dual.infeasible) return undefined;
  const plan = dive(dual, dual.all, emptyPlacement(dual), dual.prices, DIVE);
  return fitting(dual, plan, dual.prices);
}

function improved(base: Base, part: Part, { dual, plan, local }: Search, prices: Float64Array): Float64Array {
  if (base.stages.length > 1) lift(base, part, plan, dual, prices);
  local.fill(1, never);
  const least = (LEAST_REGRET * Math.abs(plan.objective)) / Math.max(1, part.members.length);
  for (let i = 0; i < PASSES; i++) local.pass(least, STEPS, never);
  for (const share of SHARES) local.fill(share, never);
  return plan.x;
}
