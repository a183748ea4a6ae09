import { Chains } from "./chains.ts";
import { COLUMNS, type Columns } from "./columns.ts";
import { dive } from "./dive.ts";
import type { Dual } from "./dual.ts";
import { EPS, Moves, SHORT } from "./moves.ts";
import type { Placement } from "./placement.ts";
import type { Pricer } from "./pricer.ts";
import { Relief } from "./relief.ts";
import type { StageModel } from "./stage-model.ts";

/** Moves of a repair, and one more for every twenty workloads. */
const REPAIR_MOVES = 1000;
/** Patterns that a workload tries in its turn, beside the one that it wants most. */
const OTHERS = 3;
/** Moves of a repair after the relief by force. */
const FINISH_MOVES = 300;

/**
 * Improves a plan by ejection chains: a workload takes the pattern that it wants at the prices, rows that overflow are relieved by those who
 * lose least for each unit they give back, what is left over is filled; the whole is undone where it was no gain. The measure of what is
 * worth trying is the regret at the prices: plan − bound = Σ regrets + Σ price·slack.
 */
export class LocalSearch {
  readonly plan: Placement;
  private readonly dual: Dual;
  private readonly model: StageModel;
  private readonly columns: Columns;
  private readonly pricer: Pricer;
  private readonly prices: Float64Array;
  private readonly moves: Moves;
  private readonly chains: Chains;
  private readonly limits: Float64Array;

  constructor(dual: Dual, plan: Placement, prices: Float64Array) {
    this.plan = plan;
    this.dual = dual;
    this.model = dual.model;
    this.columns = dual.columns;
    this.pricer = dual.pricer;
    this.prices = prices;
    this.moves = new Moves(dual, plan, prices);
    this.chains = new Chains(dual, plan, prices, this.moves);
    this.limits = new Float64Array(dual.model.flat.widest);
  }

  /** Makes an overloaded plan fit; false where no concession is known, or time is out first. */
  settle(out?: () => boolean, moves = REPAIR_MOVES + this.model.flat.workloads / 20): boolean {
    this.moves.begin();
    const ok = this.chains.run(moves, Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY, true, out);
    this.chains.commit();
    return ok;
  }

  /** Relieves an overloaded plan by force, then by chains where rows other than capacities overflow; false where that is not enough. */
  relieve(): boolean {
    const relief = new Relief(this.dual, this.plan, this.prices);
    return (relief.run() && this.plan.feasible()) || this.settle(undefined, FINISH_MOVES);
  }

  /** Best responses in the room that is left, at a share of the prices; kept where the true objective falls. */
  fill(share: number, out: () => boolean): number {
    const { model, plan, pricer } = this;
    const at = this.prices.map((p, r) => (plan.free(r) > 0.5 ? p * share : p));
    const before = plan.objective;
    for (let m = 0; m < model.flat.workloads; m++) {
      if ((m & 255) === 0 && out()) break;
      if (model.flat.kind[m] === 0) continue;
      plan.limits(m, this.limits);
      if (!(pricer.solve(m, at, 1, this.limits) < Number.POSITIVE_INFINITY)) continue;
      const gain = plan.look(m, pricer.x, 0);
      if (gain < -EPS) plan.set(m, pricer.x, 0);
    }
    return before - plan.objective;
  }

  /** Workloads by what they lose at the prices, most first. */
  private regrets(): { m: number; regret: number }[] {
    const { model, columns, prices } = this;
    const list: { m: number; regret: number }[] = [];
    for (let m = 0; m < model.flat.workloads; m++) {
      const c = columns.cheapest(m, prices);
      if (c < 0) continue;
      const regret = this.moves.pricedNow(m) - columns.priced(m, c, prices);
      if (regret > 1e-7) list.push({ m, regret });
    }
    return list.sort((a, b) => b.regret - a.regret || a.m - b.m);
  }

  /**
   * One pass: every workload that regrets more than `least` tries to take what it wants, until `moves` moves have been looked for. Returns the
   * gain.
   */
  pass(least: number, steps: number, out: () => boolean, moves = Number.POSITIVE_INFINITY): number {
    const { pricer, plan, prices } = this;
    const before = plan.objective;
    const until = this.chains.steps + moves;
    this.moves.forget();
    for (const { m, regret } of this.regrets()) {
      if (regret < least || this.chains.steps >= until || out()) break;
      const start = plan.objective;
      pricer.solve(m, prices);
      if (this.chainFrom(m, pricer.x, 0, steps, start)) continue;
      for (const at of this.others(m, regret, least)) if (this.chainFrom(m, this.columns.x, at, steps, start)) break;
    }
    return before - plan.objective;
  }

  /** m takes counts (from `at` on), others make room; true where the plan is better for it, else nothing has changed. */
  private chainFrom(m: number, x: Float64Array, at: number, steps: number, start: number): boolean {
    this.moves.begin();
    this.chains.change(m, x, at);
    this.moves.hold(m);
    const better = this.chains.run(steps, start, start, false);
    this.chains.commit();
    return better;
  }

  /** Where the columns of m stand that are better than what it has, best first. */
  private others(m: number, regret: number, least: number): number[] {
    const { columns, prices, model } = this;
    const nv = model.flat.first[m + 1]! - model.flat.first[m]!;
    const now = this.moves.pricedNow(m);
    const list: { c: number; p: number }[] = [];
    for (let c = 0; c < columns.count[m]!; c++) {
      const p = columns.priced(m, c, prices);
      if (now - p > least && p > now - regret + 1e-9) list.push({ c, p });
    }
    return list
      .sort((a, b) => a.p - b.p || a.c - b.c)
      .slice(0, OTHERS)
      .map(({ c }) => model.flat.first[m]! * COLUMNS + c * nv);
  }

  /** Workloads around m: those who give or take most cheaply on the rows that its likely patterns use. */
  private around(m: number, most: number): Int32Array {
    const { model, prices } = this;
    const near = new Set<number>([m]);
    const rows: number[] = [];
    for (let i = model.locStart[m]!; i < model.locStart[m + 1]!; i++)
      if (prices[model.locRow[i]!]! > 0) rows.push(model.locRow[i]!);
    for (let k = 0; k < SHORT && near.size < most; k++)
      for (const r of rows) {
        for (const sign of [1, -1]) {
          const who = this.moves.shortlist(r, sign)[k];
          if (who !== undefined && near.size < most) near.add(who);
        }
      }
    return Int32Array.from(near);
  }

  /** Large neighbourhoods: the surroundings of those who regret most are placed anew by a dive of their own. Returns the gain. */
  redive(tries: number, size: number, tau: number, out: () => boolean): number {
    const { plan, model } = this;
    const { flat } = model;
    const before = plan.objective;
    this.moves.forget();
    for (const { m } of this.regrets().slice(0, tries)) {
      if (out()) break;
      const list = this.around(m, size);
      const kept = Array.from(list, (w) => plan.x.slice(flat.first[w]!, flat.first[w + 1]!));
      const start = plan.objective;
      dive(this.dual, list, plan, this.prices, tau);
      this.moves.begin();
      const better = this.chains.run(200, start, start, false);
      this.chains.commit();
      if (better) continue;
      for (let i = 0; i < list.length; i++) plan.set(list[i]!, kept[i]!, 0);
    }
    return before - plan.objective;
  }
}
