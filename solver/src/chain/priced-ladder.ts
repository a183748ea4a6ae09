import type { RungReport } from "../plan/types.ts";
import { type ChainContext, searchMs } from "./context.ts";
import type { KeptRung } from "./keep.ts";
import { claim, proofBehind, restated, rungName } from "./proofs.ts";
import { certifyStage } from "./remeasure.ts";
import { FEW, OPEN_PRICE, ROOM, RungBounds } from "./rung-bounds.ts";
import { boundsAt, openAt, type RungCounts, rungCounts, worstOpen } from "./rung-counts.ts";
import { LADDER, sketch, sketchFull } from "./sketch-ladder.ts";
import { type Aim, softPlans } from "./soft-rungs.ts";
import { sparesOthers } from "./spare-classes.ts";

/** Share of a class's weight that its rungs leave to the classes below it, where somebody misses them. */
const ROOM_BELOW = 0.006;
/** Share of a class's weight that a rung may have open without another round. */
const GOOD = 0.009;
/** What it counts where somebody misses a rung that nobody may miss. */
const MISSED = 1e6;
/** Rounds of plans with rungs at prices. */
const ROUNDS = 4;
/** How much the bound of a rung counts beside that of the last one. */
const LESSER_SHARE = 0.1;
/** Of the time left to the class, what bounds may take before there is a plan. */
const BOUNDS_SHARE = 0.5;
/** Of the time left after bounds, what plans may take; the rest is for bounds of what the plan then has. */
const PLANS_SHARE = 0.6;
/** Of the time left for bounds once there is a plan, what is kept for a glance at each of the others. */
const GLANCE_SHARE = 0.3;

/** One class on its way up. */
class PricedLadder {
  private readonly context: ChainContext;
  private readonly cls: number;
  private readonly bounds: RungBounds;

  constructor(context: ChainContext, cls: number) {
    this.context = context;
    this.cls = cls;
    this.bounds = new RungBounds(context, cls);
  }

  run(): RungReport[] {
    const { context, cls } = this;
    const start = context.x;
    const full = sketchFull(context, cls);
    if (full.isDone) {
      this.bounds.open(1);
      return this.report();
    }
    const until = searchMs(context) * (1 - BOUNDS_SHARE);
    const first = this.bounds.firstProved(full.bound, until);
    this.bounds.firstMissed = LADDER[first]!;
    const before = context.keep.rungs;
    // nobody has to miss the rungs below by what is proved; where that makes the next one dear, or classes above leave but little, few may
    const isLeft = before.every((r) => r.reached <= 1e-6);
    for (const hard of isLeft ? [first, 0] : [0]) {
      context.keep.rungs = [...before];
      this.bounds.rungs.clear();
      if (this.bounds.boundsFrom(first, hard, until)) break;
    }
    if (searchMs(context) > 0 && !this.plan()) {
      // no plan serves all: hardly anybody may miss what nobody may miss
      for (const { kept } of this.bounds.rungs.values())
        if (this.bounds.isOpen(kept)) kept.reached = Math.max(kept.reached, this.bounds.few);
      this.plan();
    }
    // prices of rungs far from what plans can do lead nowhere: the classes above then hold as rows
    if (context.x === start && !context.signal?.aborted) {
      context.keep.rungs = [...before];
      sketch(context, cls);
      context.keep.rungs = [...before, ...[...this.bounds.rungs.values()].map((r) => r.kept)];
    }
    this.settle();
    return this.report();
  }

