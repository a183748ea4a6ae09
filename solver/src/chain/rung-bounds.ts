import { attainments } from "../model/attainment.ts";
import { weightBelow } from "../model/goals.ts";
import type { CertificateEntry } from "../plan/types.ts";
import { type ChainContext, searchMs } from "./context.ts";
import type { KeptRung } from "./keep.ts";
import { noteProof, proofOf, rungName } from "./proofs.ts";
import { nextWeightSum, rungCounts } from "./rung-counts.ts";
import { LADDER, weightOf } from "./sketch-ladder.ts";

/** Share of a class's weight that each rung leaves to those above it: the less, the dearer devices get, and the less a plan can match its bound. */
export const ROOM = 0.009;
/** Weight that may miss a rung of those that nobody has to miss, where hardly a plan serves all. */
export const FEW = 2;
const FEW_SHARE = 0.002;
/** What that costs, in prices of the dearest rung. */
export const OPEN_PRICE = 2;
/** Share of a class's weight that has to miss the first rung only because nobody may miss those below: hardly a plan keeps them then. */
const DEAR = 0.01;
/** By how much more room rungs get where no plan keeps them, in rooms. */
const LOOSER = 2;
/** Steps from rung to rung that get prices of their own before there is a plan: the lower ones are those that bind. */
const STEPS = [1, 2, 3, 5, 8];

/** A rung of the class at hand with what is known of it. */
export interface Rung {
  kept: KeptRung;
  entry: CertificateEntry;
  value(x: Float64Array): number;
  /** Prices behind the newest bound, also where that says nothing. */
  prices: { row: string; price: number }[];
}

/** The rungs of one class with what prices prove of them. Each new one is kept as it is known so far. */
export class RungBounds {
  readonly all: number;
  readonly rungs = new Map<number, Rung>();
  firstMissed: number | undefined;
  private readonly context: ChainContext;
  private readonly cls: number;

  constructor(context: ChainContext, cls: number) {
    this.context = context;
    this.cls = cls;
    this.all = weightOf(context, cls);
  }

  /** Index of the first rung that somebody has to miss, as far as prices prove it: by bisection. The last one where nobody has to. */
  firstProved(top: number, until: number): number {
    const { context, cls } = this;
    let low = 0;
    let high = LADDER.length - 1;
    if (top <= 1e-6) return high;
    while (low < high && searchMs(context) > until) {
      const mid = low === 0 && high === LADDER.length - 1 && top > 0.1 * this.all ? 0 : (low + high) >> 1;
      const rung = LADDER[mid]!;
      const answer = context.prices?.stage(context.keep, this.goal(rung), context.x, {
        ...this.limits(until),
        enough: (loss) => nextWeightSum(context, cls, loss) > 1e-6,
      });
      if (answer && nextWeightSum(context, cls, answer.bound) > 1e-6) {
        high = mid;
        const incumbent = rungCounts(context, context.x)({ cls, rung });
        const bound = nextWeightSum(context, cls, answer.bound);
        context.progress({ stage: rungName(context.instance, cls, rung), incumbent, bound });
      } else low = mid + 1;
    }
    return high;
  }

  private goal(rung: number) {
    return { cost: 0, below: [{ cls: this.cls, rung, factor: 1 }] };
  }

  private limits(until: number) {
    const { context } = this;
    const left = () => searchMs(context) - until;
    return {
      met: () => false,
      out: () => left() <= 0 || context.signal?.aborted === true,
      remainingMs: left,
      starts: 0,
    };
  }

  /** A rung that nobody has to miss as far as is known; kept so. */
  open(rung: number): Rung {
    const { context, cls } = this;
    const { instance, goals, keep } = context;
    const value = (x: Float64Array) => weightBelow(goals, instance.classes[cls]!, attainments(instance, x), rung);
    const kept = { cls, rung, reached: 0, hasRoom: true };
    const stage = rungName(instance, cls, rung);
    const entry: CertificateEntry = { stage, method: "trivial", sense: "min", reached: 0, bound: this.below(rung) };
    const made: Rung = { kept, entry, value, prices: [] };
    this.rungs.set(rung, made);
    keep.rungs.push(kept);
    return made;
  }