  /** What the bounds ask of plans; the last one, which all others lead to, counts most. */
  private aims(): Aim[] {
    const { context, cls } = this;
    const byName = new Map(context.keep.rungs.map((r) => [rungName(context.instance, r.cls, r.rung), r]));
    const aims: Aim[] = [];
    for (const { kept, prices } of this.bounds.rungs.values()) {
      if (this.bounds.isOpen(kept)) continue;
      const by = new Map<KeptRung, number>([[kept, 1]]);
      for (const { row, price } of prices) if (byName.has(row)) by.set(byName.get(row)!, price);
      const open: Aim["open"] = (counts) =>
        openAt(context, cls, kept.rung, counts, this.bounds.entries()) / (GOOD * this.bounds.all);
      aims.push({ share: LESSER_SHARE, prices: by, open });
    }
    const last = aims.at(-1);
    if (last) last.share = 1;
    const dearest = aims.reduce((most, a) => Math.max(most, ...a.prices.values()), 1);
    for (const { kept, entry } of this.bounds.rungs.values())
      if (entry.bound <= 1e-6 && this.bounds.isOpen(kept) && kept.reached > 1e-6)
        aims.push({ share: 1, prices: new Map([[kept, OPEN_PRICE * dearest]]), open: (counts) => counts(kept) });
    return aims;
  }

  /** Plans for all rungs at once; true where the one in hand keeps those that nobody may miss. */
  private plan(): boolean {
    const { context, cls } = this;
    const { all } = this.bounds;
    const { keep } = context;
    const hard = keep.rungs.filter((r) => r.cls === cls && r.reached <= 1e-6);
    const missed = (counts: RungCounts) => hard.reduce((sum, r) => sum + counts(r), 0);
    softPlans(context, {
      goal: { cost: 0 },
      aims: this.aims(),
      guarded: keep.rungs.filter((r) => r.cls !== cls),
      near: (ROOM * all) / 4,
      share: PLANS_SHARE,
      rounds: ROUNDS,
      score: (_, counts) => {
        if (!sparesOthers(context, cls, counts)) return Number.NaN;
        // whoever nobody may miss comes first
        return worstOpen(context, cls, counts, this.bounds.entries()) / (GOOD * all) + MISSED * missed(counts);
      },
    });
    return missed(rungCounts(context, context.x)) <= 1e-6;
  }

  /** All rungs in their order, held to what the plan has, and bounds for those that were left out. */
  private settle(): void {
    const { context, cls } = this;
    const { keep } = context;
    const others = keep.rungs.filter((r) => r.cls !== cls);
    const known = new Map(this.bounds.rungs);
    const time = searchMs(context);
    const counts = rungCounts(context, context.x);
    for (const r of others) r.reached = Math.max(r.reached, counts(r));
    keep.rungs = [...others];
    this.bounds.rungs.clear();
    for (const rung of LADDER) {
      const made = known.get(rung);
      const proof = made && proofBehind(made.entry);
      const lost = proof ? made.entry.bound - restated(context.instance, context.goals, proof, counts) : 0;
      const holds = lost <= (GOOD * this.bounds.all) / 4;
      if (made && holds) {
        this.bounds.rungs.set(rung, made);
        keep.rungs.push(made.kept);
        made.kept.reached = counts(made.kept);
      } else {
        if (made) this.bounds.recall(made);
        this.bounds.bound(rung, 0, searchMs(context) < GLANCE_SHARE * time);
      }
      this.bounds.rungs.get(rung)!.kept.reached = counts({ cls, rung });
    }
  }

  private report(): RungReport[] {
    const { context, cls } = this;
    const counts = rungCounts(context, context.x);
    const rungs = [...this.bounds.rungs.values()].sort((a, b) => a.kept.rung - b.kept.rung);
    const byName = new Map(rungs.map((r) => [r.entry.stage, r.entry]));
    const ladder = rungs.map((r) => r.kept.rung);
    const bounds = boundsAt(context, cls, ladder, counts, byName);
    return rungs.map(({ entry, value, kept }, i) => {
      entry.reached = counts(kept);
      claim(entry, bounds[i]!);
      const room = Math.max(FEW, ROOM_BELOW * this.bounds.all);
      kept.reached = entry.reached > 1e-6 ? Math.max(entry.reached, entry.bound + room) : 0;
      certifyStage(context, entry, value);
      return { rung: kept.rung, reached: entry.reached, bound: entry.bound };
    });
  }
}

/**
 * The ladder of a class by prices alone: which rungs nobody has to miss, then bounds of those above, each with some room for the next, then one
 * plan for all of them.
 */
export function pricedLadder(context: ChainContext, cls: number): RungReport[] {
  return new PricedLadder(context, cls).run();
}