  /** The bound of the nearest rung below that has one: F never falls. */
  private below(rung: number): number {
    return Math.max(0, ...[...this.rungs.values()].filter((r) => r.kept.rung < rung).map((r) => r.entry.bound));
  }

  /** The bound of a rung at prices of its own, or at those that are known (`glance`). */
  bound(rung: number, until: number, glance = false): void {
    const { context, cls } = this;
    const { instance, keep, prices } = context;
    const kept = [...keep.rungs];
    const made = this.open(rung);
    const { entry } = made;
    // a plan that misses a rung below, which it need not, says nothing
    const incumbent = this.isKept() ? made.value(context.x) : this.all;
    made.kept.reached = incumbent;
    if (incumbent <= entry.bound + 1e-6 || searchMs(context) <= until) return;
    const known = new Map(prices?.rowPrices);
    const answer = prices?.stage({ ...keep, rungs: kept }, this.goal(rung), context.x, {
      ...this.limits(until),
      enough: (loss) => glance || nextWeightSum(context, cls, loss) >= incumbent - 1e-6,
    });
    // the next rung counts nearly the same: it starts from these prices with this rung at none
    prices?.rowPrices.set(entry.stage, 0);
    if (!answer) return;
    if (answer.bound > this.all + 1e-6) {
      this.loosen();
      for (const [row, price] of known) prices?.rowPrices.set(row, price);
      return;
    }
    made.prices = answer.prices;
    noteProof(entry, proofOf(instance, answer.bound, answer.prices, kept));
    const bound = Math.min(incumbent, nextWeightSum(context, cls, answer.bound));
    if (bound > entry.bound) {
      entry.bound = bound;
      entry.method = "dual";
      entry.prices = answer.prices;
    }
    if (entry.bound > 1e-6) made.kept.reached = entry.bound + ROOM * this.all;
    context.progress({ stage: entry.stage, incumbent, bound: entry.bound });
  }

  /** True where the plan in hand keeps the rungs of the class so far. */
  private isKept(): boolean {
    const { context, cls } = this;
    const counts = rungCounts(context, context.x);
    return context.keep.rungs.every((r) => r.cls !== cls || counts(r) <= r.reached + 1e-6);
  }

  /** No plan keeps what the rungs so far are held to, by what prices prove: they get more room. */
  private loosen(): void {
    for (const { kept } of this.rungs.values()) if (!this.isOpen(kept)) kept.reached += LOOSER * ROOM * this.all;
  }

  entries(): CertificateEntry[] {
    return [...this.rungs.values()].map((r) => r.entry);
  }

  /** True for a rung below those that somebody has to miss. */
  isOpen(kept: KeptRung): boolean {
    return this.firstMissed !== undefined && kept.rung < this.firstMissed - 1e-9;
  }

  /** What may miss a rung that nobody has to miss, where all cannot be served. */
  get few(): number {
    return Math.max(FEW, FEW_SHARE * this.all);
  }

  /**
   * Rungs that nobody may miss up to `hard`, those that hardly anybody may miss, and bounds of those that somebody has to, from `first` on. False
   * where the first of them shows that the others are kept too dearly.
   */
  boundsFrom(first: number, hard: number, until: number): boolean {
    for (const [i, rung] of LADDER.slice(0, first).entries()) {
      const { kept } = this.open(rung);
      if (i >= hard) kept.reached = this.few;
    }
    this.bound(LADDER[first]!, until);
    if (hard > 0 && this.rungs.get(LADDER[first]!)!.entry.bound > DEAR * this.all) return false;
    for (const i of new Set([...STEPS.map((s) => first + s), LADDER.length - 1]))
      if (i < LADDER.length) this.bound(LADDER[i]!, until);
    return true;
  }

  /** Prices of a bound that does not hold any more, with one for the highest rung below that was given up for it. */
  recall({ prices }: Rung): void {
    const { context, cls } = this;
    const known = new Map(prices.map(({ row, price }) => [row, price]));
    const name = (rung: number) => rungName(context.instance, cls, rung);
    const dear = known.get(name(this.firstMissed!)) ?? 1;
    const given = [...this.rungs.values()].findLast(({ kept }) => this.isOpen(kept) && kept.reached > 1e-6);
    if (given) known.set(given.entry.stage, OPEN_PRICE * dear);
    context.prices?.recall(known);
  }
}
